import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A vaccination (FHIR Immunization). */
@PatientOwned('clinical', 'sharded_asi')
export class Immunization extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz', { name: 'administered_at', nullable: true })
  administeredAt: Date | null;

  @Column('numeric', { name: 'base_cost', nullable: true })
  baseCost: string | null;
}
