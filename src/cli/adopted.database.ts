import { InvalidArgumentError, Option } from 'commander';
import { CommandFailed, sqlstateOf } from '../common/index.js';
import { ConfigurationError, readEnvironment } from '../config/index.js';
import { type ReadOnlySession, withReadOnlySession } from '../postgres/index.js';
import { openingFailure } from './database.session.js';
import { Interruption } from './interruption.js';

const STATEMENT_TIMEOUT_MS = 10_000;

/** A whole number from 1 on, of an option. */
export function positive(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 2_147_483_647)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return number;
}

/** The server ends a statement that takes longer. */
export function statementTimeoutOption(): Option {
  return new Option('--statement-timeout <ms>', 'most milliseconds of one statement')
    .argParser(positive)
    .default(STATEMENT_TIMEOUT_MS);
}

/** For a person at a terminal; whoever writes a script keeps a password out of the list of processes. */
export function databaseOption(): Option {
  return new Option('--database <url>', 'the hospital’s database; DATABASE_URL unless told');
}

/**
 * Reads the database of the option, or of DATABASE_URL, in a session that can only read. A signal cuts it: nothing is written there that
 * could be left half-done.
 *
 * @throws CommandFailed where it cannot be opened, or where a signal came
 * @throws ConfigurationError where neither is set: the embedded database is no hospital's
 */
export async function readingAdopted<T>(
  {
    database,
    statementTimeout,
  }: { readonly database?: string | undefined; readonly statementTimeout: number },
  work: (session: ReadOnlySession) => Promise<T>,
): Promise<T> {
  const { databaseUrl } = readEnvironment(
    database === undefined ? process.env : { ...process.env, DATABASE_URL: database },
  );
  if (databaseUrl === undefined)
    throw new ConfigurationError(
      'DATABASE_URL must be set, or --database: the hospital’s database, with a login that may read it.',
    );
  const interruption = new Interruption();
  const state = { isOpen: false };
  try {
    return await withReadOnlySession(
      databaseUrl,
      { statementTimeoutMs: statementTimeout, signal: interruption.signal },
      (session) => {
        state.isOpen = true;
        return work(session);
      },
    );
  } catch (error) {
    interruption.assertNone('Interrupted. Nothing was written.');
    throw state.isOpen ? readingFailure(error) : openingFailure(error);
  } finally {
    interruption.dispose();
  }
}

/** The database's own words may quote a row. */
function readingFailure(error: unknown): unknown {
  const sqlstate = sqlstateOf(error);
  if (sqlstate === undefined) return error;
  return new CommandFailed(
    `The database refused a statement (SQLSTATE ${sqlstate}). Nothing was changed, and nothing was written.`,
    1,
    { cause: error },
  );
}
