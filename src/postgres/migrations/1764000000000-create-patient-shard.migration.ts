import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DELETION_COLUMNS, DEMOGRAPHICS, isAdopted } from './patient-owned.table.js';

/** Letters of the Turkish alphabet and of Latin-1 names, capital and small; I/ı and İ/i are separate pairs. */
const CAPITALS = 'ABCÇDEFGĞHIİJKLMNOÖPQRSŞTUÜVWXYZÂÎÛ';
const SMALL = 'abcçdefgğhıijklmnoöpqrsştuüvwxyzâîû';

/** The patient shard: demographics (the parent of every live foreign key), deletion records, legal holds. */
export class CreatePatientShard1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA patient');
    if (!(await isAdopted(queryRunner))) await this.createDemographics(queryRunner);
    await this.createRecords(queryRunner);
  }

  private async createDemographics(queryRunner: QueryRunner): Promise<void> {
    // Names sort as Turkish readers expect where the server was built with ICU, else as the database does.
    const icu = (await queryRunner.query(
      "SELECT FROM pg_collation WHERE collname = 'tr-x-icu'",
    )) as unknown[];
    const collation = icu.length > 0 ? 'COLLATE "tr-x-icu"' : '';
    await queryRunner.query(`
      CREATE TABLE patient.sharded_patient_demographics (
        patient_id uuid PRIMARY KEY,
        record_number text NOT NULL,
        national_id text,
        name_prefix text,
        given_name text ${collation} NOT NULL,
        middle_name text,
        family_name text ${collation} NOT NULL,
        name_suffix text,
        maiden_name text,
        birth_date date,
        death_date date,
        birth_place text,
        gender text,
        marital_status text,
        race text,
        ethnicity text,
        driving_licence text,
        passport_number text,
        phone text,
        email text,
        address text,
        city text,
        district text,
        province text,
        postal_code text,
        latitude double precision,
        longitude double precision,
        healthcare_expenses numeric,
        healthcare_coverage numeric,
        income numeric,
        folded_name text GENERATED ALWAYS AS (
          translate(record_number || ' ' || given_name || ' ' || family_name, '${CAPITALS}', '${SMALL}')
        ) STORED,
        ${DELETION_COLUMNS},
        UNIQUE (patient_id, live)
      )`);
    await queryRunner.query(
      'CREATE INDEX ON patient.sharded_patient_demographics (family_name, given_name, patient_id)',
    );
  }

  private async createRecords(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE patient.sharded_patient_deletion (
        patient_id uuid NOT NULL,
        deletion_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('CLAIMED', 'DELETED', 'RESTORED')),
        reason text NOT NULL,
        legal_basis text NOT NULL,
        requested_by text NOT NULL,
        requested_at timestamptz NOT NULL,
        request_id text NOT NULL,
        deleted_at timestamptz,
        shards jsonb,
        total_rows bigint,
        audit_event_id uuid,
        idempotency_key text,
        request_digest text,
        answer text,
        PRIMARY KEY (patient_id, deletion_id),
        UNIQUE (patient_id, idempotency_key)
      )`);
    await queryRunner.query('CREATE INDEX ON patient.sharded_patient_deletion (deletion_id)');
    await queryRunner.query(`
      CREATE TABLE patient.sharded_legal_hold (
        patient_id uuid NOT NULL,
        hold_id uuid NOT NULL,
        reason text NOT NULL,
        placed_by text NOT NULL,
        placed_at timestamptz NOT NULL,
        released_by text,
        released_at timestamptz,
        PRIMARY KEY (patient_id, hold_id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE patient.sharded_legal_hold, patient.sharded_patient_deletion');
    if (!(await isAdopted(queryRunner))) await queryRunner.query(`DROP TABLE ${DEMOGRAPHICS}`);
    await queryRunner.query('DROP SCHEMA patient');
  }
}
