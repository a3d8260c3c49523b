import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import {
  createTestDatabase,
  databaseUrl,
  onServer,
  serverUrl,
  type TestDatabase,
} from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';

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

const readiness = () => api.call('get', '/health/ready');
const codeNow = async () => ((await readiness()).body as { code?: string }).code;
const remove = async (patientId?: string) =>
  api
    .call('post', `/patients/${patientId ?? (await seedPatient(database, 1))}/deletions`, 'system-admin')
    .send(REQUEST);

const becomesReady = () => until(async () => (await readiness()).status === 200);

/** Until the last good probe is believed no longer. */
async function expectNotReady(code: string): Promise<void> {
  await until(async () => (await codeNow()) === code);
  const { status, body } = (await readiness()) as { status: number; body: object };
  expect([status, body]).toEqual([503, expect.objectContaining({ status: 'not-ready', code })]);
}

/** New sessions, which begin with what the database says now. */
function endSessions(): Promise<unknown> {
  return onServer(serverUrl(), 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    database.name,
  ]);
}

describe('readiness is a deletion of nobody', () => {
  it.each([
    [
      'PRIVILEGE_MISSING',
      'REVOKE UPDATE ON clinical.sharded_tani FROM silgi_service',
      'GRANT UPDATE (is_deleted, deleted_at, deletion_id) ON clinical.sharded_tani TO silgi_service',
    ],
    [
      'PRIVILEGE_MISSING',
      'REVOKE UPDATE ON patient.sharded_patient_demographics FROM silgi_service',
      'GRANT UPDATE (is_deleted, deleted_at, deletion_id) ON patient.sharded_patient_demographics TO silgi_service',
    ],
    [
      'PRIVILEGE_MISSING',
      'REVOKE INSERT ON audit.sharded_audit_event FROM silgi_service',
      'GRANT INSERT ON audit.sharded_audit_event TO silgi_service',
    ],
    [
      'DISK_FULL',
      // What the server says where it cannot make a table larger.
      `CREATE FUNCTION patient.full_disk() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER full_disk BEFORE INSERT ON patient.sharded_patient_deletion
         FOR EACH ROW EXECUTE FUNCTION patient.full_disk()`,
      'DROP FUNCTION patient.full_disk() CASCADE',
    ],
    [
      'STATEMENT_FAILED',
      'ALTER TABLE patient.sharded_patient_deletion RENAME COLUMN shards TO parts',
      'ALTER TABLE patient.sharded_patient_deletion RENAME COLUMN parts TO shards',
    ],
  ])('%s after %s, as for a deletion, and well again when it is', async (code, hurt, mend) => {
    await becomesReady();
    await database.query(hurt);
    await expectNotReady(code);
    expect([409, 500, 503]).toContain((await remove()).status);
    await database.query(mend);
    await becomesReady();
    expect((await remove()).status).toBe(201);
  });

  it.each([
    ['finance', 'sharded_fatura'],
    ['patient', 'sharded_patient_demographics'],
  ])('LOCKED while another session holds %s.%s, which the deletion says too', async (shard, table) => {
    const patientId = await seedPatient(database, 1);
    const other = await database.connect();
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${shard}.${table} IN ACCESS EXCLUSIVE MODE`);
    await expectNotReady('LOCKED');
    const refused = await remove(patientId);
    expectProblem(refused, 503, 'SHARD_UNAVAILABLE', { phase: 'PREPARE', shard });
    expect((refused.body as { detail: string }).detail).toContain('another session held a row or a table');
    expect(refused.headers['retry-after']).toBe('5');
    await other.query('ROLLBACK');
    await other.end();
    await becomesReady();
  });

  it('agrees with a deletion where sessions are read-only or have no row security by default', async () => {
    for (const setting of ['default_transaction_read_only = on', 'row_security = off']) {
      const patientId = await seedPatient(database, 1);
      await database.query(`ALTER DATABASE ${database.name} SET ${setting}`);
      await endSessions();
      // The first call on each session that was ended meets its end, and nothing else.
      await until(async () => (await codeNow()) !== 'DATABASE_UNREACHABLE');
      const isDeleted = (await remove(patientId)).status === 201;
      await until(async () => ((await readiness()).status === 200) === isDeleted);
      await onServer(serverUrl(), `ALTER DATABASE ${database.name} RESET ALL`);
      await endSessions();
      await becomesReady();
    }
  });

  it('leaves no record and no event behind', async () => {
    for (let round = 0; round < 3; round++) await readiness().expect(200);
    const kept = await database.query(
      `SELECT 1 FROM patient.sharded_patient_deletion UNION ALL SELECT 1 FROM audit.sharded_audit_event`,
    );
    expect(kept).toEqual([]);
  });

  it('is ready without the tables of batches, which deletions do not need, and names them', async () => {
    await database.query('DROP TABLE patient.sharded_deletion_batch_item, patient.sharded_deletion_batch');
    expect((await readiness().expect(200)).body).toMatchObject({
      status: 'ready',
      degraded: [
        {
          code: 'TABLE_MISSING',
          problem:
            'Not in the database: patient.sharded_deletion_batch, patient.sharded_deletion_batch_item.',
        },
      ],
    });
    expect((await remove()).status).toBe(201);
  });
});

describe('a database that is gone', () => {
  it('is DATABASE_MISSING for readiness and 503 for every call, not 500', async () => {
    await becomesReady();
    const away = `${database.name}_away`;
    await until(async () => {
      await endSessions();
      return onServer(serverUrl(), `ALTER DATABASE ${database.name} RENAME TO ${away}`).then(
        () => true,
        () => false,
      );
    });
    await expectNotReady('DATABASE_MISSING');
    const patients = await api.call('get', '/patients', 'system-admin');
    expectProblem(patients, 503, 'SHARD_UNAVAILABLE');
    expect((patients.body as { detail: string }).detail).toContain('no database of this name');
    const deletion = await api
      .call('post', '/patients/0199c1a0-0000-7000-8000-000000000001/deletions', 'system-admin')
      .send(REQUEST);
    expectProblem(deletion, 503, 'SHARD_UNAVAILABLE', { phase: 'PREPARE', shard: 'patient' });
    await onServer(serverUrl(), `ALTER DATABASE ${away} RENAME TO ${database.name}`);
    await becomesReady();
  });

  it.each([
    ['a wrong login', (url: URL) => (url.username = 'yildiz'), 'CONNECTION_REFUSED'],
    ['a database that never was', (url: URL) => (url.pathname = '/yildiz'), 'DATABASE_MISSING'],
    ['a host that is none', (url: URL) => (url.port = '2'), 'DATABASE_UNREACHABLE'],
  ])('%s is named by a code, and nothing of it is quoted', async (_, spoil, code) => {
    const url = new URL(databaseUrl(serverUrl(), database.name));
    spoil(url);
    const blind = await openApi(url.href, { open: false });
    const opening = blind.app.get(DatabaseLifecycle).open(url.href);
    await until(async () => !(await blind.raw('get', '/health/ready')).text.includes('DATABASE_NOT_OPENED'));
    const answers = await Promise.all(
      ['/health/ready', '/health/live', '/metrics', '/api/v1/patients'].map((path) => blind.raw('get', path)),
    );
    const problem = await blind.call('get', '/patients', 'system-admin');
    expectProblem(problem, 503, 'SHARD_UNAVAILABLE');
    expect(answers[0]?.body).toMatchObject({ code, database: 'down' });
    for (const { text } of [...answers, problem])
      expect(text).not.toMatch(/yildiz|password|authentication|ECONNREFUSED|127\.0\.0\.1:2|does not exist/i);
    await blind.close();
    expect(await opening).toBe(false);
  });
});
