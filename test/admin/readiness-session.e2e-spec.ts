import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { createTestDatabase, onServer, serverUrl, type TestDatabase } from '../support/database.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { type Api, openApi, REQUEST } from './api.js';

const LOGIN = `silgi_test_${randomBytes(6).toString('hex')}`;
const PASSWORD = 'only-for-this-test';

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`CREATE ROLE ${LOGIN} LOGIN PASSWORD '${PASSWORD}' IN ROLE silgi_service`);
  const url = new URL(database.url);
  url.username = LOGIN;
  url.password = PASSWORD;
  api = await openApi(url.href, { open: false });
  await api.app.get(DatabaseLifecycle).open(undefined);
});

afterAll(async () => {
  await api.close();
  await database.query(`DROP ROLE ${LOGIN}`);
  await database.drop();
});

const readiness = () => api.call('get', '/health/ready');
const isReady = () => until(async () => (await readiness()).status === 200);
/** On a session of another database, which the setting does not reach. */
const alter = (how: string) => onServer(serverUrl(), `ALTER DATABASE ${database.name} ${how}`);

describe('a service under an ordinary login, whose database is set to replica mode', () => {
  it('is not ready when its sessions are refused, deletes nobody, and is well when the setting is taken back', async () => {
    const patientId = await seedPatient(database, 1);
    await isReady();
    const before = await digestOf(database, patientId);
    await alter('SET session_replication_role = replica');
    await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      LOGIN,
    ]);
    await until(async () => (await readiness()).text.includes('SESSION_REFUSED'));

    const refused = await readiness();
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ status: 'not-ready', code: 'SESSION_REFUSED' });
    expect(refused.text).not.toMatch(new RegExp(`${LOGIN}|${database.name}|replica|silgi_service|ALTER`));
    const lines = api.log
      .filter(({ context }) => context === 'Readiness')
      .map((line) => JSON.stringify(line));
    expect(lines.filter((line) => line.includes('SESSION_REFUSED'))).toEqual([
      expect.stringContaining(`ALTER DATABASE ${database.name} RESET session_replication_role;`),
    ]);
    const deletion = await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
    expect(deletion).toMatchObject({
      status: 503,
      body: { code: 'SHARD_UNAVAILABLE', phase: 'PREPARE' },
    });
    expect(await digestOf(database, patientId)).toBe(before);

    await alter('RESET session_replication_role');
    await isReady();
    await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST).expect(201);
  });
});

describe('readiness where foreign keys do not hold', () => {
  const writer = `${LOGIN}_writer`;
  // Of its own: a log is signed with one key.
  let own: TestDatabase;
  let owner: Api;
  beforeAll(async () => {
    own = await createTestDatabase();
    await own.query(`CREATE ROLE ${writer} IN ROLE silgi_owner`);
    owner = await openApi(own.url);
  });
  afterAll(async () => {
    await owner.close();
    await own.query(`DROP ROLE ${writer}`);
    await own.drop();
  });

  it.each([
    ['the database', () => `DATABASE ${own.name}`],
    ['a role that may write', () => `ROLE ${writer} IN DATABASE ${own.name}`],
  ])('for %s says so without a name, which the log and the scan have with what to do', async (_, whose) => {
    const remedy = `ALTER ${whose()} RESET session_replication_role`;
    const ready = () => owner.call('get', '/health/ready');
    try {
      await until(async () => (await ready()).status === 200);
      await own.query(`ALTER ${whose()} SET session_replication_role = replica`);
      const refused = await ready();
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({
        code: 'CATALOGUE_INCOMPLETE',
        undeclaredTables: [{ table: '*', why: expect.stringContaining('session_replication_role') }],
      });
      expect(refused.text).not.toMatch(new RegExp(`${LOGIN}|${own.name}|ALTER`));
      const lines = owner.log.filter(({ context, msg }) => context === 'Readiness' && msg !== undefined);
      expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining(remedy));
      const scan = await owner.call('get', '/integrity', 'auditor').expect(200);
      expect((scan.body as { undeclaredTables: object[] }).undeclaredTables).toEqual([
        { table: '*', why: expect.stringContaining(remedy) },
      ]);
    } finally {
      await own.query(remedy);
    }
  });
});
