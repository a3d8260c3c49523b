import { Column, PrimaryColumn } from 'typeorm';
import type { HoldGround, ReleaseGround } from '../common/index.js';
import { KeptOnDeletion, PATIENT_ID } from '../shards/index.js';

/**
 * A legal hold: while it is not released, the patient is neither deleted nor restored. It never expires on its own.
 * One that was not placed through Silgi has no case number and no event.
 */
@KeptOnDeletion('patient', 'sharded_legal_hold', 'the record of a legal hold outlives the data it kept')
export class LegalHold {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  /** UUIDv7, so that newer holds sort later. */
  @PrimaryColumn('uuid', { name: 'hold_id' })
  holdId: string;

  /** A code, not free text. */
  @Column('text', { name: 'reason' })
  ground: HoldGround;

  /** The number of the case, 1 to 64 characters. */
  @Column('text', { nullable: true })
  reference: string | null;

  @Column('text', { name: 'placed_by' })
  placedBy: string;

  @Column('timestamptz', { name: 'placed_at' })
  placedAt: Date;

  @Column('uuid', { name: 'placed_event_id', nullable: true })
  placedEventId: string | null;

  @Column('text', { name: 'released_by', nullable: true })
  releasedBy: string | null;

  @Column('timestamptz', { name: 'released_at', nullable: true })
  releasedAt: Date | null;

  @Column('text', { name: 'release_ground', nullable: true })
  releaseGround: ReleaseGround | null;

  @Column('uuid', { name: 'released_event_id', nullable: true })
  releasedEventId: string | null;
}
