import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A test result or vital sign (FHIR Observation); it may belong to no examination. */
@PatientOwned('clinical', 'sharded_tetkik_sonuc')
export class TestResult extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { nullable: true })
  category: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz', { name: 'observed_at', nullable: true })
  observedAt: Date | null;

  @Column('text', { nullable: true })
  value: string | null;

  @Column('text', { nullable: true })
  unit: string | null;

  @Column('text', { name: 'value_type', nullable: true })
  valueType: string | null;
}
