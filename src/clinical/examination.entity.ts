import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** An examination: one contact of the patient with the hospital (FHIR Encounter). */
@PatientOwned('clinical', 'sharded_muayene')
export class Examination extends PatientOwnedRow {
  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  @Column('text', { name: 'encounter_class', nullable: true })
  encounterClass: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  providerId: string | null;

  @Column('uuid', { name: 'payer_id', nullable: true })
  payerId: string | null;

  @Column('numeric', { name: 'base_cost', nullable: true })
  baseCost: string | null;

  @Column('numeric', { name: 'total_cost', nullable: true })
  totalCost: string | null;

  @Column('numeric', { name: 'payer_coverage', nullable: true })
  payerCoverage: string | null;

  @Column('text', { name: 'reason_code', nullable: true })
  reasonCode: string | null;

  @Column('text', { name: 'reason_description', nullable: true })
  reasonDescription: string | null;
}
