import type pg from 'pg';
import { patientOwnedTables } from '../../shards/index.js';

/** The patient whom the demo deletes. */
export interface CastPatient {
  readonly patientId: string;
  readonly name: string;
  /** ISO 8601 date. */
  readonly birthDate: string;
  readonly recordNumber: string;
}

/** The smallest patient with rows in every table, some of which the hospital had hidden before: always the same. */
export async function castPatient(sql: pg.Client): Promise<CastPatient> {
  const counts = patientOwnedTables().map(
    ({ shard, table }) =>
      `SELECT patient_id, count(*) AS rows, count(*) FILTER (WHERE is_deleted) AS hidden
       FROM ${shard}.${table} GROUP BY patient_id`,
  );
  const { rows } = await sql.query<CastPatient>(
    `SELECT patient_id AS "patientId", concat_ws(' ', given_name, middle_name, family_name) AS name,
       to_char(birth_date, 'YYYY-MM-DD') AS "birthDate", record_number AS "recordNumber"
     FROM (SELECT patient_id, count(*) AS tables, sum(rows) AS rows, sum(hidden) AS hidden
       FROM (${counts.join(' UNION ALL ')}) per_table GROUP BY patient_id) per_patient
     JOIN patient.sharded_patient_demographics USING (patient_id)
     WHERE NOT is_deleted
     ORDER BY tables DESC, hidden > 0 DESC, rows, patient_id LIMIT 1`,
  );
  const [patient] = rows;
  if (patient === undefined) throw new Error('The demo database has no live patient.');
  return patient;
}
