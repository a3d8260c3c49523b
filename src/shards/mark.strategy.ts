import { IS_DELETED, LIVE, PATIENT_ID } from './physical.names.js';
import { identifier, quotedName } from './sql.text.js';
import type { HidingStatements, IntakeStatements, Strategy } from './strategy.js';

const KEY = identifier(PATIENT_ID);
const OF_PATIENT = `${KEY} = $1`;
const OF_PATIENTS = `${KEY} = ANY ($1)`;

/**
 * Hides rows by marking them: `is_deleted`, with the time and the deletion. Marks are one set-based UPDATE per table:
 * loading entities to hide them costs 18 times as much and leaves rows behind where a relation was not loaded.
 */
export const MARK: Strategy & HidingStatements & IntakeStatements = {
  isHidden: IS_DELETED,
  hiddenBy: 'deletion_id',

  countLive: (table) => `(SELECT count(*) FROM ${quotedName(table)} WHERE ${OF_PATIENT} AND ${LIVE})`,

  countNotHidden: (table) =>
    `(SELECT count(*) FROM ${quotedName(table)} WHERE ${OF_PATIENT} AND NOT ${IS_DELETED})`,

  // Counts the rows that carry the mark in the end, whatever a trigger made of it.
  hide: (table) => `WITH marked AS (
     UPDATE ${quotedName(table)} SET ${IS_DELETED} = true, deleted_at = $2, deletion_id = $3
     WHERE ${OF_PATIENT} AND ${LIVE} RETURNING ${IS_DELETED}, deletion_id
   ) SELECT count(*) AS rows FROM marked WHERE ${IS_DELETED} AND deletion_id = $3`,

  countHiddenBy: (table) => `(SELECT count(*) FROM ${quotedName(table)}
     WHERE ${OF_PATIENT} AND deletion_id = $2 AND ${IS_DELETED} AND ${LIVE} IS NULL)`,

  countHidden: (table) => `SELECT ${MARK.countHiddenBy(table)}`,

  // Counts the rows that carry no mark in the end, whatever a trigger made of it.
  restore: (table) => `WITH restored AS (
     UPDATE ${quotedName(table)} SET ${IS_DELETED} = false, deleted_at = NULL, deletion_id = NULL
     WHERE ${OF_PATIENT} AND deletion_id = $2 AND ${IS_DELETED} RETURNING ${IS_DELETED}, deleted_at, deletion_id
   ) SELECT count(*) AS rows FROM restored
     WHERE NOT ${IS_DELETED} AND deleted_at IS NULL AND deletion_id IS NULL`,

  carries: (table) => `EXISTS (SELECT FROM ${quotedName(table)} WHERE ${OF_PATIENT} AND deletion_id = $2)`,

  stateOf: (table, lock) =>
    `SELECT ${IS_DELETED}, deletion_id FROM ${quotedName(table)} WHERE ${OF_PATIENT} ${lock ?? ''}`,

  // Of a row that is not hidden, the role that restores has no lock.
  lockHidden: (table) => MARK.stateOf(table, 'FOR UPDATE'),

  // In one order, so that no two transactions wait for each other.
  keepLive: (table) => `SELECT FROM ${quotedName(table)} WHERE ${OF_PATIENTS} ORDER BY ${KEY} FOR KEY SHARE`,

  hiddenAmong: (table) => `SELECT ${KEY} FROM ${quotedName(table)} WHERE ${OF_PATIENTS} AND ${IS_DELETED}`,

  add: (table, columns) => {
    const names = columns.map(identifier).join(', ');
    return `WITH added AS (
       INSERT INTO ${quotedName(table)} (${names})
       SELECT ${names} FROM json_populate_recordset(NULL::${quotedName(table)}, $1)
       ON CONFLICT DO NOTHING RETURNING ${KEY}
     ) SELECT ${KEY}, count(*) FROM added GROUP BY ${KEY}`;
  },

  hasLive: (table) => `EXISTS (SELECT FROM ${quotedName(table)} WHERE ${OF_PATIENT} AND NOT ${IS_DELETED})`,

  sumOfMarks: (table) => `SELECT ${KEY} AS patient, deletion_id,
       count(*) FILTER (WHERE ${IS_DELETED}) AS hidden, count(*) FILTER (WHERE NOT ${IS_DELETED}) AS live,
       CASE WHEN bool_and(deleted_at IS NOT NULL) THEN min(deleted_at) END AS earliest,
       CASE WHEN bool_and(deleted_at IS NOT NULL) THEN max(deleted_at) END AS latest
     FROM ${quotedName(table)} WHERE deletion_id IS NOT NULL GROUP BY 1, 2`,

  countOrphans: (table, root) => `SELECT count(*) AS rows FROM ${quotedName(table)} c
     LEFT JOIN ${quotedName(root)} p ON p.${KEY} = c.${KEY}
     WHERE p.${KEY} IS NULL OR (p.${IS_DELETED} AND NOT c.${IS_DELETED})`,
};
