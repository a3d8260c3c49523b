import { randomUUID } from 'node:crypto';
import type pg from 'pg';
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

/** One text, a line for each table, for all that is stored of a patient in the patient-owned tables and in the records about him. */
export async function digestOf(database: TestDatabase, patientId: string): Promise<string> {
  const records = ['patient_deletion', 'legal_hold', 'erasure_request'].map(
    (name) => `patient.sharded_${name}`,
  );
  const tables = [...PATIENT_TABLES, ...records];
  const parts = tables.map(
    (table) =>
      `SELECT '${table} ' || coalesce(string_agg(md5(t::text), ',' ORDER BY t::text), '') AS part
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

/** What is stored of a patient's deletion, by the tables themselves. */
interface Standing {
  readonly patientId: string;
  /** Rows that no deletion has marked, by table. */
  readonly live: Record<string, number> | null;
  /** Rows by the deletion that has marked them. */
  readonly marked: Record<string, number> | null;
  readonly records: { deletionId: string; state: string; totalRows: number }[] | null;
  readonly events: string[] | null;
}

/**
 * Asserts that each of these patients is deleted once and whole, or not at all. Deleted: no row of any of the fifteen
 * tables is live, all are marked by one deletion, which has the only record, with their number, and the only audit
 * event. Not deleted: no row is marked, there is no record, and no audit event says so.
 *
 * @returns the patients who are deleted, sorted
 * @throws Error that names every patient of whom neither is so
 */
export async function wholeDeletions(database: TestDatabase, ids: readonly string[]): Promise<string[]> {
  const standings = await database.query<Standing & pg.QueryResultRow>(STANDINGS, [ids]);
  const halves = standings.filter((standing) => !isDeleted(standing) && !isUntouched(standing));
  if (halves.length > 0 || standings.length !== new Set(ids).size)
    throw new Error(
      `Of ${ids.length} patients neither deleted once and whole nor untouched: ${JSON.stringify(halves)}`,
    );
  return standings
    .filter(isDeleted)
    .map(({ patientId }) => patientId)
    .sort();
}

function isDeleted({ live, marked, records, events }: Standing): boolean {
  const [[deletionId, rows] = ['', 0], ...others] = Object.entries(marked ?? {});
  const [record, ...more] = records ?? [];
  return (
    live === null &&
    others.length + more.length === 0 &&
    record?.deletionId === deletionId &&
    record.state === 'DELETED' &&
    record.totalRows === rows &&
    events?.join() === deletionId
  );
}

function isUntouched({ live, marked, records, events }: Standing): boolean {
  return live?.[PATIENT_TABLES[0] ?? ''] === 1 && marked === null && records === null && events === null;
}

/** One statement, so that it sees one moment. Rows that the hospital has hidden itself count nowhere. */
const STANDINGS = `
  WITH found AS (${PATIENT_TABLES.map(
    (table) =>
      `SELECT patient_id, '${table}' AS name, is_deleted, deletion_id FROM ${table} WHERE patient_id = ANY ($1)`,
  ).join(' UNION ALL ')}),
  live AS (
    SELECT patient_id, json_object_agg(name, n) AS live FROM (
      SELECT patient_id, name, count(*) AS n FROM found WHERE NOT is_deleted GROUP BY 1, 2) AS counted GROUP BY 1),
  marked AS (
    SELECT patient_id, json_object_agg(deletion_id, n) AS marked FROM (
      SELECT patient_id, deletion_id, count(*) AS n FROM found WHERE deletion_id IS NOT NULL GROUP BY 1, 2) AS counted
    GROUP BY 1),
  records AS (
    SELECT patient_id, json_agg(json_build_object('deletionId', deletion_id, 'state', state, 'totalRows', total_rows))
      AS records FROM patient.sharded_patient_deletion WHERE patient_id = ANY ($1) GROUP BY 1),
  events AS (
    SELECT patient_id, json_agg(deletion_id) AS events FROM audit.sharded_audit_event
    WHERE patient_id = ANY ($1) AND action = 'SYSTEM_DELETE_PATIENT' GROUP BY 1)
  SELECT patient_id AS "patientId", live, marked, records, events
  FROM (SELECT DISTINCT unnest($1::uuid[]) AS patient_id) AS asked
  LEFT JOIN live USING (patient_id) LEFT JOIN marked USING (patient_id)
  LEFT JOIN records USING (patient_id) LEFT JOIN events USING (patient_id)`;
