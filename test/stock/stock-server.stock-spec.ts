import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { batchOf, endOf, hold } from '../batch/batch.stage.js';
import { createTestDatabase, onServer, serverUrl, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { type ExecutedPlan, explainAll, plansOf, setForDatabase } from '../support/plans.js';
import { until } from '../support/processes.js';

interface Setting {
  readonly name: string;
  readonly setting: string;
}

describe('the server that these suites run on', () => {
  it('is the one of the distribution, as it comes but for where it listens', async () => {
    const [build] = await onServer<{ version: string; jit: boolean }>(
      serverUrl(),
      'SELECT version(), pg_jit_available() AS jit',
    );
    expect(build?.version).toMatch(/Debian|Ubuntu/);
    expect(build?.jit).toBe(true);
    const told = await onServer<Setting>(
      serverUrl(),
      `SELECT name, setting FROM pg_settings WHERE source = 'command line' ORDER BY name`,
    );
    expect(told.map(({ name }) => name)).toEqual(['listen_addresses', 'port', 'unix_socket_directories']);
  });
});

describe.each([
  ['as it comes', {}],
  ['that compiles every statement', { jit_above_cost: '0' }],
])('on a server %s', (_, settings) => {
  let database: TestDatabase;
  let api: Api;
  beforeAll(async () => {
    database = await createTestDatabase();
    await explainAll(database);
    await setForDatabase(database, settings);
    api = await openApi(database.url);
  });
  afterAll(async () => {
    await api.close();
    await database.drop();
  });

  const compiled = (plans: readonly ExecutedPlan[]) =>
    plans.filter(({ JIT }) => JIT !== undefined).map((plan) => plan['Query Text']);

  /** What the deletion of this patient is answered with. */
  const remove = (patientId: string) =>
    api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);

  it('a statement that is said to be dear is compiled, and that is seen', async () => {
    const session = await database.connect();
    await session.query('SET jit_above_cost = 0');
    const {
      rows: [row],
    } = await session.query<{ 'QUERY PLAN': [ExecutedPlan] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM pg_class WHERE relkind = 'r'`,
    );
    expect(row?.['QUERY PLAN'][0].JIT).toBeDefined();
    await session.end();
  });

  it('no statement of a preview, of a refused deletion and of a deletion is compiled', async () => {
    const patientId = await seedPatient(database, 3);
    const held = await seedPatient(database, 3);
    await hold(database, held);
    const plans = await plansOf(api.app, async () => {
      await api.call('post', `/patients/${patientId}/deletion-preview`, 'system-admin').expect(200);
      await remove(held).expect(409);
      await remove(patientId).expect(201);
    });
    // One UPDATE a table is the least.
    expect(plans.filter(({ Plan }) => Plan['Node Type'] === 'Aggregate').length).toBeGreaterThanOrEqual(15);
    expect(compiled(plans)).toEqual([]);
  });

  it('nor one of what stands around them: search, certificate, batch, sealing, scan, readiness', async () => {
    const patientId = await seedPatient(database, 3);
    const inBatch = await seedPatient(database, 3);
    const plans = await plansOf(api.app, async () => {
      await api.call('get', '/patients?search=I%C5%9EIL&limit=1', 'system-admin').expect(200);
      const answer = await remove(patientId).expect(201);
      const { deletionId } = answer.body as { deletionId: string };
      const deletion = `/patients/${patientId}/deletions/${deletionId}`;
      await api.call('get', deletion, 'auditor').expect(200);
      await until(async () => (await api.call('get', `${deletion}/certificate`, 'auditor')).status === 200);
      const batch = await batchOf(api, [inBatch]).expect(202);
      await endOf(api, (batch.body as { batchId: string }).batchId);
      await api.call('get', '/audit-events', 'auditor').expect(200);
      await api.call('get', '/audit-log/verification', 'auditor').expect(200);
      await api.call('get', '/integrity', 'auditor').expect(200);
      await api.call('get', '/health/ready').expect(200);
    });
    expect(plans.length).toBeGreaterThan(100);
    expect(compiled(plans)).toEqual([]);
  });
});
