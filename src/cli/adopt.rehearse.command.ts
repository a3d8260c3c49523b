import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { CommandFailed, SilgiError } from '../common/index.js';
import { ConfigurationError, readEnvironment } from '../config/index.js';
import { DeletionVetoed, PatientOrchestrator, type Rehearsal } from '../orchestrator/index.js';
import { PatientDirectory } from '../patient/index.js';
import type { FailurePoint } from '../protocol/index.js';
import { SERVICE_ROLE } from '../postgres/index.js';
import { databaseOption } from './adopted.database.js';
import { withDatabaseAsItIs } from './database.session.js';
import { assertReadable } from './given.paths.js';
import { requesterHere } from './terminal.requester.js';

const HELP = `
Deletes a patient from every declared table of the hospital's database with all checks that a deletion has, and rolls it
back; then once more with every table, foreign key and trigger timed. So it is known before the first deletion whether
the hospital's own triggers, keys and privileges let it pass, and what is slow: a foreign key that takes long has no
index on the table that refers. Deferred constraints are checked, and not timed.

Nothing is changed. While it runs the patient's rows are locked; the hospital's triggers run and are rolled back with all
they do in this database, sequences go on, and what a trigger does outside of it is not taken back. It works as
silgi_service where the login may.

Exit code: 0, a deletion would go through; 1, it would not, for the reasons that are named, or the database could not be
read; 2, wrong usage or configuration, or the file is not there or is no declaration.`;

interface RehearseOptions {
  readonly database?: string;
  readonly declaration: string;
  readonly patient: string;
}

/** `adopt rehearse`: a deletion, rolled back. */
export function adoptRehearseCommand(): Command {
  return new Command('rehearse')
    .description('Try a deletion out on the database and roll it back, with counts and times by table.')
    .addOption(databaseOption())
    .option('--declaration <file>', 'the declaration', 'silgi.yaml')
    .requiredOption('--patient <key>', 'the hospital’s key of the patient, just as its database writes it')
    .addHelpText('after', HELP)
    .action(async ({ database, declaration, patient: key }: RehearseOptions) => {
      await assertReadable(declaration);
      const given =
        database === undefined ? {} : { DATABASE_URL: database, MIGRATION_DATABASE_URL: undefined };
      const environment = readEnvironment({ ...process.env, DECLARATION: declaration, ...given });
      if (environment.databaseUrl === undefined)
        throw new ConfigurationError('DATABASE_URL must be set, or --database: the hospital’s database.');
      const rehearsal = await withDatabaseAsItIs(
        environment,
        async ({ app }) => {
          const [found] = await app.get(PatientDirectory, { strict: false }).page({ key, limit: 1 });
          if (found === undefined)
            throw new CommandFailed('There is no patient with this key. Nothing was changed.', 1);
          const { patientId } = found;
          const orchestrator = app.get(PatientOrchestrator, { strict: false });
          try {
            return await orchestrator.rehearseDeletion({
              ...(await requesterHere(app, undefined)),
              patientId,
              reason: 'DATA_SUBJECT_REQUEST',
              legalBasis: 'KVKK_ART_7',
              requestId: randomUUID(),
            });
          } catch (error) {
            throw failureOf(error);
          }
        },
        SERVICE_ROLE,
      );
      process.stdout.write(textOf(rehearsal));
      process.stderr.write('A deletion would go through. It was rolled back: nothing was changed.\n');
    });
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof SilgiError)) return error;
  const { point, cause } = error as { point?: FailurePoint; cause?: { constraint?: string; where?: string } };
  const place =
    point && `At the step "${point.step}"${point.table === undefined ? '' : `, table ${point.table}`}`;
  const key = cause?.constraint === undefined ? '' : `, constraint ${cause.constraint}`;
  const functions = functionsIn(cause?.where ?? '');
  const by = functions.length === 0 ? '' : `, in ${functions.join(', called by ')}`;
  const blockers = error instanceof DeletionVetoed ? error.blockers : [];
  const lines = blockers.map(({ shard, code, detail }) => `${shard}: ${code}: ${detail}`);
  const where = place === undefined ? [] : [`${place}${key}${by}.`];
  return new CommandFailed([error.message, ...where, ...lines].join('\n'), 1, { cause: error });
}

/** Of what the server says of the place, in whatever language, the names of functions alone: it may quote a statement. */
function functionsIn(where: string): string[] {
  const lines = where.split('\n').filter((line) => line.includes('PL/pgSQL'));
  return lines.flatMap((line) => /(?:^|\s)((?:"[^"]*"|[^\s"(])+\([^"]*?\))/.exec(line)?.[1] ?? []);
}

function textOf({ answer, milliseconds, times }: Rehearsal): string {
  const took = new Map(times.flatMap(({ tables }) => tables.map((time) => [time.table, time.milliseconds])));
  const rows = answer.shards.flatMap(({ shard, resources }) =>
    resources.map(({ table, rows: count }) => [shard, table, String(count), shown(took.get(table) ?? 0)]),
  );
  const checks = times
    .flatMap((time) => time.checks)
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map(({ name, table, calls, milliseconds: ms }) => [name, table, String(calls), shown(ms)]);
  return [
    ...columns([['shard', 'table', 'rows', 'ms'], ...rows]),
    '',
    ...columns([['foreign key or trigger', 'on rows of', 'calls', 'ms'], ...checks]),
    '',
    `${answer.totalRows} rows; all of the deletion but its commit took ${shown(milliseconds)} ms.`,
    '',
  ].join('\n');
}

const shown = (ms: number) => ms.toFixed(1);

/** Lines of which the last two columns are figures. */
function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, at) =>
        at < line.length - 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join('  '),
  );
}
