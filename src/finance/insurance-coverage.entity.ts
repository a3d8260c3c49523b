import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A period of insurance cover (FHIR Coverage). */
@PatientOwned('finance', 'sharded_sigorta')
export class InsuranceCoverage extends PatientOwnedRow {
  @Column('text', { name: 'member_id', nullable: true })
  memberId: string | null;

  @Column('uuid', { name: 'payer_id', nullable: true })
  payerId: string | null;

  @Column('uuid', { name: 'secondary_payer_id', nullable: true })
  secondaryPayerId: string | null;

  @Column('timestamptz', { name: 'starts_at', nullable: true })
  startsAt: Date | null;

  @Column('timestamptz', { name: 'ends_at', nullable: true })
  endsAt: Date | null;

  @Column('text', { name: 'plan_ownership', nullable: true })
  planOwnership: string | null;

  @Column('text', { name: 'owner_name', nullable: true })
  ownerName: string | null;
}
