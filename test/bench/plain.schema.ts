import pg from 'pg';
import { CHILD_TABLES, PATIENT_TABLES } from '../support/patients.js';

/**
 * Turns the tables of a migrated database into those that a careful developer would write for a soft delete: the same
 * columns with `is_deleted`, `deleted_at` and `deletion_id`, a primary key that begins with `patient_id`, one ordinary
 * foreign key each, and an index of names. No `live` and no key of it, no policies, pages filled as PostgreSQL does by itself.
 *
 * @param url PostgreSQL URL of a superuser
 */
export async function makePlain(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench plain schema' });
  await client.connect();
  try {
    // With the column go the foreign keys, the unique key and the policies that speak of it.
    for (const table of [...CHILD_TABLES, ...PATIENT_TABLES.slice(0, 1)])
      await client.query(
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY, RESET (fillfactor), DROP COLUMN live CASCADE`,
      );
    // A list by name is read along an index; words are looked for in all of it.
    await client.query(`
      DROP INDEX patient.demographics_in_order, patient.demographics_live_grams, patient.demographics_deleted_grams;
      CREATE INDEX ON patient.sharded_patient_demographics (family_name, given_name, patient_id)`);
    const { rows } = await client.query<{ keys: string }>(
      `SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) AS keys FROM pg_constraint
       WHERE contype = 'f' AND conrelid = ANY ($1::regclass[])`,
      [CHILD_TABLES],
    );
    if (rows.length !== CHILD_TABLES.length)
      throw new Error(
        `A plain table has one foreign key, but there are:\n${rows.map((row) => row.keys).join('\n')}`,
      );
  } finally {
    await client.end();
  }
}
