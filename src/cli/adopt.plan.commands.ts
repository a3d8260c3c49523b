import { Command } from 'commander';
import {
  type AdoptionPlan,
  AdoptionRefused,
  applyPlan,
  DeclarationDiffers,
  LineFailed,
  type LineWatcher,
  lookAtPlan,
  NotBuilt,
  planOf,
  type PlanLine,
  undoPlan,
} from '../adoption/index.js';
import { CommandFailed, sqlstateOf } from '../common/index.js';
import { ConfigurationError, readEnvironment } from '../config/index.js';
import { MigrationError, RevertRefused } from '../postgres/index.js';
import { databaseOption } from './adopted.database.js';
import { openingFailure } from './database.session.js';
import { declarationIn } from './declared.file.js';
import { Interruption } from './interruption.js';

const PLAN_HELP = `
Prints what the database of --database, MIGRATION_DATABASE_URL or DATABASE_URL lacks for deletions by the declaration, as
SQL in the order in which apply makes it; each line with the lock that others may wait for, and how many rows it reads
or writes. What is there already is marked. Changes nothing.

Exit code: 0, printed; 1, the database is not as the declaration says, or could not be read; 2, wrong usage or
configuration, or the file is not there or is no declaration.`;

const APPLY_HELP = `
Makes what adopt plan prints: a pseudonym for each patient, tables that deleted rows leave for, indexes and foreign keys
where the declaration says fence: add, and what silgi_service may do. The login is one that owns the hospital's tables.
A statement waits for a lock for 300 ms, lets go and asks again for ten minutes, so that nobody waits behind it; tables
are not rewritten, and nobody's ownership, grants or policies are changed. It can be interrupted at any place and run
again: what is there is left as it is.

Exit code: 0, everything is there; 1, something could not be made, or the database is not as the declaration says; 2,
wrong usage or configuration, or the file is not there or is no declaration.`;

const UNDO_HELP = `
Takes away what apply has made, Silgi's own records included, and leaves the database as it was. It is refused while rows
of deleted patients are kept, and while a service is connected. The audit log goes only with --with-audit-log: export it
first (npx silgi export-audit). The database roles stay: they belong to the whole server.

Exit code: 0, taken away; 1, refused, or something could not be taken away; 2, wrong usage or configuration.`;

interface PlanOptions {
  readonly database?: string;
  readonly declaration: string;
}

/** `adopt plan`: what apply would do. */
export function adoptPlanCommand(): Command {
  return planCommand('plan')
    .description('Print what the database lacks for deletions, as SQL, with locks and estimates.')
    .addHelpText('after', PLAN_HELP)
    .action(async (options: PlanOptions) => {
      await withPlan(options, async (url, plan) => {
        const { lines } = await lookAtPlan(url, plan);
        process.stdout.write(`${lines.map(({ line, there }) => textOf(line, there)).join('\n\n')}\n`);
        const missing = lines.filter(({ there }) => !there).length;
        say(
          missing === 0
            ? 'Everything is there.'
            : `${missing} of ${lines.length} lines are to be made: run silgi adopt apply. Nothing was changed.`,
        );
      });
    });
}

/** `adopt apply`: makes the database ready for deletions. */
export function adoptApplyCommand(): Command {
  return planCommand('apply')
    .description('Make what the database lacks for deletions, online.')
    .addHelpText('after', APPLY_HELP)
    .action(async (options: PlanOptions) => {
      await withPlan(options, async (url, plan, signal) => {
        await applyPlan(url, plan, TELLING, say, signal);
        say('Everything is there. Set DECLARATION to this file for the service and its commands.');
      });
    });
}

/** `adopt undo`: takes all of it away. */
export function adoptUndoCommand(): Command {
  return planCommand('undo')
    .description('Take away what apply has made.')
    .option('--with-audit-log', 'lose Silgi’s records and its audit log, too')
    .addHelpText('after', UNDO_HELP)
    .action(async (options: PlanOptions & { withAuditLog?: boolean }) => {
      await withPlan(options, async (url, plan, signal) => {
        await undoPlan(
          url,
          plan,
          { mayLoseLog: options.withAuditLog === true, watcher: TELLING, say },
          signal,
        );
        say('Nothing of Silgi is left but its database roles.');
      });
    });
}

function planCommand(name: string): Command {
  return new Command(name)
    .addOption(databaseOption())
    .option('--declaration <file>', 'the declaration', 'silgi.yaml');
}

async function withPlan(
  { database, declaration: path }: PlanOptions,
  work: (url: string, plan: AdoptionPlan, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const declaration = await declarationIn(path);
  const url = database ?? readEnvironment().migrationDatabaseUrl;
  if (url === undefined)
    throw new ConfigurationError(
      'DATABASE_URL must be set, or --database: the hospital’s database, with a login that owns its tables.',
    );
  const interruption = new Interruption();
  try {
    await work(url, await planOf(url, declaration), interruption.signal);
  } catch (error) {
    interruption.assertNone('Interrupted. What was made so far is there; run it again to go on.');
    throw failureOf(error);
  } finally {
    interruption.dispose();
  }
}

function failureOf(error: unknown): unknown {
  if (error instanceof DeclarationDiffers)
    return new CommandFailed(
      `${error.message}\nThe database is not as the declaration says. Nothing was changed.`,
      1,
      {
        cause: error,
      },
    );
  if (error instanceof RevertRefused) return new CommandFailed(error.message, 1, { cause: error });
  if (error instanceof NotBuilt)
    return new CommandFailed(`${error.message}\nNothing was changed.`, 2, { cause: error });
  if (error instanceof AdoptionRefused)
    return new CommandFailed(`${error.message} Nothing was changed.`, 1, { cause: error });
  if (error instanceof LineFailed)
    return new CommandFailed(
      `${error.message}. What was done before stays; mend the cause and run the same command again.`,
      1,
      { cause: error },
    );
  return error instanceof MigrationError || sqlstateOf(error) !== undefined || error instanceof AggregateError
    ? openingFailure(error)
    : error;
}

function textOf({ what, make, lock, rows }: PlanLine, there: boolean): string {
  const about = [
    `-- ${what}${there ? ' (is there)' : ''}`,
    ...(lock === null ? [] : [`-- locks: ${lock}`]),
    ...(rows === 0 ? [] : [`-- about ${Math.round(rows)} rows`]),
  ];
  return [
    ...about,
    ...make.map((statement) => `${there ? '-- ' : ''}${statement.replaceAll('\n', there ? '\n-- ' : '\n')};`),
  ].join('\n');
}

/** One line for each that is done; what is there says nothing. */
const TELLING: LineWatcher = {
  begins: ({ lock, rows, what }) => {
    if (lock !== null || rows > 100_000) say(`… ${what}`);
  },
  ends: ({ what }, state, why) => {
    if (state === 'there' || state === 'not there') return;
    say(`${state}: ${what}${why === undefined ? '' : ` (${why})`}`);
  },
};

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
