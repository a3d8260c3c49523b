import { Command } from 'commander';
import { checkDeclaration } from '../adoption/index.js';
import { databaseOption, readingAdopted, statementTimeoutOption } from './adopted.database.js';
import { declarationIn } from './declared.file.js';

const HELP = `
Holds the declaration against the database of --database or DATABASE_URL and changes nothing: every table of its schemas stands in
exactly one place, every table and column that it names is there and of the right type, the key of the patients is
unique, and nothing is left to decide. Each difference is one line, file:line:column: what differs. The fingerprint of
names, types and keys is printed, and compared where the declaration has one.

Exit code: 0, decided, and the database is as it says; 1, it differs or is not decided, or the database could not be
read; 2, wrong usage or configuration, or the file is not there or is no declaration.`;

interface CheckOptions {
  readonly database?: string;
  readonly declaration: string;
  readonly statementTimeout: number;
}

/** `adopt check`: whether a declaration is decided, and the database as it says. */
export function adoptCheckCommand(): Command {
  return new Command('check')
    .description('Hold a declaration against the database; the exit code says whether they are one.')
    .addOption(databaseOption())
    .option('--declaration <file>', 'the declaration', 'silgi.yaml')
    .addOption(statementTimeoutOption())
    .addHelpText('after', HELP)
    .action(async ({ declaration: path, ...options }: CheckOptions) => {
      const declaration = await declarationIn(path);
      const { fingerprint, tables, differences } = await readingAdopted(options, (session) =>
        checkDeclaration(session, declaration),
      );
      process.stdout.write([...differences, `fingerprint: ${fingerprint}`, ''].join('\n'));
      const verdict =
        differences.length === 0
          ? `Decided, and the database is as it says: ${tables} tables.`
          : `${differences.length} differences. Nothing was changed.`;
      process.stderr.write(`${verdict}\n`);
      if (differences.length > 0) process.exitCode = 1;
    });
}
