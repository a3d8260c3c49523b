import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A care plan (FHIR CarePlan). */
@PatientOwned('clinical', 'sharded_bakim_plani')
export class CarePlan extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('date', { name: 'start_date', nullable: true })
  startDate: string | null;

  @Column('date', { name: 'end_date', nullable: true })
  endDate: string | null;

  @Column('text', { name: 'reason_code', nullable: true })
  reasonCode: string | null;

  @Column('text', { name: 'reason_description', nullable: true })
  reasonDescription: string | null;
}
