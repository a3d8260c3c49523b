import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** An invoice (FHIR Claim). */
@PatientOwned('finance', 'sharded_fatura')
export class Invoice extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  providerId: string | null;

  @Column('uuid', { name: 'primary_insurance_id', nullable: true })
  primaryInsuranceId: string | null;

  @Column('uuid', { name: 'secondary_insurance_id', nullable: true })
  secondaryInsuranceId: string | null;

  @Column('text', { name: 'department_id', nullable: true })
  departmentId: string | null;

  @Column('text', { name: 'diagnosis_codes', array: true, nullable: true })
  diagnosisCodes: string[] | null;

  @Column('timestamptz', { name: 'service_at', nullable: true })
  serviceAt: Date | null;

  @Column('timestamptz', { name: 'illness_at', nullable: true })
  illnessAt: Date | null;

  @Column('text', { name: 'primary_status', nullable: true })
  primaryStatus: string | null;

  @Column('text', { name: 'secondary_status', nullable: true })
  secondaryStatus: string | null;

  @Column('text', { name: 'patient_status', nullable: true })
  patientStatus: string | null;

  @Column('numeric', { name: 'primary_outstanding', nullable: true })
  primaryOutstanding: string | null;

  @Column('numeric', { name: 'secondary_outstanding', nullable: true })
  secondaryOutstanding: string | null;

  @Column('numeric', { name: 'patient_outstanding', nullable: true })
  patientOutstanding: string | null;

  @Column('timestamptz', { name: 'last_billed_at', nullable: true })
  lastBilledAt: Date | null;
}
