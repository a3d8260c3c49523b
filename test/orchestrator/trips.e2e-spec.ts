import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { digestOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

describe('steps that share their messages to the server', () => {
  let silgi: Silgi;

  beforeAll(async () => {
    silgi = await openSilgi();
    // The first deletion reads the catalogue in full.
    await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  /** How often the work waits for the server. */
  async function tripsOf(work: () => Promise<unknown>): Promise<number> {
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    await work();
    const trips = sent.mock.calls.length;
    sent.mockRestore();
    return trips;
  }

  it('let a deletion wait for the server three times: PREPARE, EXECUTE, COMMIT', async () => {
    const command = deletionOf(await seedPatient(silgi.database));
    expect(await tripsOf(() => silgi.orchestrator.deletePatient(command))).toBe(3);
  });

  it('let one with a key wait once more: for the claim', async () => {
    const keyed = deletionOf(await seedPatient(silgi.database), { idempotencyKey: 'trips' });
    expect(await tripsOf(() => silgi.orchestrator.deletePatient(keyed))).toBe(4);
  });

  it('let one with a key that nobody has sent before wait as often as one without', async () => {
    const command = deletionOf(await seedPatient(silgi.database), {
      idempotencyKey: 'new',
      isFirstUse: true,
    });
    expect(await tripsOf(() => silgi.orchestrator.deletePatient(command))).toBe(3);
  });

  it('let a preview wait twice, PREPARE and ROLLBACK, and never send COMMIT', async () => {
    const command = deletionOf(await seedPatient(silgi.database));
    expect(await tripsOf(() => silgi.orchestrator.previewDeletion(command))).toBe(2);
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    await silgi.orchestrator.previewDeletion(command);
    expect(sent.mock.calls.at(-1)?.[0]).toBe('ROLLBACK');
  });

  it('count the rows that were there once the lock was had, not when it was asked for', async () => {
    const patientId = await seedPatient(silgi.database, 2);
    const hospital = new pg.Client({ connectionString: silgi.database.url, application_name: 'hospital' });
    await hospital.connect();
    await hospital.query('BEGIN');
    await hospital.query(
      'INSERT INTO finance.sharded_fatura (patient_id, id) VALUES ($1, gen_random_uuid())',
      [patientId],
    );
    const deletion = silgi.orchestrator.deletePatient(deletionOf(patientId));
    await until(async () => (await waiting()).length === 1);
    await hospital.query('COMMIT');
    await hospital.end();
    expect((await deletion).answer.totalRows).toBe(1 + 14 * 2 + 1);
  });

  it('name the one that was under way when its session was ended, and leave everything as it was', async () => {
    const patientId = await seedPatient(silgi.database, 2);
    const before = await digestOf(silgi.database, patientId);
    const hospital = new pg.Client({ connectionString: silgi.database.url, application_name: 'hospital' });
    await hospital.connect();
    await hospital.query('BEGIN');
    await hospital.query('SELECT FROM finance.sharded_fatura WHERE patient_id = $1 FOR UPDATE', [patientId]);
    const failure = silgi.orchestrator.deletePatient(deletionOf(patientId)).catch((error: unknown) => error);
    await until(async () => (await waiting()).length === 1);
    for (const { pid } of await waiting())
      await silgi.database.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await failure).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'EXECUTE', shard: 'finance', step: 'mark finance', table: 'sharded_fatura' },
    });
    await hospital.query('ROLLBACK');
    await hospital.end();
    // Nothing behind it has come to an end, well or badly.
    expect(silgi.faults.failed.map(({ step }) => step)).toEqual(['mark finance']);
    expect(await digestOf(silgi.database, patientId)).toBe(before);
  });

  const waiting = () =>
    silgi.database.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'silgi' AND wait_event_type = 'Lock'`,
    );
});
