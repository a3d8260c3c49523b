import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createPatientOwnedTable, isAdopted } from './patient-owned.table.js';

const TABLES = {
  sharded_fatura: `
    examination_id uuid,
    provider_id uuid,
    primary_insurance_id uuid,
    secondary_insurance_id uuid,
    department_id text,
    diagnosis_codes text[],
    service_at timestamptz,
    illness_at timestamptz,
    primary_status text,
    secondary_status text,
    patient_status text,
    primary_outstanding numeric,
    secondary_outstanding numeric,
    patient_outstanding numeric,
    last_billed_at timestamptz`,
  sharded_finans_islem: `
    invoice_id uuid,
    examination_id uuid,
    provider_id uuid,
    charge_id text,
    transaction_type text,
    amount numeric,
    method text,
    from_at timestamptz,
    to_at timestamptz,
    procedure_code text,
    units integer,
    unit_amount numeric,
    payments numeric,
    adjustments numeric,
    transfers numeric,
    transfer_type text,
    outstanding numeric,
    note text`,
  sharded_sigorta: `
    member_id text,
    payer_id uuid,
    secondary_payer_id uuid,
    starts_at timestamptz,
    ends_at timestamptz,
    plan_ownership text,
    owner_name text`,
};

/** The finance shard: invoices, their lines, and insurance cover. */
export class CreateFinanceShard1764000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    await queryRunner.query('CREATE SCHEMA finance');
    for (const [table, columns] of Object.entries(TABLES)) {
      await createPatientOwnedTable(queryRunner, `finance.${table}`, columns);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    const tables = Object.keys(TABLES).map((table) => `finance.${table}`);
    await queryRunner.query(`DROP TABLE ${tables.join(', ')}`);
    await queryRunner.query('DROP SCHEMA finance');
  }
}
