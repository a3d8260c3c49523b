import type { QueryRunner } from 'typeorm';

/** The parent of every live foreign key. */
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/** What the deletion protocol needs of a row, in the demographics table and in every child alike. */
export const DELETION_COLUMNS = `
  is_deleted boolean NOT NULL DEFAULT false,
  deleted_at timestamptz,
  deletion_id uuid,
  live boolean GENERATED ALWAYS AS (CASE WHEN NOT is_deleted THEN true END) STORED`;

/**
 * Creates a patient-owned table with its ordinary and its live foreign key, and the index that the live one,
 * the votes and the marks use (docs/adr/0002-live-foreign-key.md). Keys are added after the table, so that a
 * distributed engine can place it first.
 *
 * @param table schema and name, e.g. `clinical.sharded_kan_transfuzyonu`
 * @param columns the table's own columns as SQL, e.g. `units integer, blood_group text`
 */
export async function createPatientOwnedTable(
  queryRunner: QueryRunner,
  table: string,
  columns: string,
): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE ${table} (
      patient_id uuid NOT NULL,
      id uuid NOT NULL,
      ${columns},
      ${DELETION_COLUMNS},
      PRIMARY KEY (patient_id, id)
    )`);
  await queryRunner.query(`CREATE INDEX ON ${table} (patient_id, live)`);
  await queryRunner.query(
    `ALTER TABLE ${table} ADD FOREIGN KEY (patient_id) REFERENCES ${DEMOGRAPHICS} (patient_id)`,
  );
  await queryRunner.query(
    `ALTER TABLE ${table} ADD FOREIGN KEY (patient_id, live) REFERENCES ${DEMOGRAPHICS} (patient_id, live)`,
  );
}
