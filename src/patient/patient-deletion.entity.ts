import { Column, PrimaryColumn } from 'typeorm';
import { type DeletionReason, type LegalBasis } from '../common/index.js';
import { KeptOnDeletion, PATIENT_ID, type ShardCount } from '../shards/index.js';

/** CLAIMED is seen only inside the deletion's own transaction. */
export type DeletionState = 'CLAIMED' | 'DELETED' | 'RESTORED';

/** The record of a deletion: who asked for it, why, and what it took. Not patient data. */
@KeptOnDeletion('patient', 'sharded_patient_deletion', 'the record that proves the deletion')
export class PatientDeletion {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  /** UUIDv7, so that newer deletions sort later. */
  @PrimaryColumn('uuid', { name: 'deletion_id' })
  deletionId: string;

  @Column('text')
  state: DeletionState;

  @Column('text')
  reason: DeletionReason;

  @Column('text', { name: 'legal_basis' })
  legalBasis: LegalBasis;

  /** The subject of the requester's token. */
  @Column('text', { name: 'requested_by' })
  requestedBy: string;

  @Column('timestamptz', { name: 'requested_at' })
  requestedAt: Date;

  @Column('text', { name: 'request_id' })
  requestId: string;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @Column('jsonb', { nullable: true })
  shards: ShardCount[] | null;

  @Column('bigint', { name: 'total_rows', nullable: true })
  totalRows: string | null;

  @Column('uuid', { name: 'audit_event_id', nullable: true })
  auditEventId: string | null;

  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey: string | null;

  /** SHA-256 of what was asked for, hex; tells a repeat from another request with the same key. */
  @Column('text', { name: 'request_digest', nullable: true })
  requestDigest: string | null;

  /** The first answer, byte for byte; kept where an Idempotency-Key came with the request. */
  @Column('text', { nullable: true })
  answer: string | null;
}
