import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { serviceOptions, unhurried } from '../../src/postgres/index.js';
import { isConnectionLost, sqlstateOf } from '../../src/common/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { WireProxy } from '../support/wire.proxy.js';

/** The pool's own options with limits that a test can wait for. */
function impatient(url: string): DataSource {
  const options = serviceOptions(url, { poolSize: 1, warn: () => undefined });
  return new DataSource({
    ...options,
    extra: { ...(options.extra as object), statement_timeout: 200, silenceLimitMs: 400 },
  });
}

describe('the limits of a statement outside a deletion', () => {
  let database: TestDatabase;
  let proxy: WireProxy;
  let pool: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await WireProxy.before(database.url);
    pool = await impatient(proxy.url).initialize();
  });

  afterAll(async () => {
    await pool.destroy();
    await proxy.close();
    await database.drop();
  });

  it('the server silence is longer than the longest statement that the server allows', () => {
    const { extra } = serviceOptions(database.url, { warn: () => undefined }) as {
      extra: { statement_timeout: number; silenceLimitMs: number };
    };
    expect(extra.statement_timeout).toBeGreaterThan(0);
    expect(extra.silenceLimitMs).toBeGreaterThan(extra.statement_timeout);
  });

  it('a read whose connection goes half-open fails, and its pool client is replaced', async () => {
    proxy.cutAt('SELECT 1 AS half_open', 'stall');
    const error: unknown = await pool.query('SELECT 1 AS half_open').catch((caught: unknown) => caught);
    expect(proxy.fired).toBe(1);
    expect(isConnectionLost(error)).toBe(true);
    expect(sqlstateOf(error)).toBeUndefined();
    // The pool has room for one: this answer comes by a new connection.
    await expect(pool.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('a connection that only waits for its next statement is left alone', async () => {
    const pid = () => pool.query('SELECT pg_backend_pid() AS pid');
    const before: unknown = await pid();
    await database.query('SELECT pg_sleep(0.6)');
    expect(await pid()).toEqual(before);
  });

  it('a scan may take longer than both limits, which hold again after it', async () => {
    await expect(
      unhurried(pool.manager, (manager) => manager.query('SELECT 7 AS found FROM pg_sleep(0.6)')),
    ).resolves.toEqual([{ found: 7 }]);
    const error: unknown = await pool.query('SELECT pg_sleep(10)').catch((caught: unknown) => caught);
    expect(sqlstateOf(error)).toBe('57014');
  });

  it('a scan that fails tells its own error and gives its session back', async () => {
    await expect(unhurried(pool.manager, (manager) => manager.query('SELECT 1/0'))).rejects.toMatchObject({
      code: '22012',
    });
    await expect(pool.query('SHOW statement_timeout')).resolves.toEqual([{ statement_timeout: '200ms' }]);
  });
});
