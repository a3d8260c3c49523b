import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { onServer, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { noTinyDisk, TinyDisk } from '../support/tiny.disk.js';

/** Of those that a deletion writes, the one that it writes first. */
const TABLES = ['patient.sharded_patient_deletion'];

let server: EmbeddedServer;
let disk: TinyDisk;
let api: Api;

const test = noTinyDisk() === undefined ? it : it.skip;
if (noTinyDisk() === undefined) {
  beforeAll(async () => {
    const dataDir = await temporaryFolder();
    server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
    disk = await TinyDisk.mount(dataDir);
    api = await openApi(server.url);
    for (const statement of disk.statementsFor(TABLES)) await onServer(server.url, statement);
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
    disk.remove();
  });
}

test('DISK_FULL while the disk of a table is full, as a deletion finds it, and well again when there is room', async () => {
  const codeNow = async () =>
    ((await api.raw('get', '/health/ready')).body as { code?: string; status: string }).code;
  const remove = (patientId: string) =>
    api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
  const database: Pick<TestDatabase, 'query'> = {
    query: (sql, params) => onServer(server.url, sql, params),
  };
  const patientId = await seedPatient(database as TestDatabase, 1);
  await api.raw('get', '/health/ready').expect(200);
  await disk.fill();
  await until(async () => (await codeNow()) === 'DISK_FULL');
  const refused = await remove(patientId);
  expectProblem(refused, 500, 'SHARD_FAILED', { phase: 'PREPARE', shard: 'patient' });
  expect((refused.body as { detail: string }).detail).toMatch(
    /^The patient shard has no space left on its disk \(53100\)\. Everything was rolled back/,
  );
  await disk.free();
  await until(async () => (await codeNow()) === undefined);
  expect((await remove(patientId)).status).toBe(201);
});
