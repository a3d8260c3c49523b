import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PoolUsage } from '../../src/postgres/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { seedMany } from '../batch/batch.stage.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

let database: TestDatabase;
let api: Api;

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  const path = `/patients/${await seedPatient(database, 1)}/deletions`;
  await api.call('post', path, 'system-admin').send(REQUEST).expect(201);
  await api
    .call('post', '/deletion-batches', 'system-admin')
    .send({ ...REQUEST, dryRun: true, patientIds: await seedMany(database, 1) })
    .expect(202);
});

afterEach(async () => {
  await api.close();
  await database.drop();
});

const LISTS = [
  ['/patients?search=a', 'patient.sharded_patient_demographics', 'LIMIT \\$1', '/audit-events'],
  ['/deletions', 'patient.sharded_patient_deletion', '^SELECT "PatientDeletion"', '/patients'],
  ['/audit-events', 'audit.sharded_audit_event', '^SELECT "AuditEvent"', '/patients?state=live'],
  ['/deletion-batches', 'patient.sharded_deletion_batch', 'ORDER BY batch_id DESC', '/patients'],
] as const;

/** Reads of a list, by how their statement looks, that are in the middle of a row which takes long. */
const reading = async (statement: string) => {
  const rows = await database.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'
     AND wait_event = 'PgSleep' AND query ~ $1`,
    [statement],
  );
  return rows.length;
};

/** Every row of the table takes longer to read than a statement may. */
const slow = (table: string) =>
  database.query(
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
     CREATE POLICY reads ON ${table} TO silgi_service USING (true);
     CREATE POLICY slow ON ${table} AS RESTRICTIVE FOR SELECT TO silgi_service USING (pg_sleep(15)::text = '')`,
  );

const ask = (path: string) => {
  const call = api.call('get', path, 'privacy-officer');
  call.end(() => undefined);
  return call;
};

describe.each(LISTS)('%s', (path, table, statement, another) => {
  it('of ten at a time that are slow, two are at work, and other calls have the rest of the pool', async () => {
    await slow(table);
    const calls = Array.from({ length: 10 }, () => ask(path));
    await until(async () => (await reading(statement)) === 2);
    await api.call('get', another, 'privacy-officer').expect(200);
    expect(await reading(statement)).toBeLessThanOrEqual(2);
    // The two, and whatever works for a moment beside them: the sealer, the worker, the sweep of old batches.
    await until(() => {
      const { total, idle } = api.app.get(PoolUsage).count();
      return total - idle <= 3;
    });
    expect(await reading(statement)).toBeLessThanOrEqual(2);
    for (const call of calls) call.abort();
  });
});

describe.each(LISTS.slice(0, 3).map(([path, table, statement]) => [path, table, statement] as const))(
  '%s',
  (path, table, statement) => {
    it('ends on the server when whoever asked has gone, and may be asked for again', async () => {
      await slow(table);
      const calls = Array.from({ length: 3 }, () => ask(path));
      await until(async () => (await reading(statement)) === 2);
      const before = await database.query('SELECT pid FROM pg_stat_activity WHERE wait_event = $1', [
        'PgSleep',
      ]);
      calls[0]?.abort();
      calls[1]?.abort();
      calls[2]?.abort();
      await until(async () => (await reading(statement)) === 0);
      expect(before.length).toBeGreaterThan(1);
      await database.query(`DROP POLICY slow ON ${table}`);
      await api.call('get', path, 'privacy-officer').expect(200);
    });
  },
);

it('who waits for a place longer than five seconds is told that other lists take long', async () => {
  await slow('audit.sharded_audit_event');
  const calls = Array.from({ length: 2 }, () => ask('/audit-events'));
  await until(async () => (await reading('^SELECT "AuditEvent"')) === 2);
  const refused = await api.call('get', '/audit-events', 'auditor');
  expectProblem(refused, 503, 'SHARD_UNAVAILABLE');
  expect(refused.body).toHaveProperty('detail', expect.stringContaining('Other lists of this kind'));
  expect(refused.headers['retry-after']).toBe('5');
  for (const call of calls) call.abort();
});
