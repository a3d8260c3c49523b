import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { openApi } from '../admin/api.js';
import { integrityCommand } from '../../src/cli/integrity.command.js';
import { migrateCommand } from '../../src/cli/migrate.command.js';
import { DatabaseLifecycle, migrate, serviceOptions } from '../../src/postgres/index.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, onServer, serverUrl, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { Bouncer, type BouncerSettings, isBouncerInstalled } from './bouncer.js';
import { seedForAll, useWholeProduct } from '../deployment/whole.product.js';

const SECRET = 'only-for-this-test';
const suite = isBouncerInstalled() ? describe : describe.skip;

suite('behind PgBouncer, which needs Debian’s package pgbouncer', () => {
  const login = `silgi_test_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await onServer(
      serverUrl(),
      `CREATE ROLE ${login} LOGIN PASSWORD '${SECRET}' IN ROLE silgi_owner, silgi_service`,
    );
  });
  afterAll(async () => {
    await database.drop();
    await onServer(serverUrl(), `DROP ROLE ${login}`);
  });

  const urlOf = () => {
    const url = new URL(database.url);
    url.username = login;
    url.password = SECRET;
    return url.href;
  };

  async function behind<T>(settings: BouncerSettings, work: (bouncer: Bouncer) => Promise<T>): Promise<T> {
    const bouncer = await Bouncer.start(settings, { [login]: SECRET });
    try {
      return await work(bouncer);
    } finally {
      await bouncer.stop();
    }
  }

  it.each([
    ['as it comes', {}],
    ['that drops startup options', { ignore_startup_parameters: 'options,extra_float_digits' }],
  ])('in session mode, %s, the whole product works, as silgi_service', async (_, more) => {
    const own = await createTestDatabase();
    const seeded = await seedForAll(own);
    await behind({ pool_mode: 'session', ...more }, async (bouncer) => {
      const api = await openApi(bouncer.behind(own.url));
      try {
        const pool = api.app.get(DataSource);
        expect(await pool.query('SELECT current_user AS role')).toEqual([{ role: 'silgi_service' }]);
        const whole = await useWholeProduct(api, own, seeded);
        expect(whole).toEqual([seeded.alone, ...seeded.listed].toSorted());
      } finally {
        await api.close();
      }
      process.env['DATABASE_URL'] = bouncer.behind(own.url);
      try {
        const { code, said } = await runInProcess(integrityCommand());
        expect([code, said]).toEqual([0, expect.stringContaining('Healthy.')]);
      } finally {
        delete process.env['DATABASE_URL'];
      }
    });
    await own.drop();
  });

  it('in session mode, the role that a URL asks for is taken though the pooler drops it', () =>
    behind({ pool_mode: 'session', ignore_startup_parameters: 'options' }, async (bouncer) => {
      const url = new URL(bouncer.behind(urlOf()));
      url.searchParams.set('options', '-c role=silgi_owner');
      const pool = await new DataSource(serviceOptions(url.href, { warn: () => undefined })).initialize();
      expect(await pool.query('SELECT current_user AS role')).toEqual([{ role: 'silgi_owner' }]);
      await pool.destroy();
    }));

  it('in session mode, what an earlier client left in a session is dropped, where the pooler does not', () =>
    behind({ pool_mode: 'session', server_reset_query: '', default_pool_size: '2' }, async (bouncer) => {
      const options = serviceOptions(bouncer.behind(urlOf()), { poolSize: 1, warn: () => undefined });
      const process = 'SELECT pg_backend_pid() AS process WHERE $1 = 1';
      const first = await new DataSource(options).initialize();
      const [before] = await first.query<{ process: number }[]>(process, [1]);
      await first.query('SELECT pg_advisory_lock(7)');
      await first.destroy();
      const second = await new DataSource(options).initialize();
      // Prepared under the same name before.
      const [after] = await second.query<{ process: number }[]>(process, [1]);
      expect(after).toEqual(before);
      const locks = await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = $1`, [
        after?.process,
      ]);
      expect(locks).toEqual([]);
      await second.destroy();
    }));

  it.each([
    ['transaction', 'a pool of one session', { default_pool_size: '1' }],
    ['transaction', 'a pool of many', {}],
    [
      'transaction',
      'a pool that takes its sessions in turn',
      { server_round_robin: '1', min_pool_size: '2' },
    ],
    ['transaction', 'a pool that cleans up', { server_reset_query_always: '1' }],
    ['statement', 'a pool of many', {}],
  ] as const)('%s mode with %s is refused in one line, and nothing is set or locked', (mode, _, more) =>
    behind({ pool_mode: mode, ignore_startup_parameters: 'options', ...more }, async (bouncer) => {
      const refusal =
        /^A pooler between Silgi and the database shares sessions between its clients .* Set pool_mode = session .*\.$/;
      await expect(migrate(bouncer.behind(urlOf()))).rejects.toThrow(refusal);
      const found = await database.query<{ locks: string; roles: string }>(
        `SELECT count(*) FILTER (WHERE locktype = 'advisory') AS locks FROM pg_locks
         WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      expect(found).toEqual([{ locks: '0' }]);
      process.env['DATABASE_URL'] = bouncer.behind(urlOf());
      try {
        for (const command of [migrateCommand(), integrityCommand()]) {
          const { code, said } = await runInProcess(command);
          expect([code, said.trim()]).toEqual([1, expect.stringContaining('Set pool_mode = session')]);
          expect(said.trim()).not.toContain('\n');
        }
      } finally {
        delete process.env['DATABASE_URL'];
      }
    }),
  );

  it('a service behind transaction mode, whose migrations go past the pooler, is not ready, says why, and leaves no lock', () =>
    behind({ pool_mode: 'transaction' }, async (bouncer) => {
      const api = await openApi(bouncer.behind(urlOf()), { open: false });
      const opening = api.app.get(DatabaseLifecycle).open(database.url);
      const refusals = () =>
        api.log.filter(({ msg }) => typeof msg === 'string' && msg.includes('Set pool_mode = session'));
      try {
        await until(() => refusals().length > 0);
        expect(refusals()[0]).toMatchObject({ context: 'Database', msg: expect.not.stringContaining('\n') });
        const readiness = await api.call('get', '/health/ready');
        expect(readiness.status).toBe(503);
        expect(readiness.body).toMatchObject({ code: 'SESSION_REFUSED', database: 'down' });
      } finally {
        await api.close();
      }
      expect(await opening).toBe(false);
      expect(
        await database.query(
          `SELECT FROM pg_locks WHERE locktype = 'advisory'
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        ),
      ).toEqual([]);
    }));

  it('session mode with a pool of one session is refused, as the service needs more', () =>
    behind({ pool_mode: 'session', default_pool_size: '1' }, async (bouncer) => {
      await expect(migrate(bouncer.behind(urlOf()))).rejects.toThrow(
        /no second session .* Raise default_pool_size/,
      );
    }));
});
