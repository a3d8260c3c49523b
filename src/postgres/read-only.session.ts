import type { QueryResultRow } from 'pg';
import { PipelinedClient } from './pipeline/index.js';
import { LOCK_TIMEOUT, SESSION_SETTINGS, type Settings } from './session.settings.js';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Nothing can be written, whatever is asked; and where a policy would keep rows from the login, a statement fails
 * instead of counting the others alone.
 */
const READ_ONLY_SETTINGS: Settings = {
  ...SESSION_SETTINGS,
  default_transaction_read_only: 'on',
  row_security: 'off',
  lock_timeout: LOCK_TIMEOUT,
};

/** What alters a hospital's table waits for its lock so long that nobody waits behind it for long, and asks again. */
const ALTERING_SETTINGS: Settings = { ...SESSION_SETTINGS, lock_timeout: '300ms' };

/** A session on a database that is not Silgi's, which can only read. */
export interface ReadOnlySession {
  /** Runs one statement in a transaction of its own, so that no snapshot is held longer than that. */
  query<Row extends QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs statements that all see one state of the database; for short ones, since it holds back VACUUM meanwhile. */
  inSnapshot<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Opens a session that can only read, and closes it, however the work ends.
 *
 * @param url PostgreSQL URL of a login that may read the tables
 * @param limits.statementTimeoutMs the server's limit of one statement
 * @param limits.signal cuts the connection, for which the server ends the statement
 * @throws SessionRefused where the session is not as it has to be; the error of the connection where there is none
 */
export function withReadOnlySession<T>(
  url: string,
  limits: SessionLimits,
  work: (session: ReadOnlySession) => Promise<T>,
): Promise<T> {
  return withSession(url, limits, READ_ONLY_SETTINGS, (query) =>
    work({
      query,
      inSnapshot: async (reads) => {
        await query('START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
        try {
          return await reads();
        } finally {
          await query('ROLLBACK').catch(() => undefined);
        }
      },
    }),
  );
}

/** A session on a hospital's database that alters it, statement by statement. */
export interface AlteringSession {
  query<Row extends QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

/**
 * Opens a session that may alter what its login may, and closes it, however the work ends. A statement waits for a lock
 * for 300 ms, and has no other limit of time.
 *
 * @throws SessionRefused where the session is not as it has to be; the error of the connection where there is none
 */
export function withAlteringSession<T>(
  url: string,
  signal: AbortSignal | undefined,
  work: (session: AlteringSession) => Promise<T>,
): Promise<T> {
  return withSession(url, { statementTimeoutMs: 0, signal }, ALTERING_SETTINGS, (query) => work({ query }));
}

interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

async function withSession<T>(
  url: string,
  limits: SessionLimits,
  settings: Settings,
  work: (query: AlteringSession['query']) => Promise<T>,
): Promise<T> {
  const client = new PipelinedClient({
    connectionString: url,
    application_name: 'silgi',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    statement_timeout: limits.statementTimeoutMs,
    settings,
  });
  const pg = client as unknown as {
    connect(): Promise<void>;
    query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
    end(): Promise<void>;
  };
  const query = async (sql: string, params: readonly unknown[] = []) => (await pg.query(sql, params)).rows;
  const cut = () => {
    client.cut();
  };
  await pg.connect();
  limits.signal?.addEventListener('abort', cut);
  try {
    return await work(query as AlteringSession['query']);
  } finally {
    limits.signal?.removeEventListener('abort', cut);
    await pg.end().catch(() => undefined);
  }
}
