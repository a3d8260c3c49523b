import { Command, Option } from 'commander';
import { type Encoding, ENCODINGS } from '../common/index.js';
import { readEnvironment } from '../config/index.js';
import { overwriteOption } from './given.paths.js';
import { progressOn } from './progress.js';

const HELP = `
FOLDER holds what Synthea wrote to output/csv: patients.csv and any of its other files, plain or as .csv.gz,
separated by commas, semicolons or tabs. Read are the files of Synthea 1, 2 and 3; what versions 1 and 2 called or
wrote otherwise (DATE for START, years, days without a time) is taken as what it is today, and columns that they did
not have stay empty, which is said. Synthea's "no end" (292278994-08-17) is no end.
organizations, payers and providers are not about patients and are left out. Any other file that is about patients
(patient_expenses) is left out, too, for no table is for it: that is said, and the exit code is 1.

Everything is read and checked before anything is written. A bad row is reported as file:line: COLUMN: reason and
rejects its whole patient. A patient is written whole or not at all; one that was deleted is never brought back.
Rows that are in the database already stay as they are, so an import may be repeated.

The database is the one of DATABASE_URL, else the embedded one in DATA_DIR. Where the service has a login of its
own, MIGRATION_DATABASE_URL has to name the one that owns the tables: only that may add patients.

Exit code: 0, every patient of the folder is in the database (or was deleted there); 1, some were rejected, a file
about patients was left out, or the import failed; 2, wrong usage or configuration, or FOLDER or its patients.csv is not there.`;

interface ImportOptions {
  readonly report?: string;
  readonly overwrite?: true;
  readonly encoding: Encoding;
}

/** `import`: loads a folder of Synthea's CSV files. */
export function importCommand(): Command {
  return new Command('import')
    .argument('<folder>', 'folder with the CSV files')
    .option('--report <file>', 'write every problem to this file, not only the first ones to the screen')
    .addOption(overwriteOption())
    .addOption(
      new Option('--encoding <name>', 'of the files, where they are not UTF-8')
        .choices(ENCODINGS)
        .default('utf-8'),
    )
    .addHelpText('after', HELP)
    .action(async (folder: string, { report, overwrite, encoding }: ImportOptions) => {
      const { ImportRun } = await import('./import.run.js');
      const complete = await ImportRun.of(folder, {
        environment: readEnvironment(),
        reportPath: report,
        overwrite,
        encoding,
        voice: {
          say: (lines) => process.stdout.write(`${lines}\n`),
          warn: (lines) => process.stderr.write(`${lines}\n`),
          progress: progressOn(process.stderr),
        },
      });
      if (!complete) process.exitCode = 1;
    });
}
