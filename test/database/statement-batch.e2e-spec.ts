import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { PipelinedConnection, serviceOptions } from '../../src/postgres/index.js';
import { isConnectionLost, sqlstateOf } from '../../src/common/index.js';
import { PipelinedClient } from '../../src/postgres/pipeline/pipelined.client.js';
import { StatementFailed } from '../../src/postgres/pipeline/statement.batch.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { WireProxy } from '../support/wire.proxy.js';

const ADD = 'INSERT INTO probe SELECT $1::int RETURNING number, NULL AS nothing';
const ADD_TWICE = 'INSERT INTO probe SELECT $1::int FROM generate_series(1, 2) RETURNING number';
const DIVIDE = 'SELECT 1 / $1::int';
const SLEEP = 'SELECT pg_sleep($1::float)';
const TERMINATE = 'SELECT pg_terminate_backend(pg_backend_pid() + $1::int)';

let database: TestDatabase;
let proxy: WireProxy;
let client: PipelinedClient;
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
/** Connects by way of the proxy. */
const connect = async (silenceLimitMs: number) => {
  client = new PipelinedClient({ connectionString: proxy.url, silenceLimitMs });
  session = client;
  await session.connect();
};
const firstAtOnce = (statements: ReturnType<typeof each>) =>
  statements.map((statement, index) => ({ ...statement, isAnsweredAtOnce: index === 0 }));
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

// The first time a session prepares each statement on the way.
describe.each(['for the first time', 'again'])('a batch of statements that runs %s', (when) => {
  beforeEach(async () => {
    await connect(700);
    await session.query('SET statement_timeout = 500; CREATE TEMPORARY TABLE probe (number int)');
    if (when === 'again') {
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

describe('a batch', () => {
  it('is given up when the server has been silent for longer than all of it may take', async () => {
    await connect(200);
    await session.query('SET statement_timeout = 150; CREATE TEMPORARY TABLE probe (number int)');
    await client.batch(each([ADD, '0'], [DIVIDE, '1']));
    proxy.cutNext('stall');
    const failure = await failureOf(each([ADD, '1'], [DIVIDE, '1']));
    expect(isConnectionLost(failure?.cause)).toBe(true);
    await client.end().catch(() => undefined);
  });

  it('is given up sooner where the server has been silent before the first that is answered at once', async () => {
    await connect(1_000);
    proxy.cutNext('stall');
    // All of it might take a minute and a half, which is longer than this test may.
    const many = each(...Array.from({ length: 89 }, () => [SLEEP, '0'] as [string, string]));
    const failure = await failureOf(firstAtOnce(many));
    expect(failure?.index).toBe(0);
    expect(isConnectionLost(failure?.cause)).toBe(true);
    await client.end().catch(() => undefined);
  });

  it('may be silent behind it for as long as the rest may take', async () => {
    await connect(700);
    const naps = each([SLEEP, '0'], [SLEEP, '0.4'], [SLEEP, '0.4'], [SLEEP, '0.4']);
    await expect(client.batch(firstAtOnce(naps))).resolves.toHaveLength(4);
    await client.end();
  });
});

describe('a transaction', () => {
  const HOW = {
    isolation: 'READ COMMITTED',
    limits: `SELECT set_config('lock_timeout', '2s', true)`,
  } as const;
  let dataSource: DataSource;
  let connection: PipelinedConnection;

  beforeEach(async () => {
    dataSource = new DataSource(serviceOptions(database.url, { poolSize: 1, warn: () => undefined }));
    await dataSource.initialize();
    connection = await PipelinedConnection.take(dataSource);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await connection.release({ isBroken: false });
    await dataSource.destroy();
  });

  it('is answered at once where the session was not used lately, and not where it has just answered', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    await connection.manager.query('SELECT 1');
    const { client: inside } = connection as unknown as { client: { connection: { flush(): void } } };
    const flush = jest.spyOn(inside.connection, 'flush');
    const flushesAt = async (milliseconds: number) => {
      flush.mockClear();
      clock.mockReturnValue(milliseconds);
      await connection.begin(HOW);
      expect(await connection.end('ROLLBACK')).toBe('ROLLBACK');
      return flush.mock.calls.length;
    };
    expect(await flushesAt(1_001)).toBe(1);
    expect(await flushesAt(2_001)).toBe(0);
    expect(await flushesAt(3_002)).toBe(1);
  });

  it('turns one that a repository begins in it into a savepoint, so that it commits nothing', async () => {
    await database.query('CREATE TABLE IF NOT EXISTS public.probe (number int)');
    await connection.begin(HOW);
    await connection.manager.transaction(async (manager) => {
      await manager.query('INSERT INTO public.probe VALUES (1)');
    });
    expect(await connection.status()).toBe('T');
    await connection.end('ROLLBACK');
    expect(await database.query('SELECT FROM public.probe')).toEqual([]);
  });

  it('answers COMMIT with the tag ROLLBACK where a statement in it has failed', async () => {
    await connection.begin(HOW);
    await connection.manager.query('SELECT 1 / 0').catch(() => undefined);
    expect(await connection.status()).toBe('E');
    expect(await connection.end('COMMIT')).toBe('ROLLBACK');
  });
});

describe('batches that share a message', () => {
  const SKIPPED = 'A statement before it has failed';
  const ask = (...statements: Parameters<typeof each>) => client.batch(each(...statements));
  const causeOf = (error: unknown) => (error as StatementFailed).cause;

  beforeEach(async () => {
    client = new PipelinedClient({ connectionString: database.url });
    session = client;
    await session.connect();
    await session.query('CREATE TEMPORARY TABLE probe (number int); BEGIN');
  });

  afterEach(() => client.end());

  it('are executed in their order and each answered by itself', async () => {
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    const pipeline = client.openPipeline();
    const heard: string[] = [];
    for (const number of ['1', '2', '3'])
      await pipeline.add(async () => {
        const answer = await ask([ADD, number]);
        heard.push(number);
        return answer;
      });
    expect(sent).not.toHaveBeenCalled();
    await expect(pipeline.flush()).resolves.toEqual([[[['1', null]]], [[['2', null]]], [[['3', null]]]]);
    expect(heard).toEqual(['1', '2', '3']);
    expect(sent).toHaveBeenCalledTimes(1);
    sent.mockRestore();
    expect(await numbers()).toEqual([1, 2, 3]);
    // It has been flushed: what comes next is alone.
    await expect(ask([ADD, '4'])).resolves.toEqual([[['4', null]]]);
  });

  it('name the first that failed, and tell those behind it that they were skipped', async () => {
    const pipeline = client.openPipeline();
    const ends: Promise<unknown>[] = [];
    const add = (...statements: Parameters<typeof each>) =>
      pipeline.add(() => {
        const end = ask(...statements);
        ends.push(end);
        return end;
      });
    await add([ADD, '1']);
    await add([ADD, '2'], [DIVIDE, '0'], [ADD, '3']);
    await add([ADD, '4']);
    const error: unknown = await pipeline.flush().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ index: 1 });
    expect(sqlstateOf(causeOf(error))).toBe('22012');
    await expect(ends[0]).resolves.toEqual([[['1', null]]]);
    await expect(ends[1]).rejects.toBe(error);
    await expect(ends[2]).rejects.toThrow(SKIPPED);
  });

  it('name the one that failed, where one before it asks for something else meanwhile', async () => {
    const pipeline = client.openPipeline();
    await pipeline.add(async () => {
      await ask([ADD, '1']);
      return numbers();
    });
    await pipeline.add(() => ask([DIVIDE, '0']));
    const error: unknown = await pipeline.flush().catch((reason: unknown) => reason);
    expect(sqlstateOf(causeOf(error))).toBe('22012');
  });

  it('are sent before any other statement, and stop behind one that fails by itself', async () => {
    const pipeline = client.openPipeline();
    expect(await pipeline.add(() => ask([ADD, '1']))).toBe(true);
    expect(await pipeline.add(numbers)).toBe(true);
    expect(await pipeline.add(() => Promise.reject(new Error('by itself')))).toBe(false);
    await expect(pipeline.flush()).rejects.toThrow('by itself');
    expect(await numbers()).toEqual([1]);
  });

  it('ask once each: whoever asks twice without waiting is refused', async () => {
    const pipeline = client.openPipeline();
    await pipeline.add(async () => {
      const first = ask([ADD, '1']);
      await expect(ask([ADD, '2'])).rejects.toThrow('awaited one by one');
      return first;
    });
    await pipeline.flush();
    expect(await numbers()).toEqual([1]);
  });

  it('hear of a lost connection in the statement that it was lost in', async () => {
    const pipeline = client.openPipeline();
    await pipeline.add(() => ask([ADD, '1']));
    await pipeline.add(() => ask([TERMINATE, '0']));
    await pipeline.add(() => ask([ADD, '2']));
    const error: unknown = await pipeline.flush().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ index: 0 });
    expect(isConnectionLost(causeOf(error))).toBe(true);
  });
});
