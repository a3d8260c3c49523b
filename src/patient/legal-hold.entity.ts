import { Column, PrimaryColumn } from 'typeorm';
import { KeptOnDeletion, PATIENT_ID } from '../shards/index.js';

/** A legal hold: while it is not released, the patient's deletion is vetoed. It never expires on its own. */
@KeptOnDeletion('patient', 'sharded_legal_hold', 'the record of a legal hold outlives the data it kept')
export class LegalHold {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  @PrimaryColumn('uuid', { name: 'hold_id' })
  holdId: string;

  /** A code, not free text. */
  @Column('text')
  reason: string;

  @Column('text', { name: 'placed_by' })
  placedBy: string;

  @Column('timestamptz', { name: 'placed_at' })
  placedAt: Date;

  @Column('text', { name: 'released_by', nullable: true })
  releasedBy: string | null;

  @Column('timestamptz', { name: 'released_at', nullable: true })
  releasedAt: Date | null;
}
