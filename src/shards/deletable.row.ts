import { Column, PrimaryColumn } from 'typeorm';
import { IS_DELETED, PATIENT_ID } from './physical.names.js';

/**
 * The columns that the deletion protocol reads and writes. `patient_id` comes first in every primary key, so
 * that the schema can be distributed by it. The generated column `live` of the live foreign key belongs to the
 * database alone and is not mapped (docs/adr/0002-live-foreign-key.md).
 */
export abstract class DeletableRow {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  @Column('boolean', { name: IS_DELETED, default: false })
  isDeleted: boolean;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** The deletion that marked this row; null where the hospital's own system had hidden it before. */
  @Column('uuid', { name: 'deletion_id', nullable: true })
  deletionId: string | null;
}

/** A row of a child table: a {@link DeletableRow} with an id of its own. */
export abstract class PatientOwnedRow extends DeletableRow {
  @PrimaryColumn('uuid')
  id: string;
}
