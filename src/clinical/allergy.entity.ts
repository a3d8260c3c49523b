import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** An allergy or intolerance (FHIR AllergyIntolerance); `reactions` holds its known reactions in order. */
@PatientOwned('clinical', 'sharded_alerji')
export class Allergy extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { name: 'code_system', nullable: true })
  codeSystem: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('text', { name: 'allergy_type', nullable: true })
  allergyType: string | null;

  @Column('text', { nullable: true })
  category: string | null;

  @Column('jsonb', { nullable: true })
  reactions: object | null;

  @Column('date', { name: 'onset_date', nullable: true })
  onsetDate: string | null;

  @Column('date', { name: 'resolved_date', nullable: true })
  resolvedDate: string | null;
}
