import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database.js';

/** Physical names of the fifteen patient-owned tables: written out, so that the code's own list is checked. */
export const PATIENT_TABLES = [
  'patient.sharded_patient_demographics',
  'clinical.sharded_muayene',
  'clinical.sharded_tani',
  'clinical.sharded_recete',
  'clinical.sharded_tetkik_sonuc',
  'clinical.sharded_tibbi_islem',
  'clinical.sharded_asi',
  'clinical.sharded_alerji',
  'clinical.sharded_bakim_plani',
  'clinical.sharded_goruntuleme',
  'clinical.sharded_cihaz',
  'clinical.sharded_malzeme',
  'finance.sharded_fatura',
  'finance.sharded_finans_islem',
  'finance.sharded_sigorta',
];
export const CHILD_TABLES = PATIENT_TABLES.slice(1);

/** Adds one patient with so many rows in every child table. @returns the patient's id */
export async function seedPatient(database: TestDatabase, rowsPerTable = 3): Promise<string> {
  const patientId = randomUUID();
  await database.query(
    `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name, birth_date)
     VALUES ($1, 'H-1', 'Işıl', 'Yıldız', '1980-05-17')`,
    [patientId],
  );
  for (const table of CHILD_TABLES) {
    await database.query(
      `INSERT INTO ${table} (patient_id, id) SELECT $1, gen_random_uuid() FROM generate_series(1, $2)`,
      [patientId, rowsPerTable],
    );
  }
  return patientId;
}

/** One text for all that is stored of a patient in the patient-owned tables and in the deletion records. */
export async function digestOf(database: TestDatabase, patientId: string): Promise<string> {
  const tables = [...PATIENT_TABLES, 'patient.sharded_patient_deletion', 'patient.sharded_legal_hold'];
  const parts = tables.map(
    (table) =>
      `SELECT '${table}' || coalesce(string_agg(md5(t::text), ',' ORDER BY t::text), '') AS part
       FROM ${table} t WHERE patient_id = $1`,
  );
  const rows = await database.query<{ part: string }>(parts.join(' UNION ALL '), [patientId]);
  // The branches of a union may run side by side: their order is not given.
  return rows
    .map(({ part }) => part)
    .sort()
    .join('\n');
}

/** Rows of a patient per table: how many are live, and how many carry this deletion's mark. */
export async function countRows(
  database: TestDatabase,
  patientId: string,
): Promise<Record<string, { live: number; deleted: number }>> {
  const counts: Record<string, { live: number; deleted: number }> = {};
  for (const table of PATIENT_TABLES) {
    const [row] = await database.query<{ live: string; deleted: string }>(
      `SELECT count(*) FILTER (WHERE NOT is_deleted) AS live, count(*) FILTER (WHERE is_deleted) AS deleted
       FROM ${table} WHERE patient_id = $1`,
      [patientId],
    );
    counts[table] = { live: Number(row?.live), deleted: Number(row?.deleted) };
  }
  return counts;
}

/** The audit events of a patient, oldest first. */
export function auditEventsOf(database: TestDatabase, patientId: string) {
  return database.query<{
    action: string;
    actor: string;
    reason: string;
    legal_basis: string;
    deletion_id: string;
    audit_event_id: string;
    purged: { shard: string; resources: { resourceType: string; table: string; rows: number }[] }[] | null;
    failure: { code: string; phase: string; shard: string; step: string; table?: string } | null;
    request_id: string;
  }>('SELECT * FROM audit.sharded_audit_event WHERE patient_id = $1 ORDER BY audit_event_id', [patientId]);
}
