import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createPatientOwnedTable, isAdopted } from './patient-owned.table.js';

const TABLES = {
  sharded_muayene: `
    started_at timestamptz,
    ended_at timestamptz,
    encounter_class text,
    code text,
    description text,
    organization_id uuid,
    provider_id uuid,
    payer_id uuid,
    base_cost numeric,
    total_cost numeric,
    payer_coverage numeric,
    reason_code text,
    reason_description text`,
  sharded_tani: `
    examination_id uuid,
    code_system text,
    code text,
    description text,
    onset_date date,
    resolved_date date`,
  sharded_recete: `
    examination_id uuid,
    code text,
    description text,
    started_at timestamptz,
    ended_at timestamptz,
    payer_id uuid,
    dispenses integer,
    base_cost numeric,
    payer_coverage numeric,
    total_cost numeric,
    reason_code text,
    reason_description text`,
  sharded_tetkik_sonuc: `
    examination_id uuid,
    category text,
    code text,
    description text,
    observed_at timestamptz,
    value text,
    unit text,
    value_type text`,
  sharded_tibbi_islem: `
    examination_id uuid,
    code_system text,
    code text,
    description text,
    performed_at timestamptz,
    ended_at timestamptz,
    base_cost numeric,
    reason_code text,
    reason_description text`,
  sharded_asi: `
    examination_id uuid,
    code text,
    description text,
    administered_at timestamptz,
    base_cost numeric`,
  sharded_alerji: `
    examination_id uuid,
    code_system text,
    code text,
    description text,
    allergy_type text,
    category text,
    reactions jsonb,
    onset_date date,
    resolved_date date`,
  sharded_bakim_plani: `
    examination_id uuid,
    code text,
    description text,
    start_date date,
    end_date date,
    reason_code text,
    reason_description text`,
  sharded_goruntuleme: `
    examination_id uuid,
    study_id uuid,
    performed_at timestamptz,
    series_uid text,
    instance_uid text,
    body_site_code text,
    body_site text,
    modality_code text,
    modality text,
    sop_code text,
    sop_description text,
    procedure_code text`,
  sharded_cihaz: `
    examination_id uuid,
    code text,
    description text,
    started_at timestamptz,
    ended_at timestamptz,
    udi text`,
  sharded_malzeme: `
    examination_id uuid,
    code text,
    description text,
    supplied_on date,
    quantity integer`,
};

/** The clinical shard: eleven tables of what was found, done and given. */
export class CreateClinicalShard1764000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    await queryRunner.query('CREATE SCHEMA clinical');
    for (const [table, columns] of Object.entries(TABLES)) {
      await createPatientOwnedTable(queryRunner, `clinical.${table}`, columns);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    const tables = Object.keys(TABLES).map((table) => `clinical.${table}`);
    await queryRunner.query(`DROP TABLE ${tables.join(', ')}`);
    await queryRunner.query('DROP SCHEMA clinical');
  }
}
