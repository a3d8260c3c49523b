import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Set by the cluster's set-up for the test workers. */
export const SERVER_URL = 'SILGI_TEST_SERVER_URL';
export const TEMPLATE = 'SILGI_TEST_TEMPLATE';

/** SQLSTATE object_in_use: somebody is connected to the template, or another clone of it is being made. */
const TEMPLATE_BUSY = '55006';
const CLONE_LIMIT_MS = 60_000;

/** A migrated database of a test file's own. */
export interface TestDatabase {
  readonly name: string;
  /** URL of a login that owns everything in it. */
  readonly url: string;
  /** Runs one statement on a session that nothing else uses meanwhile; sessions are kept for the next statement. */
  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** A new session, of another login where its URL is given; the caller ends it, or {@link drop} does. */
  connect(url?: string): Promise<pg.Client>;
  /** Drops the database and ends every session in it. */
  drop(): Promise<void>;
}

/** URL of the server of this run. */
export function serverUrl(): string {
  return setting(SERVER_URL);
}

/** Clones the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return cloneDatabase(setting(TEMPLATE));
}

/**
 * A database with nothing in it, for tests of the migrations themselves.
 *
 * @param how options of CREATE DATABASE: encoding and locale
 */
export async function createEmptyDatabase(how = ''): Promise<TestDatabase> {
  return cloneDatabase('template0', how);
}

async function cloneDatabase(template: string, how = ''): Promise<TestDatabase> {
  const name = `${setting(TEMPLATE)}_${randomBytes(6).toString('hex')}`;
  const deadline = Date.now() + CLONE_LIMIT_MS;
  for (;;) {
    try {
      await onServer(setting(SERVER_URL), `CREATE DATABASE ${name} TEMPLATE ${template} ${how}`);
      return new ClonedDatabase(name);
    } catch (error) {
      if ((error as pg.DatabaseError).code !== TEMPLATE_BUSY || Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

class ClonedDatabase implements TestDatabase {
  readonly url: string;
  private readonly pool: pg.Pool;

  constructor(readonly name: string) {
    this.url = databaseUrl(setting(SERVER_URL), name);
    this.pool = new pg.Pool({ connectionString: this.url, allowExitOnIdle: true });
    // Tests end sessions and servers; the pool drops what was idle then.
    this.pool.on('error', () => undefined);
  }

  async query<Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, params)).rows;
  }

  async connect(url = this.url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    // Tests end sessions from the server's side; that shows in the next query, not as an uncaught error.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async drop(): Promise<void> {
    await this.pool.end();
    await onServer(setting(SERVER_URL), `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
  }
}

/** Runs one statement on a connection of its own. */
export async function onServer<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  params: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, params)).rows;
  } finally {
    await client.end();
  }
}

/** The same server and login, another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: database tests belong to the e2e project of jest.`);
  return value;
}
