import { Command } from 'commander';
import { ConfigurationError, readEnvironment } from '../config/index.js';
import { EmbeddedServer } from '../embedded-postgres/index.js';
import { migrate, revert } from '../postgres/index.js';
import { openingFailure } from './database.session.js';

const HELP = `
Exit code: 0, the database is up to date; 1, it could not be reached, or a migration failed and was undone; 2, wrong
usage or configuration.`;

/** `migrate`: what every start does, on its own; or the last migration undone. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .option('--down', 'undo the last migration, and what is stored in what it made')
    .addHelpText('after', HELP)
    .action(async ({ down }: { down?: boolean }) => {
      const { migrationDatabaseUrl, databaseUrl, dataDir } = readEnvironment();
      const server = databaseUrl === undefined ? await EmbeddedServer.start({ dataDir }) : undefined;
      try {
        const url = server?.url ?? migrationDatabaseUrl;
        if (url === undefined) throw new ConfigurationError('DATABASE_URL must be set.');
        const say = (line: string) => process.stdout.write(`${line}\n`);
        if (down === true) {
          const undone = await revert(url, say);
          say(undone === undefined ? 'There is no migration to undo.' : `Migration ${undone} was undone.`);
          return;
        }
        const { applied } = await migrate(url, say);
        if (applied.length === 0) say('The database is up to date.');
      } catch (error) {
        throw isUnreachable(error) ? openingFailure(error) : error;
      } finally {
        await server?.stop();
      }
    });
}

/** Node tries several addresses of one name, and gathers what each of them answered. */
function isUnreachable(error: unknown): boolean {
  return error instanceof AggregateError || (error as NodeJS.ErrnoException).syscall !== undefined;
}
