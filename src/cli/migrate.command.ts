import { Command } from 'commander';
import { CommandFailed, SessionRefused } from '../common/index.js';
import { ConfigurationError, readEnvironment } from '../config/index.js';
import { EmbeddedServer } from '../embedded-postgres/index.js';
import { migrate, revert, type RevertLoss, RevertRefused } from '../postgres/index.js';
import { openingFailure } from './database.session.js';
import { typedAnswer } from './terminal.question.js';

const HELP = `
--down takes tables and what is stored in them away for good. It says first what would be lost, in rows, and asks for
the name of the database; without a terminal, --confirm gives it. It is refused while a service or a command of Silgi
is connected, and where views, foreign keys or tables that are not Silgi's rest on what would go. What belongs to the
audit log goes only with --with-audit-log as well: export it first (npx silgi export-audit).

Exit code: 0, the database is up to date, or the migration was undone; 1, it could not be reached, a migration failed
and was undone, or undoing it was refused; 2, wrong usage or configuration, or the name was not given.`;

interface MigrateOptions {
  readonly down?: boolean;
  readonly confirm?: string;
  readonly withAuditLog?: boolean;
}

/** `migrate`: what every start does, on its own; or the last migration undone. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .option('--down', 'undo the last migration, and lose what is stored in what it made')
    .option(
      '--confirm <database>',
      'with --down: the name of the database that is to lose it, instead of a question',
    )
    .option('--with-audit-log', 'with --down: lose what belongs to the audit log, too')
    .addHelpText('after', HELP)
    .action(async (options: MigrateOptions) => {
      if (options.down !== true && (options.confirm !== undefined || options.withAuditLog === true))
        throw new CommandFailed('--confirm and --with-audit-log go with --down. Nothing was done.', 2);
      const { migrationDatabaseUrl, dataDir } = readEnvironment();
      const server = migrationDatabaseUrl === undefined ? await EmbeddedServer.start({ dataDir }) : undefined;
      try {
        const url = server?.url ?? migrationDatabaseUrl;
        if (url === undefined) throw new ConfigurationError('DATABASE_URL must be set.');
        if (options.down === true) {
          const undone = await revert(url, say, (loss) => assertWanted(loss, options));
          say(undone === undefined ? 'There is no migration to undo.' : `Migration ${undone} was undone.`);
          return;
        }
        const { applied } = await migrate(url, say);
        if (applied.length === 0) say('The database is up to date.');
      } catch (error) {
        if (error instanceof RevertRefused) throw new CommandFailed(error.message, 1, { cause: error });
        throw isUnreachable(error) || error instanceof SessionRefused ? openingFailure(error) : error;
      } finally {
        await server?.stop();
      }
    });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @throws CommandFailed where it is not wanted, or not said so by name */
async function assertWanted(loss: RevertLoss, { confirm, withAuditLog }: MigrateOptions): Promise<void> {
  const { migration, database, tables, columns, takesAuditLog } = loss;
  say(`Undoing ${migration} in the database ${database} would lose for good:`);
  for (const { name, rows } of tables) say(`  the table ${name} with ${rows} rows`);
  for (const { name, rows } of columns) say(`  the column ${name} of ${rows} rows`);
  if (tables.length + columns.length === 0) say('  no table and no column');
  if (takesAuditLog && withAuditLog !== true)
    throw new CommandFailed(
      'The audit log is among it. Nothing was changed; export it, and add --with-audit-log if it is to go.',
      2,
    );
  const what = takesAuditLog ? 'it, the audit log included' : 'it';
  const name = confirm ?? (await typedAnswer(`To lose ${what}, type the name of the database: `));
  if (name !== database)
    throw new CommandFailed(
      `The name of the database was not given${confirm === undefined ? '' : ` (--confirm ${confirm})`}. Nothing was ` +
        `changed; add --confirm ${database}, or type the name when asked.`,
      2,
    );
}

/** Node tries several addresses of one name, and gathers what each of them answered. */
function isUnreachable(error: unknown): boolean {
  return error instanceof AggregateError || (error as NodeJS.ErrnoException).syscall !== undefined;
}
