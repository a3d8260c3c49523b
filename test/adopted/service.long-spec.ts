import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyPlan, planOf } from '../../src/adoption/index.js';
import { readDeclaration } from '../../src/declaration/index.js';
import { REQUEST } from '../admin/api.js';
import { ProductProcess } from '../admin/service.process.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { DECLARATION, HOSPITAL, PEOPLE, ROWS_OF_ONE, SILENT } from './hospital.stage.js';

const TOTAL = Object.values(ROWS_OF_ONE).reduce((sum, rows) => sum + rows);

let database: TestDatabase;
let folder: string;
let declaration: string;
let service: ProductProcess | undefined;

beforeEach(async () => {
  database = await createEmptyDatabase();
  await database.query(HOSPITAL);
  await database.query(PEOPLE);
  folder = await temporaryFolder();
  declaration = join(folder, 'silgi.yaml');
  await writeFile(declaration, DECLARATION);
});

afterEach(async () => {
  service?.kill('SIGKILL');
  await service?.ends();
  await database.drop();
});

function start(env: NodeJS.ProcessEnv): ProductProcess {
  const common = { DATABASE_URL: database.url, DATA_DIR: folder, PORT: '0', DECLARATION: declaration };
  service = new ProductProcess(['main.ts'], { ...common, ...env });
  return service;
}

async function adopt(): Promise<void> {
  const plan = await planOf(database.url, readDeclaration(DECLARATION, declaration));
  await applyPlan(database.url, plan, SILENT, () => undefined);
}

/** Everything that is in the database, and the rights on it. */
async function catalogueOf(): Promise<unknown> {
  return database.query(
    `SELECT 'schema' AS what, nspname AS name, nspacl::text AS rights FROM pg_namespace
       WHERE nspname !~ '^pg_(temp|toast)'
     UNION ALL SELECT 'relation', oid::regclass::text, relacl::text FROM pg_class WHERE oid >= 16384
     UNION ALL SELECT 'function', oid::regprocedure::text, proacl::text FROM pg_proc WHERE oid >= 16384
     UNION ALL SELECT 'trigger', tgname || ' on ' || tgrelid::regclass, NULL FROM pg_trigger WHERE NOT tgisinternal
     ORDER BY 1, 2, 3`,
  );
}

async function readinessOf(started: ProductProcess): Promise<{ status: string; code?: string }> {
  const response = await fetch(`${await started.url()}/health/ready`);
  return { ...((await response.json()) as { status: string }) };
}

describe('a service with DECLARATION', () => {
  it('is not ready on a database without pseudonyms, says what to run, creates nothing, and goes on once it was run', async () => {
    const before = await catalogueOf();
    const started = start({});
    await started.says(
      /"msg":"[^"]*this database has no silgi\.patient_anchor: run npx silgi adopt apply first/,
    );
    expect(await readinessOf(started)).toMatchObject({ status: 'not-ready', code: 'MIGRATION_FAILED' });
    expect(await catalogueOf()).toEqual(before);
    await adopt();
    await until(async () => (await readinessOf(started)).status === 'ready');
  });

  it('ends with exit code 2 and every line of what is not decided', async () => {
    await writeFile(declaration, DECLARATION.replace('resource: Visit', 'resource: Visit, decide: [whose?]'));
    const started = start({});
    expect(await started.ends()).toBe(2);
    const lines = started.stderr.trimEnd().split('\n');
    expect(lines).toEqual([
      `${declaration}:11:3: tables / his.visit: not decided: whose?`,
      'The declaration is not in force, and nothing was changed.',
    ]);
    expect(started.stdout).toBe('');
  });

  it('ends with exit code 2 and one line where a retention policy is named besides', async () => {
    const started = start({ RETENTION_POLICY: declaration });
    expect(await started.ends()).toBe(2);
    expect(started.stderr).toMatch(
      /^RETENTION_POLICY must not be set where a declaration is in force: [^\n]+\n$/,
    );
    expect(started.stdout).toBe('');
  });

  it('deletes as a login that is a member of silgi_service and nothing else', async () => {
    await adopt();
    const login = `silgi_test_${randomBytes(6).toString('hex')}`;
    await database.query(`CREATE ROLE ${login} LOGIN PASSWORD 'only-for-this-test' IN ROLE silgi_service`);
    const url = new URL(database.url);
    Object.assign(url, { username: login, password: 'only-for-this-test' });
    const started = start({ DATABASE_URL: url.href, MIGRATION_DATABASE_URL: database.url });
    const headers = { Authorization: `Bearer ${await started.says(/^TOKEN='([^']+)'$/m)}` };
    const base = `${await started.url()}/api/v1`;
    const call = async (path: string, body?: object, type = 'application/json') => {
      const posted = { method: 'POST', body: JSON.stringify(body) };
      const all = { ...headers, 'Content-Type': type };
      const response = await fetch(`${base}${path}`, { headers: all, ...(body !== undefined && posted) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    };
    expect(await readinessOf(started)).toMatchObject({ status: 'ready' });
    const { items } = (await call('/patients?key=2')) as { items: { patientId: string }[] };
    const patient = `/patients/${items[0]?.patientId ?? ''}`;
    expect(await call(`${patient}/deletion-preview`, {})).toMatchObject({ ready: true, totalRows: TOTAL });
    const deleted = await call(`${patient}/deletions`, REQUEST);
    expect(deleted).toMatchObject({ state: 'DELETED', totalRows: TOTAL });
    const batch = await call('/deletion-batches', { ...REQUEST, patientKeys: ['3'], dryRun: false });
    const path = `/deletion-batches/${batch['batchId'] as string}`;
    await until(async () => (await call(path))['state'] === 'COMPLETED');
    expect(await call(path)).toMatchObject({ counts: { DELETED: 1 } });
    expect(await database.query('SELECT person_no FROM his.person ORDER BY 1')).toEqual([
      { person_no: '1' },
      { person_no: '4' },
    ]);
    expect(await call('/integrity')).toMatchObject({ healthy: true });
    const certificate = `${patient}/deletions/${deleted['deletionId'] as string}/certificate`;
    await until(() =>
      call(certificate).then(
        () => true,
        () => false,
      ),
    );
    expect(await call('/audit-log/verification')).toMatchObject({ valid: true });
    started.kill('SIGKILL');
    await started.ends();
    await database.query(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
  });
});
