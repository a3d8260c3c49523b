import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A medical procedure (FHIR Procedure). */
@PatientOwned('clinical', 'sharded_tibbi_islem')
export class Procedure extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { name: 'code_system', nullable: true })
  codeSystem: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz', { name: 'performed_at', nullable: true })
  performedAt: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  @Column('numeric', { name: 'base_cost', nullable: true })
  baseCost: string | null;

  @Column('text', { name: 'reason_code', nullable: true })
  reasonCode: string | null;

  @Column('text', { name: 'reason_description', nullable: true })
  reasonDescription: string | null;
}
