import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A diagnosis (FHIR Condition). */
@PatientOwned('clinical', 'sharded_tani')
export class Diagnosis extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { name: 'code_system', nullable: true })
  codeSystem: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('date', { name: 'onset_date', nullable: true })
  onsetDate: string | null;

  @Column('date', { name: 'resolved_date', nullable: true })
  resolvedDate: string | null;
}
