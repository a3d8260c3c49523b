import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A supply used for the patient (FHIR SupplyDelivery). */
@PatientOwned('clinical', 'sharded_malzeme')
export class Supply extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('date', { name: 'supplied_on', nullable: true })
  suppliedOn: string | null;

  @Column('integer', { nullable: true })
  quantity: number | null;
}
