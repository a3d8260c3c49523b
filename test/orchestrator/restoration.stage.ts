import { expect } from '@jest/globals';
import type { RestorePatientCommand, Restored } from '../../src/orchestrator/index.js';
import type { DeletionKey } from '../../src/shards/index.js';
import type { TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, restorationOf, type Silgi } from '../support/silgi.js';

/** Rows of the patient in each child table; one diagnosis is hidden by the hospital itself. */
export const ROWS = 2;
/** What a deletion of such a patient takes. */
export const DELETED_ROWS = 1 + 14 * ROWS - 1;

/** One text for all rows of a patient in the patient-owned tables, every column of them. */
export async function rowsOf(database: TestDatabase, patientId: string): Promise<string> {
  const parts = PATIENT_TABLES.map(
    (table) => `SELECT '${table} ' || t::text AS row FROM ${table} t WHERE patient_id = $1`,
  );
  const rows = await database.query<{ row: string }>(parts.join(' UNION ALL '), [patientId]);
  return rows
    .map(({ row }) => row)
    .sort()
    .join('\n');
}

/** A patient who was deleted, and whose deletion is to be undone. */
export class DeletedPatient {
  private constructor(
    private readonly silgi: Silgi,
    readonly patientId: string,
    /** All rows as they were before the deletion. */
    readonly before: string,
    readonly deletion: DeletionKey,
  ) {}

  static async prepare(silgi: Silgi): Promise<DeletedPatient> {
    const patientId = await seedPatient(silgi.database, ROWS);
    await silgi.database.query(
      `UPDATE clinical.sharded_tani SET is_deleted = true, deleted_at = '2020-01-01'
       WHERE id = (SELECT id FROM clinical.sharded_tani WHERE patient_id = $1 LIMIT 1)`,
      [patientId],
    );
    const before = await rowsOf(silgi.database, patientId);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    return new DeletedPatient(silgi, patientId, before, { patientId, deletionId: answer.deletionId });
  }

  restore(more: Partial<RestorePatientCommand> = {}): Promise<Restored> {
    return this.silgi.orchestrator.restorePatient(restorationOf(this.deletion, more));
  }

  /** Runs the restoration, which must fail, and proves that nothing of it is left. @returns what it failed with */
  async fails(more: Partial<RestorePatientCommand> = {}): Promise<unknown> {
    const { database } = this.silgi;
    const [digest, events] = [await digestOf(database, this.patientId), await this.restorations()];
    const error: unknown = await this.restore(more).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeDefined();
    expect(await digestOf(database, this.patientId)).toBe(digest);
    expect(await this.restorations()).toEqual(events);
    return error;
  }

  /** Asserts that all of it has come back, once. */
  async assertRestored(): Promise<void> {
    expect(await rowsOf(this.silgi.database, this.patientId)).toBe(this.before);
    const record = await this.record();
    expect(record).toMatchObject({ state: 'RESTORED', restored_at: expect.any(Date) });
    expect(await this.restorations()).toEqual([record?.['restoration_event_id']]);
  }

  /** Runs it with nothing in its way. */
  async stillWorks(): Promise<void> {
    await this.restore();
    await this.assertRestored();
  }

  async record(): Promise<Record<string, unknown> | undefined> {
    const [record] = await this.silgi.database.query(
      'SELECT * FROM patient.sharded_patient_deletion WHERE patient_id = $1 AND deletion_id = $2',
      [this.patientId, this.deletion.deletionId],
    );
    return record;
  }

  /** Changes the record behind the product's back. @param change as UPDATE has it */
  async setRecord(change: string): Promise<void> {
    await this.silgi.database.query(
      `UPDATE patient.sharded_patient_deletion SET ${change} WHERE patient_id = $1 AND deletion_id = $2`,
      [this.patientId, this.deletion.deletionId],
    );
  }

  /** Ids of the events that say that this deletion was undone. */
  async restorations(): Promise<string[]> {
    const events = await auditEventsOf(this.silgi.database, this.patientId);
    return events
      .filter(
        ({ action, deletion_id }) =>
          action === 'SYSTEM_RESTORE_PATIENT' && deletion_id === this.deletion.deletionId,
      )
      .map(({ audit_event_id }) => audit_event_id);
  }

  /** What the log says of attempts to undo it that failed. */
  async failures(): Promise<unknown[]> {
    const events = await auditEventsOf(this.silgi.database, this.patientId);
    return events
      .filter(({ action }) => action === 'SYSTEM_RESTORE_PATIENT_FAILED')
      .map(({ failure }) => failure);
  }
}
