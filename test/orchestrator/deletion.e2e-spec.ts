import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PatientAlreadyDeleted, PatientNotFound } from '../../src/patient/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import {
  auditEventsOf,
  CHILD_TABLES,
  countRows,
  digestOf,
  PATIENT_TABLES,
  seedPatient,
} from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

describe('deleting a patient', () => {
  let silgi: Silgi;
  beforeAll(async () => {
    silgi = await openSilgi();
  });
  afterEach(async () => {
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  it('marks every row of every shard with this deletion and leaves other patients untouched', async () => {
    const patientId = await seedPatient(silgi.database, 4);
    const other = await seedPatient(silgi.database, 4);
    const before = await digestOf(silgi.database, other);

    const { answer, replayed } = await silgi.orchestrator.deletePatient(deletionOf(patientId));

    expect(replayed).toBe(false);
    expect(answer).toMatchObject({ patientId, state: 'DELETED', totalRows: 1 + 14 * 4 });
    const counts = await countRows(silgi.database, patientId);
    expect(Object.keys(counts)).toHaveLength(15);
    for (const [table, { live, deleted }] of Object.entries(counts)) {
      expect([table, live, deleted]).toEqual([table, 0, table === PATIENT_TABLES[0] ? 1 : 4]);
    }
    for (const table of PATIENT_TABLES) {
      const marks = await silgi.database.query<{ deletion_id: string; deleted_at: Date }>(
        `SELECT DISTINCT deletion_id, deleted_at FROM ${table} WHERE patient_id = $1`,
        [patientId],
      );
      expect(marks).toEqual([{ deletion_id: answer.deletionId, deleted_at: new Date(answer.deletedAt) }]);
    }
    expect(await digestOf(silgi.database, other)).toBe(before);
  });

  it('runs the steps of the protocol in their declared order, children before demographics', async () => {
    await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
    expect(silgi.faults.entered).toEqual(ALL_DELETION_STEPS.map(({ name }) => name));
    const order = silgi.faults.entered;
    expect(order.indexOf('lock')).toBeLessThan(order.indexOf('vote patient'));
    expect(order.indexOf('mark patient')).toBeGreaterThan(order.indexOf('mark finance'));
    expect(order.indexOf('mark patient')).toBeGreaterThan(order.indexOf('mark clinical'));
  });

  it('writes exactly one SYSTEM_DELETE_PATIENT event that lists the purged resource types with their rows', async () => {
    const patientId = await seedPatient(silgi.database, 2);
    const command = deletionOf(patientId, { reason: 'COURT_ORDER', legalBasis: 'GDPR_ART_17_1_E' });
    const { answer } = await silgi.orchestrator.deletePatient(command);

    const events = await auditEventsOf(silgi.database, patientId);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      action: 'SYSTEM_DELETE_PATIENT',
      actor: command.requestedBy,
      reason: 'COURT_ORDER',
      legal_basis: 'GDPR_ART_17_1_E',
      deletion_id: answer.deletionId,
      audit_event_id: answer.auditEventId,
      request_id: command.requestId,
      failure: null,
    });
    const purged = events[0]?.purged ?? [];
    expect(purged.map(({ shard }) => shard)).toEqual(['patient', 'clinical', 'finance']);
    const tables = purged.flatMap(({ shard, resources }) =>
      resources.map(({ table }) => `${shard}.${table}`),
    );
    expect(tables.sort()).toEqual([...PATIENT_TABLES].sort());
    const types = purged.flatMap(({ resources }) => resources.map(({ resourceType }) => resourceType));
    expect(types).toEqual(
      expect.arrayContaining(['PatientDemographics', 'Examination', 'FinancialTransaction']),
    );
    for (const { rows, table } of purged.flatMap(({ resources }) => resources)) {
      expect([table, rows]).toEqual([table, table === 'sharded_patient_demographics' ? 1 : 2]);
    }
  });

  it('keeps a record of the deletion', async () => {
    const patientId = await seedPatient(silgi.database);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    const records = await silgi.database.query(
      'SELECT * FROM patient.sharded_patient_deletion WHERE patient_id = $1',
      [patientId],
    );
    expect(records).toEqual([
      expect.objectContaining({
        deletion_id: answer.deletionId,
        state: 'DELETED',
        shards: answer.shards,
        total_rows: String(answer.totalRows),
        audit_event_id: answer.auditEventId,
        answer: null,
      }),
    ]);
  });

  it('leaves rows alone that the hospital had hidden before', async () => {
    await expectHiddenRowsLeftAlone(silgi);
  });

  it('leaves them alone also as a login that works as the owner, whom no policy keeps from them', async () => {
    const owner = await openSilgi({ asOwner: true });
    try {
      await expectHiddenRowsLeftAlone(owner);
    } finally {
      await owner.close();
    }
  });

  it('deletes a patient who has demographics alone', async () => {
    const patientId = await seedPatient(silgi.database, 0);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect(answer.totalRows).toBe(1);
    expect(await auditEventsOf(silgi.database, patientId)).toHaveLength(1);
  });

  it('refuses an unknown patient and leaves no trace', async () => {
    const patientId = '00000000-0000-4000-8000-000000000000';
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toThrow(PatientNotFound);
    expect(await auditEventsOf(silgi.database, patientId)).toEqual([]);
    expect(
      await silgi.database.query('SELECT FROM patient.sharded_patient_deletion WHERE patient_id = $1', [
        patientId,
      ]),
    ).toEqual([]);
  });

  it('refuses a second deletion and names the one that won', async () => {
    const patientId = await seedPatient(silgi.database);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    const before = await digestOf(silgi.database, patientId);
    const second = await silgi.orchestrator
      .deletePatient(deletionOf(patientId))
      .catch((error: unknown) => error);
    expect(second).toBeInstanceOf(PatientAlreadyDeleted);
    expect(second).toMatchObject({ code: 'PATIENT_ALREADY_DELETED', deletionId: answer.deletionId });
    expect(await digestOf(silgi.database, patientId)).toBe(before);
    expect(await auditEventsOf(silgi.database, patientId)).toHaveLength(1);
  });

  it('lets one of many simultaneous deletions win and tells the others which', async () => {
    const patientId = await seedPatient(silgi.database);
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => silgi.orchestrator.deletePatient(deletionOf(patientId))),
    );
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({
          code: 'PATIENT_ALREADY_DELETED',
          deletionId: won[0]?.value.answer.deletionId,
        });
      }
    }
    expect(await auditEventsOf(silgi.database, patientId)).toHaveLength(1);
  });

  describe('the database itself refuses an orphan', () => {
    it.each(CHILD_TABLES)('an insert into %s under a deleted patient', async (table) => {
      const patientId = await seedPatient(silgi.database, 1);
      const insert = `INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`;
      await silgi.database.query(insert, [patientId]);
      await silgi.orchestrator.deletePatient(deletionOf(patientId));
      await expect(silgi.database.query(insert, [patientId])).rejects.toMatchObject({ code: '23503' });
      const revive = `UPDATE ${table} SET is_deleted = false WHERE patient_id = $1`;
      await expect(silgi.database.query(revive, [patientId])).rejects.toMatchObject({ code: '23503' });
    });

    it.each(CHILD_TABLES)('a demographics row hidden while %s has live rows', async (table) => {
      const patientId = await seedPatient(silgi.database, 0);
      await silgi.database.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [
        patientId,
      ]);
      await expect(
        silgi.database.query(
          'UPDATE patient.sharded_patient_demographics SET is_deleted = true WHERE patient_id = $1',
          [patientId],
        ),
      ).rejects.toMatchObject({ code: '23503' });
    });
  });

  describe('a preview', () => {
    it('says what the deletion then does, and changes nothing', async () => {
      const patientId = await seedPatient(silgi.database, 2);
      const before = await digestOf(silgi.database, patientId);
      const preview = await silgi.orchestrator.previewDeletion(deletionOf(patientId));
      expect(preview).toMatchObject({ patientId, ready: true, blockers: [], totalRows: 1 + 14 * 2 });
      expect(await digestOf(silgi.database, patientId)).toBe(before);
      expect(await auditEventsOf(silgi.database, patientId)).toEqual([]);

      const { answer } = await silgi.orchestrator.deletePatient(
        deletionOf(patientId, { previewDigest: preview.digest }),
      );
      expect(answer.shards).toEqual(preview.shards);
    });

    it.each(CHILD_TABLES)('is outdated once a row is added to %s', async (table) => {
      const patientId = await seedPatient(silgi.database, 2);
      const { digest } = await silgi.orchestrator.previewDeletion(deletionOf(patientId));
      await silgi.database.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [
        patientId,
      ]);
      const before = await digestOf(silgi.database, patientId);
      await expect(
        silgi.orchestrator.deletePatient(deletionOf(patientId, { previewDigest: digest })),
      ).rejects.toMatchObject({ code: 'PREVIEW_OUTDATED' });
      expect(await digestOf(silgi.database, patientId)).toBe(before);
    });

    it('of another patient with as many rows does not stand for this one', async () => {
      const patientId = await seedPatient(silgi.database, 2);
      const other = await seedPatient(silgi.database, 2);
      const { digest } = await silgi.orchestrator.previewDeletion(deletionOf(other));
      await expect(
        silgi.orchestrator.deletePatient(deletionOf(patientId, { previewDigest: digest })),
      ).rejects.toMatchObject({ code: 'PREVIEW_OUTDATED' });
    });
  });

  describe('a legal hold', () => {
    it('vetoes the deletion until it is released', async () => {
      const patientId = await seedPatient(silgi.database);
      await silgi.database.query(
        `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
         VALUES ($1, gen_random_uuid(), 'LITIGATION', 'dpo', now())`,
        [patientId],
      );
      const before = await digestOf(silgi.database, patientId);
      await expect(silgi.orchestrator.previewDeletion(deletionOf(patientId))).resolves.toMatchObject({
        ready: false,
        blockers: [{ shard: 'patient', code: 'LEGAL_HOLD' }],
      });
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
        code: 'DELETION_VETOED',
        blockers: [{ shard: 'patient', code: 'LEGAL_HOLD' }],
      });
      expect(await digestOf(silgi.database, patientId)).toBe(before);
      expect(await auditEventsOf(silgi.database, patientId)).toEqual([
        expect.objectContaining({
          action: 'SYSTEM_DELETE_PATIENT_FAILED',
          failure: { code: 'DELETION_VETOED' },
        }),
      ]);

      await silgi.database.query(
        'UPDATE patient.sharded_legal_hold SET released_at = now() WHERE patient_id = $1',
        [patientId],
      );
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
        replayed: false,
      });
    });
  });
});

async function expectHiddenRowsLeftAlone({ database, orchestrator }: Silgi): Promise<void> {
  const patientId = await seedPatient(database, 3);
  await database.query(
    `UPDATE clinical.sharded_tani SET is_deleted = true, deleted_at = '2020-01-01Z' WHERE (patient_id, id) IN
     (SELECT patient_id, id FROM clinical.sharded_tani WHERE patient_id = $1 LIMIT 1)`,
    [patientId],
  );
  const { answer } = await orchestrator.deletePatient(deletionOf(patientId));
  expect(answer.totalRows).toBe(1 + 14 * 3 - 1);
  const hidden = await database.query(
    `SELECT deletion_id, deleted_at FROM clinical.sharded_tani WHERE patient_id = $1 AND deletion_id IS NULL`,
    [patientId],
  );
  expect(hidden).toEqual([{ deletion_id: null, deleted_at: new Date('2020-01-01T00:00:00Z') }]);
}
