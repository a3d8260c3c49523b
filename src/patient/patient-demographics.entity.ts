import { Column } from 'typeorm';
import { DeletableRow, PatientOwned, ROOT_TABLE } from '../shards/index.js';

/** The heart of a patient's profile (FHIR Patient) and the parent of every live foreign key. */
@PatientOwned('patient', ROOT_TABLE)
export class PatientDemographics extends DeletableRow {
  /** The hospital's own number for the patient (protokol numarası); not the national id. */
  @Column('text', { name: 'record_number' })
  recordNumber: string;

  @Column('text', { name: 'national_id', nullable: true })
  nationalId: string | null;

  @Column('text', { name: 'name_prefix', nullable: true })
  namePrefix: string | null;

  @Column('text', { name: 'given_name' })
  givenName: string;

  @Column('text', { name: 'middle_name', nullable: true })
  middleName: string | null;

  @Column('text', { name: 'family_name' })
  familyName: string;

  @Column('text', { name: 'name_suffix', nullable: true })
  nameSuffix: string | null;

  @Column('text', { name: 'maiden_name', nullable: true })
  maidenName: string | null;

  @Column('date', { name: 'birth_date', nullable: true })
  birthDate: string | null;

  @Column('date', { name: 'death_date', nullable: true })
  deathDate: string | null;

  @Column('text', { name: 'birth_place', nullable: true })
  birthPlace: string | null;

  @Column('text', { nullable: true })
  gender: string | null;

  @Column('text', { name: 'marital_status', nullable: true })
  maritalStatus: string | null;

  @Column('text', { nullable: true })
  race: string | null;

  @Column('text', { nullable: true })
  ethnicity: string | null;

  @Column('text', { name: 'driving_licence', nullable: true })
  drivingLicence: string | null;

  @Column('text', { name: 'passport_number', nullable: true })
  passportNumber: string | null;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { nullable: true })
  email: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { nullable: true })
  city: string | null;

  @Column('text', { nullable: true })
  district: string | null;

  @Column('text', { nullable: true })
  province: string | null;

  @Column('text', { name: 'postal_code', nullable: true })
  postalCode: string | null;

  @Column('double precision', { nullable: true })
  latitude: number | null;

  @Column('double precision', { nullable: true })
  longitude: number | null;

  @Column('numeric', { name: 'healthcare_expenses', nullable: true })
  healthcareExpenses: string | null;

  @Column('numeric', { name: 'healthcare_coverage', nullable: true })
  healthcareCoverage: string | null;

  @Column('numeric', { nullable: true })
  income: string | null;
}
