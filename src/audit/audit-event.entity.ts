import { Column, PrimaryColumn } from 'typeorm';
import type { RequestedVia } from '../common/index.js';
import {
  keepOnDeletion,
  KeptOnDeletion,
  PATIENT_ID,
  type ShardCount,
  type ShardName,
} from '../shards/index.js';

export type AuditAction =
  | 'SYSTEM_DELETE_PATIENT'
  | 'SYSTEM_DELETE_PATIENT_FAILED'
  | 'SYSTEM_RESTORE_PATIENT'
  | 'SYSTEM_RESTORE_PATIENT_FAILED'
  | 'SYSTEM_DESTROY_PATIENT'
  | 'SYSTEM_DESTROY_PATIENT_FAILED'
  | 'SYSTEM_PLACE_LEGAL_HOLD'
  | 'SYSTEM_RELEASE_LEGAL_HOLD'
  | 'SYSTEM_RECORD_ERASURE_REQUEST'
  | 'SYSTEM_EXTEND_ERASURE_REQUEST'
  | 'SYSTEM_REFUSE_ERASURE_REQUEST'
  | 'SYSTEM_WITHDRAW_ERASURE_REQUEST'
  /** The name of a deleted patient was shown. */
  | 'DELETED_PATIENT_READ';

/** The deletion of an event where there is none: of a patient who is live, or whom the hospital's own system had hidden. */
export const NO_DELETION = '00000000-0000-0000-0000-000000000000';

/** How a failed attempt ended: its error code and the point it reached. No health data, no free text. */
export interface AuditedFailure {
  readonly code: string;
  /** Why a restoration or a destruction was refused; a code. */
  readonly refusal?: string;
  readonly phase?: 'PREPARE' | 'EXECUTE' | 'COMMIT';
  readonly shard?: ShardName;
  readonly step?: string;
  readonly table?: string;
}

for (const table of ['audit_log_leaf', 'audit_log_node', 'audit_log_checkpoint', 'audit_log_key'])
  keepOnDeletion('audit', table, 'the sealed log: it names events and no patient');

/** An event of the append-only log (FHIR AuditEvent). The subject is known by id alone. */
@KeptOnDeletion('audit', 'sharded_audit_event', 'the audit log is kept for years, also of deleted patients')
export class AuditEvent {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  /** UUIDv7, so that newer events sort later. */
  @PrimaryColumn('uuid', { name: 'audit_event_id' })
  auditEventId: string;

  @Column('text')
  action: AuditAction;

  /** The subject of the requester's token, or the user of the operating system: {@link actorSource} says which. */
  @Column('text')
  actor: string;

  /** How the actor is known; null for events from before it was kept. */
  @Column('jsonb', { name: 'actor_source', nullable: true })
  actorSource: RequestedVia | null;

  /** The role under which it was allowed; null at a terminal, and for events from before it was kept. */
  @Column('text', { name: 'actor_role', nullable: true })
  actorRole: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { name: 'legal_basis', nullable: true })
  legalBasis: string | null;

  @Column('uuid', { name: 'deletion_id' })
  deletionId: string;

  /** What was purged, destroyed or came back: per shard, resource type, table and rows. Null for a failed attempt. */
  @Column('jsonb', { nullable: true })
  purged: ShardCount[] | null;

  @Column('jsonb', { nullable: true })
  failure: AuditedFailure | null;

  @Column('text', { name: 'request_id' })
  requestId: string;

  /** When it was asked for; null for events from before it was kept. */
  @Column('timestamptz', { name: 'requested_at', nullable: true })
  requestedAt: Date | null;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt: Date;
}
