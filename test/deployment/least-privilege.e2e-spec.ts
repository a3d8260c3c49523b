import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { REQUEST } from '../admin/api.js';
import { ProductProcess } from '../admin/service.process.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { countRows, seedPatient } from '../support/patients.js';
import { temporaryFolder } from '../support/run.folder.js';

jest.setTimeout(120_000);

const LOGIN = `silgi_test_${randomBytes(6).toString('hex')}`;
const PASSWORD = randomBytes(12).toString('hex');

let database: TestDatabase;
let service: ProductProcess | undefined;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(async () => {
  service?.kill('SIGKILL');
  await service?.ends();
  await database.query(`DROP ROLE IF EXISTS ${LOGIN}`);
  await database.drop();
});

/** The steps of docker-compose.yml, without its containers. */
describe('a deployment in which the service knows no login but its own', () => {
  it('migrates once as the owner, and then deletes as a login that may do no more', async () => {
    const owner = database.url;
    const migration = new ProductProcess(['cli/main.ts', 'migrate'], { MIGRATION_DATABASE_URL: owner });
    expect({ code: await migration.ends(), stderr: migration.stderr }).toEqual({ code: 0, stderr: '' });
    expect(migration.stdout).toContain('was applied');

    await database.query(`CREATE ROLE ${LOGIN} LOGIN PASSWORD '${PASSWORD}' IN ROLE silgi_service`);
    const url = new URL(owner);
    url.username = LOGIN;
    url.password = PASSWORD;
    const env = { DATABASE_URL: url.href, DATA_DIR: await temporaryFolder(), PORT: '0' };
    service = new ProductProcess(['main.ts'], env);
    const token = await service.says(/^TOKEN='([^']+)'$/m);
    const address = await service.url();
    const readiness = await fetch(`${address}/api/v1/health/ready`);
    expect({ status: readiness.status, body: await readiness.text() }).toMatchObject({ status: 200 });

    const patientId = await seedPatient(database, 1);
    const deleted = await fetch(`${address}/api/v1/patients/${patientId}/deletions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(REQUEST),
    });
    expect(deleted.status).toBe(201);
    const rows = Object.values(await countRows(database, patientId));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ live }) => live > 0)).toEqual([]);
  });
});
