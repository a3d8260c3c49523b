import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SessionRefused } from '../../common/index.js';

const ANSWER_WITHIN_MS = 5_000;
/** The first is enough unless others use the pooler at the same moment. */
const TURNS = 4;

const SHARED =
  'A pooler between Silgi and the database shares sessions between its clients (transaction or statement pooling): ' +
  'what a session states would be lost, and reach others. Set pool_mode = session for this ' +
  'database in pgbouncer.ini, or name the database itself in the URL.';

/**
 * Finds out a pooler that lets several clients use one session of the server: two clients that are both connected ask
 * for the server's process. One that hands out the session it got back last gives both the same; one that takes its
 * sessions in turn gives one client two. Nothing is set and no transaction is held meanwhile, as the sessions may be
 * somebody else's. Without a pooler the first says so itself: the process it was told at connect is the server's.
 *
 * @param url PostgreSQL URL of the login
 * @throws SessionRefused where sessions are shared, or where there is no second one; `pg`'s own error where the database
 *   cannot be reached
 */
export async function assertOwnSessions(url: string): Promise<void> {
  const clients = [bareClient(url), bareClient(url)] as const;
  const [first, second] = clients;
  try {
    await first.connect();
    const own = await processOf(first);
    if ((first as unknown as { processID: number }).processID === own) return;
    await answered(second.connect());
    const other = await answered(processOf(second));
    for (let turn = 0; turn < TURNS; turn++) {
      // Twice each: of two sessions that are taken in turn, two clients in turn would each get their own.
      for (const [client, expected] of [
        [first, own],
        [first, own],
        [second, other],
        [second, other],
      ] as const)
        if (own === other || (await answered(processOf(client))) !== expected)
          throw new SessionRefused(SHARED);
    }
  } finally {
    // Gone when this returns, but where a pooler lets the second wait.
    await Promise.race([
      Promise.all(clients.map((client) => client.end().catch(() => undefined))),
      pause(ANSWER_WITHIN_MS, undefined, { ref: false }),
    ]);
  }
}

function bareClient(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    application_name: 'silgi at start',
  });
  client.on('error', () => undefined);
  return client;
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

async function answered<T>(asked: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const silence = pause(ANSWER_WITHIN_MS, undefined, { signal: limit.signal }).then(() => {
    throw new SessionRefused(
      `A pooler between Silgi and the database gave no second session within ${ANSWER_WITHIN_MS / 1_000} s. ` +
        'Raise default_pool_size and max_db_connections in pgbouncer.ini: the service takes up to 12.',
    );
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([asked, silence]);
  } finally {
    limit.abort();
    asked.catch(() => undefined);
  }
}
