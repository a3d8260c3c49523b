import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient, wholeDeletions } from '../support/patients.js';
import { until } from '../support/processes.js';
import {
  type Batch,
  batchOf,
  csvOf,
  deletedOnce,
  endOf,
  hold,
  inShort,
  itemsOf,
  makeBatch,
  seedMany,
  showBatch,
  turn,
} from './batch.stage.js';

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

describe('a batch of deletions', () => {
  it('deletes every patient that can be, and names every one that cannot, by line', async () => {
    const [one = '', two = '', three = '', gone = ''] = await seedMany(database, 4);
    const held = await seedPatient(database, 1);
    await hold(database, held);
    const first = await api
      .call('post', `/patients/${gone}/deletions`, 'system-admin')
      .send({ reason: 'COURT_ORDER', legalBasis: 'OTHER_LAW' })
      .expect(201);
    const ids = [one, 'no-id', two.toUpperCase(), held, one, gone, randomUUID(), three];
    const created = await batchOf(api, ids).expect(202);
    const { batchId } = created.body as Batch;
    expect(created.headers['location']).toBe(`/api/v1/deletion-batches/${batchId}`);

    const batch = await endOf(api, batchId);
    expect(batch).toMatchObject({ state: 'COMPLETED', lines: 8, finished: 8, totalRows: 45 });
    expect(batch.counts).toEqual({
      PENDING: 0,
      RUNNING: 0,
      DELETED: 3,
      WOULD_DELETE: 0,
      ALREADY_DELETED: 1,
      NOT_FOUND: 1,
      VETOED: 1,
      FAILED: 0,
      CANCELLED: 0,
      INVALID: 1,
      DUPLICATE: 1,
    });
    const items = await itemsOf(api, batchId);
    expect(inShort(items)).toEqual([
      '1 DELETED',
      '2 INVALID',
      '3 DELETED',
      '4 VETOED',
      '5 DUPLICATE',
      '6 ALREADY_DELETED',
      '7 NOT_FOUND',
      '8 DELETED',
    ]);
    expect(items[2]).toMatchObject({ patientId: two, code: null, attempts: 1 });
    expect(items[3]).toMatchObject({ code: 'DELETION_VETOED' });
    expect(items[3]?.detail).toMatch(/^LEGAL_HOLD \(patient\): .* release it first\. Nothing was changed\.$/);
    expect(items[4]).toMatchObject({ patientId: one, firstLine: 1 });
    expect(items[4]?.detail).toBe('The patient stands on line 1 already.');
    expect(items[5]?.deletionId).toBe((first.body as { deletionId: string }).deletionId);
    expect(JSON.stringify(items[1])).not.toContain('no-id');
    expect(inShort(await itemsOf(api, batchId, '&state=DELETED'))).toEqual([
      '1 DELETED',
      '3 DELETED',
      '8 DELETED',
    ]);
    expect(await deletedOnce(database, [one, two, three, held])).toBe(3);
    const [event] = await auditEventsOf(database, one);
    expect(event).toMatchObject({
      reason: 'DATA_SUBJECT_REQUEST',
      actor: 'admin@hospital.example',
      actor_role: 'system-admin',
      actor_source: { kind: 'TOKEN', issuer: 'silgi-development' },
    });
    expect(event?.deletion_id).toBe(items[0]?.deletionId);
    const lines = api.log.filter(({ batchId: id }) => id === batchId).map(({ msg }) => msg);
    expect(lines).toEqual(['batch started', 'batch ended']);
  });

  it('changes nothing in a dry run, which is then carried out once', async () => {
    const ids = await seedMany(database, 3);
    const held = ids[1] ?? '';
    await hold(database, held);
    const dry = await makeBatch(api, [...ids, 'x'], { dryRun: undefined });
    expect(await endOf(api, dry)).toMatchObject({ state: 'COMPLETED', totalRows: 30, executionId: null });
    const states = ['1 WOULD_DELETE', '2 VETOED', '3 WOULD_DELETE', '4 INVALID'];
    expect(inShort(await itemsOf(api, dry))).toEqual(states);
    expect(await deletedOnce(database, ids)).toBe(0);

    await database.query('UPDATE patient.sharded_legal_hold SET released_at = now() WHERE patient_id = $1', [
      held,
    ]);
    const [a, b] = await Promise.all([turn(api, dry, 'execution'), turn(api, dry, 'execution')]);
    expect([a.status, b.status]).toEqual([202, 202]);
    expect(a.headers['location']).toBe(b.headers['location']);
    expect([a, b].map(({ headers }) => headers['idempotency-replayed']).sort()).toEqual(['true', undefined]);
    const { batchId } = a.body as Batch;
    expect(await endOf(api, batchId)).toMatchObject({ state: 'COMPLETED', dryRunId: dry });
    expect(inShort(await itemsOf(api, batchId))).toEqual([
      '1 DELETED',
      '2 DELETED',
      '3 DELETED',
      '4 INVALID',
    ]);
    expect(await showBatch(api, dry)).toMatchObject({ executionId: batchId });
    expect(await deletedOnce(database, ids)).toBe(3);
    expectProblem(await turn(api, batchId, 'execution'), 409, 'BATCH_STATE_CONFLICT');
  });

  it('is made once under an Idempotency-Key', async () => {
    const ids = await seedMany(database, 2);
    const asked = () => batchOf(api, ids).set('Idempotency-Key', 'evening-1');
    const [a, b] = await Promise.all([asked(), asked()]);
    expect([a.status, b.status]).toEqual([202, 202]);
    expect(a.headers['location']).toBe(b.headers['location']);
    expect([a, b].map(({ headers }) => headers['idempotency-replayed']).sort()).toEqual(['true', undefined]);
    const other = await batchOf(api, ids.slice(1)).set('Idempotency-Key', 'evening-1');
    expectProblem(other, 422, 'IDEMPOTENCY_KEY_REUSED');
    await endOf(api, (a.body as Batch).batchId);
    expect(await deletedOnce(database, ids)).toBe(2);
  });

  it('reads a CSV, and answers one that is none with the line', async () => {
    const [one = '', two = ''] = await seedMany(database, 2);
    const text = `\uFEFF"Hasta Adı";"Patient ID"\r\n"Yılmaz; Ayşe";${one}\r\n\r\n;${two.toUpperCase()}\r\nx;${one}\r\ny;12345\r\nz\r\n`;
    const created = await csvOf(api, text).expect(202);
    const { batchId } = created.body as Batch;
    await endOf(api, batchId);
    const items = await itemsOf(api, batchId);
    expect(inShort(items)).toEqual(['2 DELETED', '4 DELETED', '5 DUPLICATE', '6 INVALID', '7 INVALID']);
    expect(items[2]).toMatchObject({ firstLine: 2 });
    expect(await deletedOnce(database, [one, two])).toBe(2);

    const before = await database.query('SELECT count(*) FROM patient.sharded_deletion_batch');
    expectProblem(await csvOf(api, ''), 422, 'BATCH_LIST_UNREADABLE', {});
    expectProblem(await csvOf(api, '%PDF-1.7'), 422, 'BATCH_LIST_UNREADABLE', { line: 1 });
    const broken = await csvOf(api, `id\n${randomUUID()}\n"${'x\n'.repeat(50_000)}`);
    expectProblem(broken, 422, 'BATCH_LIST_UNREADABLE', { line: 3 });
    expect((broken.body as { detail: string }).detail).toMatch(/^Line 3: .*quote/);
    expectProblem(await csvOf(api, 'id\n1').query({ reason: 'x' }), 400, 'VALIDATION_FAILED', {
      errors: expect.any(Array),
    });
    const form = await csvOf(api, 'patient_id').type('multipart/form-data');
    expectProblem(form, 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'Content-Type', message: 'must be application/json or text/csv' }],
    });
    expect(await database.query('SELECT count(*) FROM patient.sharded_deletion_batch')).toEqual(before);
  });

  it('is created and steered by system-admin alone, and shown to every role', async () => {
    const batchId = await makeBatch(api, [randomUUID()]);
    await endOf(api, batchId);
    for (const role of ['privacy-officer', 'auditor'] as const) {
      for (const path of ['', `/${batchId}`, `/${batchId}/items`, `/${batchId}/events`])
        await api.call('get', `/deletion-batches${path}`, role).expect(200);
      for (const path of [
        '',
        ...['pause', 'resume', 'cancel', 'retry', 'execution'].map((how) => `/${batchId}/${how}`),
      ])
        expectProblem(await api.call('post', `/deletion-batches${path}`, role), 403, 'FORBIDDEN');
    }
    for (const how of ['pause', 'resume', 'cancel', 'execution'])
      expectProblem(await turn(api, batchId, how), 409, 'BATCH_STATE_CONFLICT');
    expectProblem(await turn(api, randomUUID(), 'pause'), 404, 'BATCH_NOT_FOUND');
    await turn(api, batchId, 'retry').expect(200);
  });

  it('takes ten thousand ids in JSON and no more', async () => {
    const ids = Array.from({ length: 10_000 }, () => randomUUID());
    const batchId = await makeBatch(api, ids);
    await turn(api, batchId, 'cancel').expect(200);
    const { counts } = await endOf(api, batchId);
    expect((counts['CANCELLED'] ?? 0) + (counts['NOT_FOUND'] ?? 0)).toBe(10_000);
    expect(counts['CANCELLED']).toBeGreaterThan(9_000);
    const tooMany = await batchOf(api, [...ids, randomUUID()]);
    expectProblem(tooMany, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    const tooLarge = await batchOf(
      api,
      ids.flatMap((id) => [id, id]),
    );
    expectProblem(tooLarge, 413, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: 'The body is larger than 512 kB' }],
    });
  });
});

describe('a batch that is steered', () => {
  /** A patient whose deletion waits until the session lets go. */
  async function blocked(patientId: string): Promise<() => Promise<void>> {
    const session = await database.connect();
    await session.query('BEGIN');
    await session.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    return async () => {
      await session.query('ROLLBACK');
      await session.end();
    };
  }

  it('is paused and resumed, and forgets nobody', async () => {
    const ids = await seedMany(database, 120);
    const batchId = await makeBatch(api, ids);
    await until(async () => (await showBatch(api, batchId)).finished > 0);
    await turn(api, batchId, 'pause').expect(200);
    await until(async () => (await showBatch(api, batchId)).counts['RUNNING'] === 0);
    const { state, finished } = await showBatch(api, batchId);
    expect(state).toBe('PAUSED');
    expect(finished).toBeLessThan(120);
    expect(await deletedOnce(database, ids)).toBe(finished);
    await turn(api, batchId, 'resume').expect(200);
    expect((await endOf(api, batchId)).counts).toMatchObject({ DELETED: 120 });
    expect(await deletedOnce(database, ids)).toBe(120);
  });

  it('is cancelled: each line says what became of its patient, and nobody is deleted afterwards', async () => {
    const ids = await seedMany(database, 120);
    // One is in hand when the others are cancelled.
    const letGo = await blocked(ids[0] ?? '');
    const batchId = await makeBatch(api, ids);
    await until(async () => (await showBatch(api, batchId)).finished > 0);
    await turn(api, batchId, 'cancel').expect(200);
    await until(async () => ((await showBatch(api, batchId)).counts['CANCELLED'] ?? 0) > 0);
    await letGo();
    const { state, counts } = await endOf(api, batchId);
    expect(state).toBe('CANCELLED');
    expect((counts['DELETED'] ?? 0) + (counts['CANCELLED'] ?? 0)).toBe(120);
    const isDeleted = (await itemsOf(api, batchId))
      .filter((item) => item.state === 'DELETED')
      .map(({ patientId }) => patientId)
      .sort();
    expect(await wholeDeletions(database, ids)).toEqual(isDeleted);
    expectProblem(await turn(api, batchId, 'retry'), 409, 'BATCH_STATE_CONFLICT');
    // Whatever was in hand has ended by the time that a later batch is done.
    await endOf(api, await makeBatch(api, await seedMany(database, 8)));
    await until(async () => {
      const open = await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'
         AND xact_start IS NOT NULL`,
      );
      return open.length === 0;
    });
    expect(await wholeDeletions(database, ids)).toEqual(isDeleted);
  });

  it('tries again by itself where a row is locked, and the failed ones when it is told to', async () => {
    const [waits = '', fails = '', good = ''] = await seedMany(database, 3);
    const letGo = await blocked(waits);
    await database.query(`
      CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.patient_id = '${fails}' THEN RAISE EXCEPTION 'row %', OLD; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON clinical.sharded_tani FOR EACH ROW EXECUTE FUNCTION public.refuse()`);
    const batchId = await makeBatch(api, [waits, fails, good]);
    await until(async () => (await showBatch(api, batchId)).finished === 2);
    await until(async () => (await itemsOf(api, batchId))[0]?.code === 'SHARD_UNAVAILABLE');
    await letGo();
    const { counts } = await endOf(api, batchId);
    expect(counts).toMatchObject({ DELETED: 2, FAILED: 1 });
    const [first, second] = await itemsOf(api, batchId);
    expect(first?.attempts).toBeGreaterThan(1);
    expect(first).toMatchObject({ state: 'DELETED', code: null });
    expect(second).toMatchObject({ state: 'FAILED', code: 'SHARD_FAILED' });
    expect(second?.detail).toMatch(/clinical.*no row of this patient was changed/);
    await database.query('DROP FUNCTION public.refuse CASCADE');
    await turn(api, batchId, 'retry').expect(200);
    await until(async () => (await showBatch(api, batchId)).counts['DELETED'] === 3);
    expect(await endOf(api, batchId)).toMatchObject({ state: 'COMPLETED', finished: 3 });
    expect(await deletedOnce(database, [waits, fails, good])).toBe(3);
  });
});
