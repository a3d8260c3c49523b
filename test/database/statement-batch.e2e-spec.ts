import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { isConnectionLost, sqlstateOf } from '../../src/common/index.js';
import { PreparingClient } from '../../src/database/preparing.client.js';
import { StatementFailed } from '../../src/database/statement.batch.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { WireProxy } from '../support/wire.proxy.js';

const ADD = 'INSERT INTO probe SELECT $1::int RETURNING number, NULL AS nothing';
const ADD_TWICE = 'INSERT INTO probe SELECT $1::int FROM generate_series(1, 2) RETURNING number';
const DIVIDE = 'SELECT 1 / $1::int';
const SLEEP = 'SELECT pg_sleep($1::float)';

let database: TestDatabase;
let proxy: WireProxy;
let client: PreparingClient;
/** The same, by the types of `pg`. */
let session: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await WireProxy.before(database.url);
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

const each = (...statements: [text: string, value: string][]) =>
  statements.map(([text, value]) => ({ text, values: [value] }));
const failureOf = (statements: ReturnType<typeof each>) =>
  client.batch(statements).then(
    () => undefined,
    (error: unknown) => error as StatementFailed,
  );
const numbers = async () => {
  const { rows } = await session.query<{ number: number }>('SELECT number FROM probe ORDER BY number');
  return rows.map(({ number }) => number);
};

const isAsleep = async (pid: number) => {
  const asleep = await database.query(
    `SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`,
    [pid],
  );
  return asleep.length === 1;
};

// The first time a session prepares each statement in a trip of its own; from then on all go in one.
describe.each(['for the first time', 'in one trip'])('a batch of statements that runs %s', (when) => {
  beforeEach(async () => {
    client = new PreparingClient({ connectionString: proxy.url, silenceLimitMs: 700 });
    session = client;
    await client.connect();
    await session.query('SET statement_timeout = 500; CREATE TEMPORARY TABLE probe (number int)');
    if (when === 'in one trip') {
      await client.batch(each([ADD, '0'], [ADD_TWICE, '0'], [DIVIDE, '1'], [SLEEP, '0']));
      await session.query('TRUNCATE probe');
    }
  });

  afterEach(() => client.end().catch(() => undefined));

  it('answers the rows of each in PostgreSQL’s own text', async () => {
    await expect(client.batch(each([ADD, '1'], [ADD_TWICE, '2'], [DIVIDE, '1']))).resolves.toEqual([
      [['1', null]],
      [['2'], ['2']],
      [['1']],
    ]);
    expect(await numbers()).toEqual([1, 2, 2]);
  });

  it('says which one failed and why, and executes none after it', async () => {
    await session.query('BEGIN');
    await session.query('SAVEPOINT before');
    const failure = await failureOf(each([ADD, '1'], [DIVIDE, '0'], [ADD, '2']));
    expect(failure).toBeInstanceOf(StatementFailed);
    expect(failure?.index).toBe(1);
    expect(sqlstateOf(failure?.cause)).toBe('22012');
    await session.query('ROLLBACK TO before');
    await expect(client.batch(each([ADD, '3']))).resolves.toEqual([[['3', null]]]);
    await session.query('COMMIT');
    expect(await numbers()).toEqual([3]);
  });

  it('gives each the whole time that one statement has', async () => {
    await expect(client.batch(each([SLEEP, '0.3'], [SLEEP, '0.3'], [SLEEP, '0.3']))).resolves.toHaveLength(3);
    const failure = await failureOf(each([SLEEP, '0'], [SLEEP, '0.6'], [ADD, '1']));
    expect(failure?.index).toBe(1);
    expect(sqlstateOf(failure?.cause)).toBe('57014');
  });

  it('ends with the connection, and says at which statement', async () => {
    const [{ pid } = { pid: 0 }] = (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))
      .rows;
    const running = failureOf(each([ADD, '1'], [SLEEP, '0.4'], [ADD, '2']));
    await until(() => isAsleep(pid));
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    const failure = await running;
    expect(failure?.index).toBe(1);
    expect(isConnectionLost(failure?.cause)).toBe(true);
  });
});

describe('a batch in one trip', () => {
  it('is given up when the server has been silent for longer than all of it may take', async () => {
    client = new PreparingClient({ connectionString: proxy.url, silenceLimitMs: 200 });
    session = client;
    await client.connect();
    await session.query('SET statement_timeout = 150; CREATE TEMPORARY TABLE probe (number int)');
    await client.batch(each([ADD, '0'], [DIVIDE, '1']));
    proxy.cutNext('stall');
    const failure = await failureOf(each([ADD, '1'], [DIVIDE, '1']));
    expect(isConnectionLost(failure?.cause)).toBe(true);
    await client.end().catch(() => undefined);
  });
});
