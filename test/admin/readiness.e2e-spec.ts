import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
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
};
const DOWN = {
  status: 'not-ready',
  database: 'down',
  migrations: 'unknown',
  catalogue: 'unknown',
  undeclaredTables: [],
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

  it('names a migration that is missing', async () => {
    api = await openApi(database.url);
    await database.query("DELETE FROM public.silgi_migration WHERE name LIKE 'CreateAudit%'");
    await expectReadiness(503, {
      ...READY,
      status: 'not-ready',
      migrations: 'pending',
      catalogue: 'unknown',
      problem: expect.stringContaining('CreateAuditShard'),
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
    await until(async () => !(await readiness()).text.includes('has not been opened yet'));
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
    await expectReadiness(200, READY);
    expectProblem(await api.call('get', `/patients/${other}`, 'system-admin'), 404, 'PATIENT_NOT_FOUND');
    await api.close();
    await server.stop();
  });
});
