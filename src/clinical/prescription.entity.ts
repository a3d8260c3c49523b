import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A prescription (FHIR MedicationRequest). */
@PatientOwned('clinical', 'sharded_recete')
export class Prescription extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  @Column('uuid', { name: 'payer_id', nullable: true })
  payerId: string | null;

  @Column('integer', { nullable: true })
  dispenses: number | null;

  @Column('numeric', { name: 'base_cost', nullable: true })
  baseCost: string | null;

  @Column('numeric', { name: 'payer_coverage', nullable: true })
  payerCoverage: string | null;

  @Column('numeric', { name: 'total_cost', nullable: true })
  totalCost: string | null;

  @Column('text', { name: 'reason_code', nullable: true })
  reasonCode: string | null;

  @Column('text', { name: 'reason_description', nullable: true })
  reasonDescription: string | null;
}
