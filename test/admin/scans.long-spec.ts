import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PoolUsage } from '../../src/postgres/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

let database: TestDatabase;
let api: Api;

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});

afterEach(async () => {
  await api.close();
  await database.drop();
});

const SCANS = [
  ['/integrity', 'clinical.sharded_tani'],
  ['/audit-log/verification', 'audit.audit_log_leaf'],
] as const;

/** Sessions of the service that are inside a scan of this table. */
const sessionsOn = async (wait: string) => {
  const [row] = await database.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'silgi' AND wait_event = $1`,
    [wait],
  );
  return row?.sessions ?? -1;
};

/** Every row of the table takes a minute to read. */
const slow = (table: string) =>
  database.query(
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
     DROP POLICY IF EXISTS silgi_reads ON ${table};
     CREATE POLICY silgi_reads ON ${table} TO silgi_service USING (true);
     CREATE POLICY slow ON ${table} AS RESTRICTIVE TO silgi_service USING (pg_sleep(60)::text = '')`,
  );

describe.each(SCANS)('%s', (path, table) => {
  it('leaves the pool to others: of ten calls behind a lock one waits, two seconds, and nine are told at once', async () => {
    const other = await database.connect();
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    const calls = Promise.all(Array.from({ length: 10 }, () => api.call('get', path, 'auditor')));
    await until(async () => (await sessionsOn('relation')) > 0);
    const busy = () => {
      const { total, idle } = api.app.get(PoolUsage).count();
      return total - idle;
    };
    // The scan, and the sealer or a worker beside it; while it still waits. Others come and go beside them.
    await until(() => busy() <= 3, 1_500);
    await api.call('get', '/patients', 'system-admin').expect(200);
    const answers = await calls;
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(9);
    for (const answer of refused) {
      expectProblem(answer, 429, 'SCAN_IN_PROGRESS');
      expect(answer.headers['retry-after']).toBe('10');
    }
    const [waited] = answers.filter(({ status }) => status !== 429);
    if (waited === undefined) throw new Error('None has waited.');
    expectProblem(waited, 503, 'SHARD_UNAVAILABLE');
    expect((waited.body as { detail: string }).detail).toContain('another session held a row or a table');
    await other.query('ROLLBACK');
    await other.end();
    await api.call('get', path, 'auditor').expect(200);
    await api
      .call('post', `/patients/${await seedPatient(database, 1)}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(201);
  });

  it('is not cut off by the limit for connections on which nothing moves, which other calls have', async () => {
    api.app.getHttpServer().timeout = 500;
    const other = await database.connect();
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${table}, patient.sharded_patient_demographics IN ACCESS EXCLUSIVE MODE`);
    // Both wait for the lock, two seconds.
    const [scan, list] = await Promise.allSettled([
      api.call('get', path, 'auditor').then(({ status }) => status),
      api.call('get', '/patients', 'system-admin').then(({ status }) => status),
    ]);
    expect(scan).toEqual({ status: 'fulfilled', value: 503 });
    expect(list).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } });
    await other.query('ROLLBACK');
    await other.end();
  });

  it('ends on the server when whoever asked has gone, and may be asked for again', async () => {
    await seedPatient(database, 1);
    await api
      .call('post', `/patients/${await seedPatient(database, 1)}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(201);
    await until(async () => (await database.query('SELECT FROM audit.audit_log_leaf')).length > 0);
    await slow(table);
    const asked = api.call('get', path, 'auditor');
    asked.end(() => undefined);
    await until(async () => (await sessionsOn('PgSleep')) > 0);
    asked.abort();
    await until(async () => (await sessionsOn('PgSleep')) === 0);
    await database.query(`DROP POLICY slow ON ${table}`);
    await until(async () => (await api.call('get', path, 'auditor')).status === 200);
  });
});

it('a list behind a lock waits two seconds, not ten, also after a scan on its session, and says what it waited for', async () => {
  await api.call('get', '/integrity', 'auditor').expect(200);
  const other = await database.connect();
  await other.query('BEGIN');
  await other.query('LOCK TABLE patient.sharded_patient_demographics IN ACCESS EXCLUSIVE MODE');
  const started = performance.now();
  const answer = await api.call('get', '/patients', 'system-admin');
  expectProblem(answer, 503, 'SHARD_UNAVAILABLE');
  expect((answer.body as { detail: string }).detail).toContain('is locked');
  expect(performance.now() - started).toBeLessThan(8_000);
  await other.query('ROLLBACK');
  await other.end();
});
