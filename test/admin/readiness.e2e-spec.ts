import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type supertest from 'supertest';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { isRunning, until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { WireProxy } from '../support/wire.proxy.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

const READY = {
  status: 'ready',
  database: 'up',
  migrations: 'applied',
  catalogue: 'complete',
  undeclaredTables: [],
  unwatchedSchemas: [],
  degraded: [],
};
const DOWN = {
  status: 'not-ready',
  database: 'down',
  migrations: 'unknown',
  catalogue: 'unknown',
  undeclaredTables: [],
  unwatchedSchemas: [],
  degraded: [],
  code: expect.stringMatching(/^DATABASE_(NOT_OPENED|UNREACHABLE)$/),
  problem: expect.any(String),
};

let database: TestDatabase;
let api: Api;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await api.close();
  await database.drop();
});

function readiness(): supertest.Test {
  return api.call('get', '/health/ready');
}

/** At both addresses; the process itself is alive all the while. */
async function expectReadiness(status: 200 | 503, body: object): Promise<void> {
  for (const response of [await readiness(), await api.raw('get', '/health/ready')]) {
    expect(response.body).toEqual(body);
    expect(response.status).toBe(status);
  }
  await api.raw('get', '/health/live').expect(200, { status: 'live' });
  await api.call('get', '/health/live').expect(200, { status: 'live' });
}

/** Every call that works on the database says that it is out of reach; what is malformed is so all the same. */
async function expectUnavailable(patientId: string): Promise<void> {
  const answers = [
    await api.call('get', '/patients', 'system-admin'),
    await api.call('get', `/patients/${patientId}`, 'system-admin'),
    await api.call('get', '/deletions', 'auditor'),
    await api.call('get', `/audit-events/${randomUUID()}`, 'auditor'),
  ];
  for (const answer of answers) {
    expectProblem(answer, 503, 'SHARD_UNAVAILABLE');
    expect(answer.headers['retry-after']).toBe('5');
  }
  const deletion = await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
  expect(deletion.status).toBe(503);
  expect(deletion.body).toMatchObject({ code: 'SHARD_UNAVAILABLE' });
  expectProblem(await api.call('get', '/patients/1', 'system-admin'), 400, 'VALIDATION_FAILED', {
    errors: expect.any(Array),
  });
  expectProblem(await api.call('get', '/patients'), 401, 'UNAUTHENTICATED');
}

describe('readiness', () => {
  it('names a table that no shard declares, which every deletion refuses too, and is well without it', async () => {
    api = await openApi(database.url);
    const patientId = await seedPatient(database, 1);
    await expectReadiness(200, READY);
    await database.query('CREATE TABLE clinical.sharded_rapor (patient_id uuid, note text)');
    const table = { table: 'clinical.sharded_rapor', why: expect.any(String) };
    await expectReadiness(503, {
      ...READY,
      status: 'not-ready',
      catalogue: 'incomplete',
      undeclaredTables: [table],
      code: 'CATALOGUE_INCOMPLETE',
      problem: expect.any(String),
    });
    const before = await digestOf(database, patientId);
    const deletion = await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
    expectProblem(deletion, 409, 'DELETION_VETOED', {
      blockers: [{ shard: 'clinical', code: 'UNDECLARED_TABLE', detail: expect.any(String) }],
    });
    expect(await digestOf(database, patientId)).toBe(before);
    await database.query('DROP TABLE clinical.sharded_rapor');
    await expectReadiness(200, READY);
  });

  it('names the schemas of which it knows nothing', async () => {
    api = await openApi(database.url);
    await database.query(`CREATE SCHEMA "Hasta_Kayıt"
      CREATE TABLE person (person_id integer PRIMARY KEY)
      CREATE TABLE measured (person_id integer, at date) PARTITION BY RANGE (at)`);
    await database.query(`CREATE TABLE "Hasta_Kayıt".measured_2026 PARTITION OF "Hasta_Kayıt".measured
      FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`);
    await database.query('CREATE MATERIALIZED VIEW "Hasta_Kayıt".people AS SELECT FROM "Hasta_Kayıt".person');
    await database.query('CREATE VIEW "Hasta_Kayıt".seen AS SELECT FROM "Hasta_Kayıt".person');
    await database.query('CREATE TABLE public.hasta (tc_kimlik text)');
    await database.query('CREATE SCHEMA empty');
    const unwatchedSchemas = [
      { schema: 'Hasta_Kayıt', tables: 3 },
      { schema: 'public', tables: 1 },
    ];
    await expectReadiness(200, { ...READY, unwatchedSchemas });
    const scan = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(scan.body).toMatchObject({ healthy: true, unwatchedSchemas });
  });

  it('names a migration that is missing, and is not ready only where a deletion needs what it makes', async () => {
    api = await openApi(database.url);
    await database.query("DELETE FROM public.silgi_migration WHERE name LIKE 'CreateAudit%'");
    const missing = { code: 'MIGRATIONS_PENDING', problem: expect.stringContaining('CreateAuditShard') };
    const pending = { ...READY, migrations: 'pending', degraded: [missing] };
    await expectReadiness(200, pending);
    await database.query('ALTER TABLE audit.sharded_audit_event DROP COLUMN actor_role');
    await api
      .call('post', `/patients/${await seedPatient(database, 1)}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(500);
    await until(async () => (await readiness()).status === 503);
    await expectReadiness(503, {
      ...pending,
      // Events cannot be sealed without that column either.
      degraded: expect.arrayContaining([missing]),
      status: 'not-ready',
      code: 'MIGRATIONS_PENDING',
      problem: expect.any(String),
    });
  });
});

describe('the service', () => {
  it('answers from the start while the database is down, and works once it is there', async () => {
    const proxy = await WireProxy.before(database.url);
    proxy.refuse(true);
    api = await openApi(proxy.url, { open: false });
    const patientId = await seedPatient(database, 1);
    const opening = api.app.get(DatabaseLifecycle).open(proxy.url);
    await expectReadiness(503, DOWN);
    await expectUnavailable(patientId);
    proxy.refuse(false);
    await until(async () => (await readiness()).status === 200);
    expect(await opening).toBe(true);
    await expectReadiness(200, READY);
    await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST).expect(201);
    await api.close();
    await proxy.close();
  });

  it('can be stopped while it waits for the database', async () => {
    api = await openApi('postgres://silgi:secret@127.0.0.1:2/silgi', { open: false });
    const opening = api.app.get(DatabaseLifecycle).open('postgres://silgi:secret@127.0.0.1:2/silgi');
    await until(async () => !(await readiness()).text.includes('DATABASE_NOT_OPENED'));
    await expectReadiness(503, DOWN);
    expect((await readiness()).text).not.toContain('secret');
    await expectUnavailable(randomUUID());
    await api.close();
    expect(await opening).toBe(false);
  });

  it('survives the death of the server, says so, and goes on when it is back', async () => {
    const server = await EmbeddedServer.start({
      dataDir: await temporaryFolder(),
      settings: { fsync: 'off' },
    });
    api = await openApi(server.url);
    const [patientId, other] = [randomUUID(), randomUUID()];
    await expectReadiness(200, READY);
    await api.call('get', '/patients', 'system-admin').expect(200);

    process.kill(server.pid, 'SIGKILL');
    await until(() => !isRunning(server.pid));
    await until(async () => (await readiness()).status === 503);
    await expectReadiness(503, DOWN);
    await expectUnavailable(patientId);

    await server.startAgain();
    await until(async () => isDeepStrictEqual((await readiness()).body, READY));
    await expectReadiness(200, READY);
    expectProblem(await api.call('get', `/patients/${other}`, 'system-admin'), 404, 'PATIENT_NOT_FOUND');
    await api.close();
    await server.stop();
  });
});
