import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

let database: TestDatabase;
let api: Api;
let patientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});

beforeEach(async () => {
  patientId = await seedPatient(database, 2);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function remove(body: object, headers: Record<string, string>) {
  return api.call('post', `/patients/${patientId}/deletions`, 'system-admin').set(headers).send(body);
}

describe('POST /patients/{patientId}/deletions with an Idempotency-Key', () => {
  it('answers a repeat with the same key byte for byte, and says so', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await remove(REQUEST, key).expect(201);
    const again = await remove(REQUEST, key).expect(201);
    expect(again.text).toBe(first.text);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await auditEventsOf(database, patientId)).toHaveLength(1);
  });

  it('refuses the same key for another request', async () => {
    const key = { 'Idempotency-Key': 'order-7' };
    await remove(REQUEST, key).expect(201);
    const other = await remove({ ...REQUEST, reason: 'COURT_ORDER' }, key);
    expectProblem(other, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it.each([
    ['a letter is a capital', 'order-9', 'Order-9'],
    ['only the last of its 255 characters differs', `${'x'.repeat(254)}1`, `${'x'.repeat(254)}2`],
  ])('takes a key for another one where %s', async (_, first, second) => {
    await remove(REQUEST, { 'Idempotency-Key': first }).expect(201);
    const other = await remove(REQUEST, { 'Idempotency-Key': second });
    expectProblem(other, 409, 'PATIENT_ALREADY_DELETED', { deletion: expect.any(String) });
  });

  it('refuses a repeat with the same key while the first is running, and the first goes through', async () => {
    const blocker = await database.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    const key = { 'Idempotency-Key': 'order-8' };
    const first = remove(REQUEST, key).then((response) => response);
    await until(async () => {
      const waiting = await database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return waiting.length > 0;
    });
    const second = await remove(REQUEST, key);
    expectProblem(second, 409, 'REQUEST_IN_PROGRESS');
    expect(second.headers['retry-after']).toBe('1');
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect((await first).status).toBe(201);
  });
});
