import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { CHILD_TABLES, seedPatient, wholeDeletions } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

const ISOLATION_LEVELS = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];

describe('a deletion among concurrent sessions', () => {
  let silgi: Silgi;
  let session: pg.Client;
  beforeAll(async () => {
    silgi = await openSilgi();
    session = await silgi.database.connect();
  });
  afterEach(async () => {
    silgi.faults.reset();
    await session.query('ROLLBACK');
    await silgi.assertNothingLeaked();
  });
  afterAll(async () => {
    await session.end();
    await silgi.close();
  });

  const insert = (patientId: string, table = 'clinical.sharded_tetkik_sonuc') =>
    session.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [patientId]);

  async function expectWholeDeletion(patientId: string) {
    expect(await wholeDeletions(silgi.database, [patientId])).toEqual([patientId]);
  }

  describe.each(ISOLATION_LEVELS)('a writer at %s', (level) => {
    it('that has inserted and not committed is waited for, and its row is deleted too', async () => {
      const patientId = await seedPatient(silgi.database, 1);
      await session.query(`BEGIN ISOLATION LEVEL ${level}`);
      await insert(patientId);
      const deletion = silgi.orchestrator.deletePatient(deletionOf(patientId));
      await until(async () => {
        const [waits] = await silgi.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'
           AND wait_event_type = 'Lock'`,
        );
        return waits !== undefined;
      });
      await session.query('COMMIT');
      const { answer } = await deletion;
      expect(answer.totalRows).toBe(1 + 14 + 1);
      await expectWholeDeletion(patientId);
    });

    it('that took its snapshot before the deletion cannot add an orphan after it', async () => {
      const patientId = await seedPatient(silgi.database, 1);
      await session.query(`BEGIN ISOLATION LEVEL ${level}`);
      await session.query('SELECT count(*) FROM patient.sharded_patient_demographics');
      await silgi.orchestrator.deletePatient(deletionOf(patientId));
      await expect(insert(patientId)).rejects.toMatchObject({
        code: expect.stringMatching(/^(23503|40001)$/),
      });
      await session.query('ROLLBACK');
      await expectWholeDeletion(patientId);
    });

    it('that inserts while the deletion runs waits for it and is refused', async () => {
      const patientId = await seedPatient(silgi.database, 1);
      await session.query(`BEGIN ISOLATION LEVEL ${level}`);
      let inserted: Promise<unknown> | undefined;
      silgi.faults.at('mark finance', async () => {
        inserted = insert(patientId).catch((error: unknown) => error);
        await waitsForLock(silgi, session);
      });
      await silgi.orchestrator.deletePatient(deletionOf(patientId));
      expect(await inserted).toMatchObject({ code: expect.stringMatching(/^(23503|40001)$/) });
      await session.query('ROLLBACK');
      await expectWholeDeletion(patientId);
    });
  });

  it('where a vote fails beside the lock of a deleted patient, the shard of the vote is named, and once', async () => {
    const patientId = await seedPatient(silgi.database, 1);
    await silgi.orchestrator.deletePatient(deletionOf(patientId));
    await session.query('BEGIN');
    await session.query('LOCK TABLE finance.sharded_fatura');
    silgi.faults.reset();
    const refused = { code: 'SHARD_UNAVAILABLE', point: { shard: 'finance', step: 'vote finance' } };
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject(refused);
    expect(silgi.faults.entered.filter((step) => step === 'lock')).toHaveLength(1);
    await session.query('ROLLBACK');
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
      code: 'PATIENT_ALREADY_DELETED',
    });
  });

  it('that is chosen as the victim of a deadlock is retried and succeeds', async () => {
    const patientId = await seedPatient(silgi.database, 1);
    await session.query(`SET deadlock_timeout = '30s'`);
    await session.query('BEGIN');
    await session.query('UPDATE clinical.sharded_alerji SET code = $2 WHERE patient_id = $1', [
      patientId,
      'x',
    ]);
    let update: Promise<unknown> | undefined;
    silgi.faults.at('mark clinical', async () => {
      update = session
        .query('UPDATE patient.sharded_patient_demographics SET city = $2 WHERE patient_id = $1', [
          patientId,
          'x',
        ])
        .then(() => session.query('COMMIT'));
      await waitsForLock(silgi, session);
    });
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
      replayed: false,
    });
    await update;
    expect(silgi.faults.entered.filter((step) => step === 'lock')).toHaveLength(2);
    expect(silgi.faults.ids.size).toBe(1);
    await expectWholeDeletion(patientId);
  });

  it('leaves no orphan behind writers of every table at every isolation level', async () => {
    const patients = await Promise.all(Array.from({ length: 12 }, () => seedPatient(silgi.database, 1)));
    let running = true;
    let refused = 0;
    const written = new Set<string>();
    const writers = ISOLATION_LEVELS.map(async (level) => {
      const writer = await silgi.database.connect();
      for (let round = 0; running; round++) {
        for (const [at, patientId] of patients.entries()) {
          const table = CHILD_TABLES[(round + at) % CHILD_TABLES.length] ?? '';
          await writer.query(`BEGIN ISOLATION LEVEL ${level}`);
          try {
            await writer.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [
              patientId,
            ]);
            await writer.query('COMMIT');
            written.add(`${level} ${table}`);
          } catch {
            refused += 1;
            await writer.query('ROLLBACK');
          }
        }
      }
      await writer.end();
    });
    await until(() => written.size === ISOLATION_LEVELS.length * CHILD_TABLES.length);
    for (const patientId of patients) await silgi.orchestrator.deletePatient(deletionOf(patientId));
    await until(() => refused > 0);
    running = false;
    await Promise.all(writers);
    for (const patientId of patients) await expectWholeDeletion(patientId);
  });
});

/** Returns once this session is seen waiting for a lock. */
async function waitsForLock(silgi: Silgi, session: pg.Client): Promise<void> {
  const { processID } = session as unknown as { processID: number };
  await until(async () => {
    const [row] = await silgi.database.query<{ waiting: boolean }>(
      `SELECT wait_event_type = 'Lock' AS waiting FROM pg_stat_activity WHERE pid = $1`,
      [processID],
    );
    return row?.waiting === true;
  });
}
