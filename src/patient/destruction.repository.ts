import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline, workAs, DESTROYER_ROLE } from '../postgres/index.js';
import { type DeletionKey, emptyPatient, namesOfChanged, PATIENT_ID } from '../shards/index.js';
import { writeRecord } from './kept.record.js';
import { PatientDestruction } from './patient-destruction.entity.js';

const TABLE = 'sharded_patient_destruction';
const RECORDS = `patient.${TABLE}`;
const DELETION = 'sharded_patient_deletion';

/** The columns of a record, in the order of their parameters. */
const COLUMNS = [
  ...[
    PATIENT_ID,
    'destruction_id',
    'deletion_id',
    'destroyed_by',
    'destroyed_at',
    'request_id',
    'due_before',
  ],
  ...['last_contact', 'policy_digest', 'is_final', 'shards', 'deletion_shards', 'total_rows', 'kept'],
  'audit_event_id',
];
const KEEP = `INSERT INTO ${RECORDS} (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})
  RETURNING ${namesOfChanged(COLUMNS)}`;

/** What repeats were answered and the keys that they came with go as well: what stands there is anybody's text. */
const ENDED = [
  'state',
  'idempotency_key',
  'request_digest',
  'answer',
  'restoration_key',
  'restoration_digest',
  'restoration_answer',
];
const END = `UPDATE patient.${DELETION} SET ${ENDED.map((column, at) => `${column} = $${at + 3}`).join(', ')}
  WHERE ${PATIENT_ID} = $1 AND deletion_id = $2 RETURNING ${namesOfChanged([PATIENT_ID, 'deletion_id', ...ENDED])}`;

/** Writes what destroys, in transactions that work as the role which may. */
@Injectable()
export class DestructionRepository {
  /** From here to its end the transaction can remove what is hidden, and neither mark nor take a mark back any more. */
  async workAsDestroyer(manager: EntityManager): Promise<void> {
    await runInPipeline(manager, [{ text: workAs(DESTROYER_ROLE), values: [] }]);
  }

  /** Every destruction of this patient, the oldest first. */
  ofPatient(manager: EntityManager, patientId: string): Promise<PatientDestruction[]> {
    return manager.find(PatientDestruction, { where: { patientId }, order: { destructionId: 'ASC' } });
  }

  /** Empties the patient's own row. @returns how many rows say nothing any more */
  emptyPatient(manager: EntityManager, deletion: DeletionKey): Promise<number> {
    return emptyPatient(manager, deletion);
  }

  /** @throws TableFailure where it was not kept, or otherwise than it was written */
  async keep(manager: EntityManager, record: Readonly<PatientDestruction>): Promise<void> {
    const values = [
      record.patientId,
      record.destructionId,
      record.deletionId,
      record.destroyedBy,
      record.destroyedAt.toISOString(),
      record.requestId,
      record.dueBefore,
      record.lastContact,
      record.policyDigest,
      String(record.isFinal),
      JSON.stringify(record.shards),
      JSON.stringify(record.deletionShards),
      record.totalRows,
      JSON.stringify(record.kept),
      record.auditEventId,
    ];
    await writeRecord(manager, { text: KEEP, values, table: TABLE, what: 'The record of the destruction' });
    if (!record.isFinal) return;
    const ended = [record.patientId, record.deletionId, 'DESTROYED', ...ENDED.slice(1).map(() => null)];
    await writeRecord(manager, {
      text: END,
      values: ended,
      table: DELETION,
      what: 'The end of the deletion',
    });
  }

  /**
   * Learns whether a destruction whose COMMIT was never acknowledged has committed (RELIABILITY rule 11), under the lock
   * of its patient, which waits until the server knows. The caller rolls this transaction back.
   */
  hasCommitted(manager: EntityManager, patientId: string, destructionId: string): Promise<boolean> {
    return manager.existsBy(PatientDestruction, { patientId, destructionId });
  }
}
