import { Column, PrimaryColumn } from 'typeorm';
import {
  KeptOnDeletion,
  type KeptRows,
  PATIENT_ID,
  type ShardCount,
  type ShardName,
} from '../shards/index.js';

/** Rows that a destruction has left, as hidden as they were, and why. */
export interface KeptOfShard extends KeptRows {
  readonly shard: ShardName;
}

/** The record of a destruction: what is gone for good of a patient who was deleted, and what had to stay. Not patient data. */
@KeptOnDeletion('patient', 'sharded_patient_destruction', 'the record that proves the destruction')
export class PatientDestruction {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  /** UUIDv7, so that newer destructions sort later. */
  @PrimaryColumn('uuid', { name: 'destruction_id' })
  destructionId: string;

  /** The deletion that had hidden the patient. */
  @Column('uuid', { name: 'deletion_id' })
  deletionId: string;

  /** The subject of the requester's token. */
  @Column('text', { name: 'destroyed_by' })
  destroyedBy: string;

  @Column('timestamptz', { name: 'destroyed_at' })
  destroyedAt: Date;

  @Column('text', { name: 'request_id' })
  requestId: string;

  /** As 2026-12-01: what was destroyed had to be kept until a day before it. */
  @Column('date', { name: 'due_before' })
  dueBefore: string;

  /** The last contact from which periods were counted, as 2006-03-14; null where no row told of one. */
  @Column('date', { name: 'last_contact', nullable: true })
  lastContact: string | null;

  /** SHA-256 of the policy by which it was judged, hex. */
  @Column('text', { name: 'policy_digest' })
  policyDigest: string;

  /** Whether nothing of the patient remains: then his own row is emptied as well. */
  @Column('boolean', { name: 'is_final' })
  isFinal: boolean;

  /** The rows that are gone. */
  @Column('jsonb')
  shards: ShardCount[];

  /** Those of them that the deletion had hidden: the hospital's own system may have hidden others before. */
  @Column('jsonb', { name: 'deletion_shards' })
  deletionShards: ShardCount[];

  @Column('bigint', { name: 'total_rows' })
  totalRows: string;

  @Column('jsonb')
  kept: KeptOfShard[];

  @Column('uuid', { name: 'audit_event_id' })
  auditEventId: string;
}
