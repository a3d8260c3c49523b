import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  DestructionOrchestrator,
  type DestroyPatientCommand,
  type DestructionAnswer,
  type Retention,
  RestoreWindow,
} from '../../src/orchestrator/index.js';
import { FailedAttempts } from '../../src/orchestrator/failure.record.js';
import { Shards } from '../../src/orchestrator/shards.js';
import { DestructionRepository } from '../../src/patient/index.js';
import { Transactions } from '../../src/protocol/index.js';
import type { DeletionKey, KeepRule } from '../../src/shards/index.js';
import type { TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { deletionOf, type Silgi } from '../support/silgi.js';
import { rowsOf } from './restoration.stage.js';

/** Rows of the patient in each child table; one diagnosis is hidden by the hospital itself. */
export const ROWS = 2;
/** All of his rows. */
export const ALL_ROWS = 1 + 14 * ROWS;
/** A day up to which destructions are asked for here. */
export const DAY = '2026-11-01';

/** A date of each child table, from which its periods are counted here. */
export const DATES: Readonly<Record<string, readonly [table: string, ...dates: string[]]>> = {
  Examination: ['clinical.sharded_muayene', 'started_at', 'ended_at'],
  Diagnosis: ['clinical.sharded_tani', 'onset_date', 'resolved_date'],
  Prescription: ['clinical.sharded_recete', 'started_at', 'ended_at'],
  TestResult: ['clinical.sharded_tetkik_sonuc', 'observed_at'],
  Procedure: ['clinical.sharded_tibbi_islem', 'performed_at'],
  Immunization: ['clinical.sharded_asi', 'administered_at'],
  Allergy: ['clinical.sharded_alerji', 'onset_date'],
  CarePlan: ['clinical.sharded_bakim_plani', 'start_date'],
  ImagingStudy: ['clinical.sharded_goruntuleme', 'performed_at'],
  Device: ['clinical.sharded_cihaz', 'started_at'],
  Supply: ['clinical.sharded_malzeme', 'supplied_on'],
  Invoice: ['finance.sharded_fatura', 'service_at'],
  FinancialTransaction: ['finance.sharded_finans_islem', 'from_at'],
  InsuranceCoverage: ['finance.sharded_sigorta', 'ends_at'],
};

/** Twenty years from the last contact, and ten from the end of the year of an invoice; with other rules where they are given. */
export function retentionOf(others: Readonly<Record<string, Partial<KeepRule>>> = {}): Retention {
  const rules = Object.entries(DATES).map(([resourceType, [table, ...dates]]) => {
    const isClinical = table.startsWith('clinical');
    const usual = isClinical
      ? ({ keep: 'P20Y', from: 'LAST_CONTACT', ground: 'HEALTH_RECORDS' } as const)
      : ({ keep: 'P10Y', from: 'END_OF_YEAR', ground: 'COMMERCIAL_RECORDS' } as const);
    return { resourceType, dates, ...usual, ...others[resourceType] };
  });
  return { rules, digest: 'ab'.repeat(32), signedOff: { by: 'the controller' } };
}

/** A patient who was deleted, and whose rows are to be destroyed. Every date of his is in 1995. */
export class DestroyedPatient {
  private constructor(
    private readonly silgi: Silgi,
    readonly patientId: string,
    readonly deletion: DeletionKey,
    readonly orchestrator: DestructionOrchestrator,
  ) {}

  /** @param windowDays in which a deletion may be undone, and nothing is destroyed */
  static async prepare(silgi: Silgi, windowDays = 0): Promise<DestroyedPatient> {
    const { database } = silgi;
    const patientId = await seedPatient(database, ROWS);
    for (const [table, ...dates] of Object.values(DATES))
      await database.query(
        `UPDATE ${table} SET ${dates.map((date) => `${date} = '1995-06-15'`).join(', ')} WHERE patient_id = $1`,
        [patientId],
      );
    await database.query(
      `UPDATE clinical.sharded_tani SET is_deleted = true, deleted_at = '2020-01-01'
       WHERE id = (SELECT id FROM clinical.sharded_tani WHERE patient_id = $1 LIMIT 1)`,
      [patientId],
    );
    const key = `key of ${patientId}`;
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId, { idempotencyKey: key }));
    const orchestrator = new DestructionOrchestrator(
      silgi.app.get(Shards),
      silgi.app.get(DestructionRepository),
      silgi.app.get(Transactions),
      silgi.app.get(FailedAttempts),
      new RestoreWindow(windowDays),
    );
    const { deletionId } = answer;
    return new DestroyedPatient(silgi, patientId, { patientId, deletionId }, orchestrator);
  }

  command(more: Partial<DestroyPatientCommand> = {}): DestroyPatientCommand {
    return {
      ...this.deletion,
      dueBefore: DAY,
      requestedBy: 'officer@hospital.example',
      requestedRole: 'privacy-officer',
      requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
      requestId: randomUUID(),
      ...more,
    };
  }

  destroy(retention = retentionOf(), more: Partial<DestroyPatientCommand> = {}): Promise<DestructionAnswer> {
    return this.orchestrator.destroyPatient(this.command(more), retention);
  }

  /** Runs the destruction, which must fail, and proves that nothing of it is left. @returns what it failed with */
  async fails(retention = retentionOf(), more: Partial<DestroyPatientCommand> = {}): Promise<unknown> {
    const before = await this.state();
    const error: unknown = await this.destroy(retention, more).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeDefined();
    expect(await this.state()).toEqual(before);
    return error;
  }

  /** Sets dates of his rows behind the product's back. @param change as UPDATE has it */
  async date(table: string, change: string): Promise<void> {
    await this.silgi.database.query(`UPDATE ${table} SET ${change} WHERE patient_id = $1`, [this.patientId]);
  }

  /** His rows of the child tables that are there still, by table. */
  async left(): Promise<Record<string, number>> {
    const left: Record<string, number> = {};
    for (const [table] of Object.values(DATES)) {
      const [row] = await this.silgi.database.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM ${table} WHERE patient_id = $1`,
        [this.patientId],
      );
      if (row !== undefined && row.rows > 0) left[table] = row.rows;
    }
    return left;
  }

  /** Asserts that nothing of him is left but the id and the mark, and that record and event say so, once. */
  async assertDestroyed(): Promise<void> {
    const { database } = this.silgi;
    expect(await this.left()).toEqual({});
    const [row] = await database.query<Record<string, unknown>>(
      'SELECT * FROM patient.sharded_patient_demographics WHERE patient_id = $1',
      [this.patientId],
    );
    const said = Object.entries(row ?? {}).filter(([, value]) => ![null, '', '  '].includes(value as string));
    const marks = { patient_id: this.patientId, is_deleted: true, deleted_at: expect.any(Date) };
    expect(Object.fromEntries(said)).toEqual({ ...marks, deletion_id: this.deletion.deletionId });
    const record = { state: 'DESTROYED', idempotency_key: null, request_digest: null, answer: null };
    expect(await this.record()).toMatchObject(record);
    const destructions = await this.destructions();
    expect(destructions.filter(({ is_final }) => is_final === true)).toHaveLength(1);
    expect(await this.events('SYSTEM_DESTROY_PATIENT')).toEqual(
      destructions.map((one) => expect.objectContaining({ audit_event_id: one['audit_event_id'] })),
    );
  }

  /** Runs it with nothing in its way. */
  async stillWorks(): Promise<void> {
    await this.destroy();
    await this.assertDestroyed();
  }

  destructions(): Promise<Record<string, unknown>[]> {
    return this.silgi.database.query(
      'SELECT * FROM patient.sharded_patient_destruction WHERE patient_id = $1 ORDER BY destruction_id',
      [this.patientId],
    );
  }

  async record(): Promise<Record<string, unknown> | undefined> {
    const [record] = await this.silgi.database.query(
      'SELECT * FROM patient.sharded_patient_deletion WHERE patient_id = $1 AND deletion_id = $2',
      [this.patientId, this.deletion.deletionId],
    );
    return record;
  }

  async events(action: string) {
    const events = await auditEventsOf(this.silgi.database, this.patientId);
    return events.filter((event) => event.action === action);
  }

  private async state(): Promise<unknown[]> {
    const { database } = this.silgi;
    return [
      await rowsOf(database, this.patientId),
      await digestOf(database, this.patientId),
      await this.destructions(),
      await this.events('SYSTEM_DESTROY_PATIENT'),
    ];
  }
}

/** Has a trigger run on a table as long as the work takes. @param on as `BEFORE DELETE` @param body of the function */
export async function withTrigger<T>(
  database: TestDatabase,
  { table, on, body }: { readonly table: string; readonly on: string; readonly body: string },
  work: () => Promise<T>,
): Promise<T> {
  await database.query(
    `CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${body} END $$`,
  );
  await database.query(
    `CREATE TRIGGER meddle ${on} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.meddle()`,
  );
  try {
    return await work();
  } finally {
    await database.query('DROP FUNCTION public.meddle() CASCADE');
  }
}
