import { Column, PrimaryColumn } from 'typeorm';
import type { DeletionReason, LegalBasis, RestorationReason } from '../common/index.js';
import { KeptOnDeletion, PATIENT_ID, type ShardCount } from '../shards/index.js';

/**
 * CLAIMED is seen only inside the deletion's own transaction. DESTROYED is kept for what will destroy: no step of the
 * product leads to it, and what is called so is never restored.
 */
export type DeletionState = 'CLAIMED' | 'DELETED' | 'RESTORED' | 'DESTROYED';

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

  /** The data subject's request that it names; null where it names none. */
  @Column('uuid', { name: 'erasure_request_id', nullable: true })
  erasureRequestId: string | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** When the deletion was undone; null where it stands. */
  @Column('timestamptz', { name: 'restored_at', nullable: true })
  restoredAt: Date | null;

  /** The subject of the token of whoever undid it. */
  @Column('text', { name: 'restored_by', nullable: true })
  restoredBy: string | null;

  @Column('text', { name: 'restoration_reason', nullable: true })
  restorationReason: RestorationReason | null;

  @Column('uuid', { name: 'restoration_event_id', nullable: true })
  restorationEventId: string | null;

  /** The Idempotency-Key of the restoration, and SHA-256 of what was asked for, hex. */
  @Column('text', { name: 'restoration_key', nullable: true })
  restorationKey: string | null;

  @Column('text', { name: 'restoration_digest', nullable: true })
  restorationDigest: string | null;

  /** Its first answer, byte for byte; kept where an Idempotency-Key came with the request. */
  @Column('text', { name: 'restoration_answer', nullable: true })
  restorationAnswer: string | null;

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
