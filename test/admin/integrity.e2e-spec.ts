import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { type Api, openApi, REQUEST } from './api.js';

describe('what an operator sees', () => {
  let database: TestDatabase;
  let api: Api;
  beforeAll(async () => {
    database = await createTestDatabase();
    api = await openApi(database.url);
  });
  afterAll(async () => {
    await api.close();
    await database.drop();
  });

  const remove = (patientId: string) =>
    api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
  const metrics = async () => (await api.raw('get', '/metrics').expect(200)).text;

  it('an integrity report that tells the truth', async () => {
    await remove(await seedPatient(database, 1)).expect(201);
    const healthy = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(healthy.body).toMatchObject({ healthy: true, orphans: [], undeclaredTables: [], drift: [] });

    await database.query('CREATE TABLE public.sample (patient_id uuid)');
    const report = await api.call('get', '/integrity', 'privacy-officer').expect(200);
    expect(report.body).toMatchObject({ healthy: false, undeclaredTables: [{ table: 'public.sample' }] });
    await database.query('DROP TABLE public.sample');
  });

  it('metrics of deletions, failures by phase, shard and code, vetoes and steps, without a single id', async () => {
    const patientId = await seedPatient(database, 1);
    await database.query(`
      CREATE FUNCTION finance.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON finance.sharded_fatura FOR EACH ROW EXECUTE FUNCTION finance.refuse()`);
    await remove(patientId).expect(500);
    await database.query('DROP FUNCTION finance.refuse() CASCADE');
    const key = randomUUID();
    await remove(patientId).set('Idempotency-Key', key).expect(201);
    await remove(patientId).set('Idempotency-Key', key).expect(201);
    await remove(randomUUID()).expect(404);

    const text = await metrics();
    expect(text).toMatch(/^silgi_deletions_total\{outcome="DELETED"\} [1-9]/m);
    expect(text).toMatch(/^silgi_deletions_total\{outcome="REPLAYED"\} 1$/m);
    expect(text).toMatch(/^silgi_deletions_total\{outcome="PATIENT_NOT_FOUND"\} 1$/m);
    expect(text).toMatch(
      /^silgi_deletion_failures_total\{phase="EXECUTE",shard="finance",code="SHARD_FAILED"\} 1$/m,
    );
    expect(text).toMatch(/^silgi_phase_duration_seconds_count\{phase="EXECUTE",shard="patient"\} [1-9]/m);
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain(patientId);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('vetoes counted by code', async () => {
    const patientId = await seedPatient(database, 1);
    await database.query(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, gen_random_uuid(), 'LITIGATION', 'dpo', now())`,
      [patientId],
    );
    await remove(patientId).expect(409);
    expect(await metrics()).toMatch(/^silgi_vetoes_total\{shard="patient",code="LEGAL_HOLD"\} 1$/m);
  });
});
