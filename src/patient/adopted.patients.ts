import type { EntityManager } from 'typeorm';
import {
  type AdoptedTables,
  ANCHOR,
  ANCHOR_KEY,
  identifier,
  IS_DELETED,
  PATIENT_ID,
  quotedName,
  type ShownOfPatient,
} from '../shards/index.js';
import { isKeyText } from './patient.keys.js';
import type { PatientSummary } from './patient.pages.js';

/** Which patients of a hospital's own table. */
export interface AskedOfAdopted {
  /** The hospital's key, as its database writes it. */
  readonly key: string | undefined;
  readonly state: PatientSummary['state'] | undefined;
  /** The last patient of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Patients by pseudonym, or the one who has a key; what is shown of a deleted one is his pseudonym alone. */
export async function adoptedPage(
  manager: EntityManager,
  adopted: AdoptedTables,
  { key, state, after, limit }: AskedOfAdopted,
): Promise<PatientSummary[]> {
  if (key !== undefined && !isKeyText(adopted, key)) return [];
  const conditions = [
    `($1::uuid IS NULL OR a.${PATIENT_ID} > $1)`,
    `($2::boolean IS NULL OR a.${IS_DELETED} = $2)`,
    // Only the very text: 007 is not 7.
    key === undefined
      ? '$3::text IS NULL'
      : `a.${ANCHOR_KEY} = $3::text::${adopted.keyType} AND a.${ANCHOR_KEY}::text = $3 COLLATE "C"`,
  ];
  const isDeleted = state === undefined ? null : state === 'deleted';
  return manager.query<PatientSummary[]>(
    `${selection(adopted)} AND ${conditions.join(' AND ')} ORDER BY a.${PATIENT_ID} LIMIT $4`,
    [after ?? null, isDeleted, key ?? null, limit],
  );
}

/** One patient; undefined where nobody has the id, or the hospital has removed him without Silgi. */
export async function adoptedPatient(
  manager: EntityManager,
  adopted: AdoptedTables,
  patientId: string,
): Promise<PatientSummary | undefined> {
  const [patient] = await manager.query<PatientSummary[]>(`${selection(adopted)} AND a.${PATIENT_ID} = $1`, [
    patientId,
  ]);
  return patient;
}

/** Patients who are there, and those whom Silgi has deleted. */
function selection({ root, keyColumn, shown }: AdoptedTables): string {
  const value = (what: ShownOfPatient) => (shown[what] === undefined ? 'NULL' : `(${shown[what]}\n)`);
  return `SELECT a.${PATIENT_ID} AS "patientId", p."recordNumber", p."givenName", p."familyName", p."birthDate", CASE WHEN a.${IS_DELETED} THEN 'deleted' ELSE 'live' END AS state,
      a.deletion_id AS "deletionId"
    FROM ${ANCHOR} a LEFT JOIN LATERAL (
      SELECT ${value('recordNumber')}::text AS "recordNumber", ${value('givenName')}::text AS "givenName",
        ${value('familyName')}::text AS "familyName", to_char(${value('birthDate')}::date, 'YYYY-MM-DD') AS "birthDate",
        true AS "isThere"
      FROM ${quotedName(root)} WHERE ${identifier(keyColumn)} = a.${ANCHOR_KEY}
    ) p ON true WHERE (a.${IS_DELETED} OR p."isThere")`;
}
