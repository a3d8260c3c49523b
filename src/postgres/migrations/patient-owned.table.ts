import type { QueryRunner } from 'typeorm';

/** The parent of every live foreign key. */
export const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/** Where a hospital's own tables are declared: they hold the patients, and this the pseudonyms. */
const ANCHOR = 'silgi.patient_anchor';

/** Whether patients stand in tables of the hospital's own, so that none of Silgi's is made for them. */
export async function isAdopted(queryRunner: QueryRunner): Promise<boolean> {
  const [found] = (await queryRunner.query('SELECT to_regclass($1) IS NOT NULL AS has', [ANCHOR])) as {
    has: boolean;
  }[];
  return found?.has === true;
}

/** What the deletion protocol needs of a row, in the demographics table and in every child alike. */
export const DELETION_COLUMNS = `
  is_deleted boolean NOT NULL DEFAULT false,
  deleted_at timestamptz,
  deletion_id uuid,
  live boolean GENERATED ALWAYS AS (CASE WHEN NOT is_deleted THEN true END) STORED`;

/** In percent of a page: what is left free keeps a row's mark on its page (docs/adr/0026-lean-schema.md). */
export const FILLFACTOR = 90;

const PLAIN_KEY = '_patient_known_fkey';
/** Of PostgreSQL's names, in bytes. */
const LONGEST_NAME = 63;

/**
 * Creates a patient-owned table with its ordinary and its live foreign key (docs/adr/0002-live-foreign-key.md); votes,
 * marks and checks go by the primary key. Keys are added after the table, so that a distributed engine can place it
 * first. Give it no index of a column that a mark changes: every mark would write all indexes of its row again.
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
    ) WITH (fillfactor = ${FILLFACTOR})`);
  // The live key first: the first that was made is the first to refuse a row, of a deleted patient as of an unknown one.
  await queryRunner.query(
    `ALTER TABLE ${table} ADD FOREIGN KEY (patient_id, live) REFERENCES ${DEMOGRAPHICS} (patient_id, live)`,
  );
  const name = plainKeyName(table.slice(table.indexOf('.') + 1));
  await queryRunner.query(
    `ALTER TABLE ${table} ADD CONSTRAINT ${name} FOREIGN KEY (patient_id) REFERENCES ${DEMOGRAPHICS} (patient_id)`,
  );
}

/**
 * Name of the ordinary foreign key of a table. A dump makes the keys of a table in the order of their names: this one
 * comes after `…_patient_id_live_fkey`, so that the order holds where a dump is restored.
 */
export function plainKeyName(relation: string): string {
  return `${relation.slice(0, LONGEST_NAME - PLAIN_KEY.length - 1)}${PLAIN_KEY}`;
}
