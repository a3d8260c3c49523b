import { Command } from 'commander';
import { readEnvironment } from '../config/index.js';
import { progressOn } from './progress.js';

const HELP = `
FOLDER holds what Synthea wrote to output/csv: patients.csv and any of its other files, plain or as .csv.gz.
organizations, payers and providers are not about patients and are left out.

Everything is read and checked before anything is written. A bad row is reported as file:line: COLUMN: reason and
rejects its whole patient. A patient is written whole or not at all; one that was deleted is never brought back.
Rows that are in the database already stay as they are, so an import may be repeated.

The database is the one of DATABASE_URL, else the embedded one in DATA_DIR. Where the service has a login of its
own, MIGRATION_DATABASE_URL has to name the one that owns the tables: only that may add patients.

Exit code: 0, every patient of the folder is in the database (or was deleted there); 1, some were rejected or the
import failed; 2, wrong usage or configuration, or FOLDER or its patients.csv is not there.`;

/** `import`: loads a folder of Synthea's CSV files. */
export function importCommand(): Command {
  return new Command('import')
    .argument('<folder>', 'folder with the CSV files')
    .option('--report <file>', 'write every problem to this file, not only the first ones to the screen')
    .addHelpText('after', HELP)
    .action(async (folder: string, { report }: { report?: string }) => {
      const { ImportRun } = await import('./import.run.js');
      const complete = await ImportRun.of(folder, {
        environment: readEnvironment(),
        reportPath: report,
        voice: {
          say: (lines) => process.stdout.write(`${lines}\n`),
          warn: (lines) => process.stderr.write(`${lines}\n`),
          progress: progressOn(process.stderr),
        },
      });
      if (!complete) process.exitCode = 1;
    });
}
