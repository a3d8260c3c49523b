import { closeSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { discover, type Draft, type NamedPatient, PatientRefused, textOfDraft } from '../adoption/index.js';
import { CommandFailed, openOutput, type Output } from '../common/index.js';
import { columnNameOf, identifierOf, NameRefused, tableNameOf } from '../declaration/index.js';
import { productVersion } from '../product/index.js';
import { databaseOption, positive, readingAdopted, statementTimeoutOption } from './adopted.database.js';
import { assertWritable, overwriteOption } from './given.paths.js';
import { progressOn } from './progress.js';

const SAMPLE = 10_000;

const HELP = `
Looks at the database of --database or DATABASE_URL and changes nothing: the session can only read. Which tables are about patients
is told by foreign keys, to any depth, and where there is none by names and types of columns; what their rows say is
counted. Every guess has a mark (decide) with a question for a person. No value of a row is printed, only counts and names.

Names with capitals or dots are written as in SQL: --schema '"Hasta_Kayıt"'. A table that the login may not read is
named, and so is what took longer than a statement may.

Exit code: 0, proposed, and every table could be read; 1, it could not be done, or was proposed though something could
not be read; 2, wrong usage or configuration, or a file cannot be written there.`;

interface DiscoverOptions {
  readonly database?: string;
  readonly schema?: readonly string[];
  readonly patient?: string;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly sample: number;
  readonly statementTimeout: number;
}

/** `adopt discover`: proposes the declaration of a database that is there. */
export function adoptDiscoverCommand(): Command {
  return new Command('discover')
    .description('Propose a declaration of a hospital’s own database, for a person to decide.')
    .addOption(databaseOption())
    .option(
      '--schema <name...>',
      'schemas whose tables are to be declared, all of them; every one unless named',
    )
    .option(
      '--patient <schema.table.column>',
      'the table of patients, one row each, and its key; guessed where it is not named',
    )
    .option('--out <file>', 'write the declaration to this file; else to standard output')
    .addOption(overwriteOption())
    .option('--sample <rows>', 'most rows of a table that are read', positive, SAMPLE)
    .addOption(statementTimeoutOption())
    .addHelpText('after', HELP)
    .action(async (options: DiscoverOptions) => {
      const schemas = (options.schema ?? []).map((name) => named('--schema', name, identifierOf));
      const patient =
        options.patient === undefined ? undefined : named('--patient', options.patient, patientNameOf);
      const output: Output | undefined =
        options.out === undefined
          ? undefined
          : { path: options.out, what: 'The declaration', overwrite: options.overwrite ?? false };
      if (output !== undefined) await assertWritable(output);
      const draft = await drafted({ ...options, schemas, patient });
      const text = textOfDraft(draft, { sample: options.sample, version: productVersion() });
      if (output === undefined) process.stdout.write(text);
      else write(output, text);
      process.stderr.write(`${summaryOf(draft, options.out)}\n`);
      if (draft.unread.length > 0) process.exitCode = 1;
    });
}

async function drafted({
  database,
  schemas,
  patient,
  sample,
  statementTimeout,
}: Pick<DiscoverOptions, 'database' | 'sample' | 'statementTimeout'> & {
  schemas: string[];
  patient: NamedPatient | undefined;
}): Promise<Draft> {
  const progress = progressOn(process.stderr);
  let begun = false;
  try {
    return await readingAdopted({ database, statementTimeout }, (session) =>
      discover(session, {
        schemas,
        patient,
        sample,
        progress: (_table, index, of) => {
          if (!begun) progress.begin('Reading tables', of);
          begun = true;
          if (index > 0) progress.advance(1);
        },
      }),
    );
  } catch (error) {
    if (error instanceof PatientRefused) throw new CommandFailed(`${error.message} Nothing was written.`);
    throw error;
  } finally {
    progress.end();
  }
}

/** The table, and its key where a third part names it. */
function patientNameOf(text: string): NamedPatient {
  try {
    return columnNameOf(text);
  } catch {
    return tableNameOf(text);
  }
}

function named<T>(option: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof NameRefused)) throw error;
    throw new CommandFailed(`${option}: ${error.message}. Nothing was done.`, 2);
  }
}

function write(output: Output, text: string): void {
  const file = openOutput(output);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

function summaryOf(draft: Draft, path: string | undefined): string {
  const { entries, patient, refused, open, unread } = draft;
  const count = (section: string) => entries.filter((entry) => entry.section === section).length;
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title} (${lines.length}):`, ...lines.map((line) => `  ${line}`)];
  const marks = [draft.database, patient, ...entries].reduce((sum, { decide }) => sum + decide.length, 0);
  return [
    ...list('Refused as it is', refused),
    ...list('Not even guessed', open),
    ...list('Not read', unread),
    `${patient.name} seems to be the table of patients, ${count('tables')} tables about patients; ${count('kept')} to be kept, ` +
      `${count('reference')} of reference. ${marks} questions for a person to decide are in ${path ?? 'it'}. Nothing was changed.`,
  ].join('\n');
}
