import { ANCHOR } from './anchor.js';
import { leadsToPatient, type MovedTable, ofDeleted, ofPatient } from './moved.table.js';
import { IS_DELETED, LIVE, PATIENT_ID } from './physical.names.js';
import { quotedName } from './sql.text.js';
import type { Strategy } from './strategy.js';

/**
 * Hides the rows of a table of the hospital's own by moving them: they leave for a table of the same shape in the
 * transaction of the deletion, and the hospital's own foreign keys keep others from coming (docs/adr/0033-adopted-databases.md).
 * Rows are taken as they are, column by column in their order; that both tables have the same ones is the guard's to see.
 */
export function moving(moved: MovedTable): Strategy {
  const table = quotedName(moved);
  const vault = quotedName(moved.vault);
  const present = ofPatient(moved, 'present');
  const count = `(SELECT count(*) FROM ${table} WHERE ${present})`;
  return {
    isHidden: 'false',
    hiddenBy: 'NULL::uuid',
    // Of rows that stay with others, too: who deletes one of those at the same time waits, and learns which of both was last.
    ...(moved.isParent && {
      lockRows: () => `SELECT FROM ${table} WHERE ${leadsToPatient(moved, 'present')} FOR UPDATE`,
    }),
    countLive: () => count,
    countNotHidden: () => `(SELECT count(*) FROM ${table} WHERE ${ofPatient(moved, 'ever')})`,
    countHiddenBy: () => `(${countKept(vault)})`,
    countHidden: () => countKept(vault),
    carries: () => `EXISTS (SELECT FROM ${vault} WHERE silgi_patient_id = $1 AND silgi_deletion_id = $2)`,
    stateOf: () => STATE,
    lockHidden: () => `${STATE} FOR UPDATE`,
    hasLive: () => `EXISTS (SELECT FROM ${table} WHERE ${ofPatient(moved, 'ever')})`,
    sumOfMarks:
      () => `SELECT silgi_patient_id AS patient, silgi_deletion_id AS deletion_id, count(*) AS hidden,
       0::bigint AS live, min(silgi_deleted_at) AS earliest, max(silgi_deleted_at) AS latest FROM ${vault} GROUP BY 1, 2`,
    countOrphans: () => `SELECT count(*) AS rows FROM ${table} WHERE ${ofDeleted(moved)}`,
  };
}

/**
 * The same for the table of patients: the patient's row leaves, and his anchor is marked, which is what locks him and
 * keeps his key from being registered again. Neither without the other.
 *
 * @param key the column with the key of the patients
 */
export function movingPatients(moved: MovedTable, key: string): Strategy {
  const table = quotedName(moved);
  const vault = quotedName(moved.vault);
  const registered = `${table} p JOIN ${ANCHOR} a ON p.${key} = a.patient_key WHERE a.${PATIENT_ID} = $1`;
  return {
    ...moving(moved),
    carries: () => `EXISTS (SELECT FROM ${vault} WHERE silgi_patient_id = $1 AND silgi_deletion_id = $2)
     OR EXISTS (SELECT FROM ${ANCHOR} WHERE ${PATIENT_ID} = $1 AND deletion_id = $2)`,
    countHidden: () => `${countKept(vault)} AND EXISTS (SELECT FROM ${ANCHOR}
       WHERE ${PATIENT_ID} = $1 AND deletion_id = $2 AND ${IS_DELETED} AND ${LIVE} IS NULL)
     AND NOT EXISTS (SELECT FROM ${table} WHERE ${ofPatient(moved, 'present')})`,
    // Both rows are locked: writers of the hospital's wait at the patient's row, whoever registers the key at the anchor.
    // The patient's comes first, as it does for who changes his key: neither waits for what the other has.
    stateOf: (_, lock) =>
      lock === undefined
        ? // Whom the hospital has removed by itself is not there.
          `SELECT a.${IS_DELETED}, a.deletion_id FROM ${ANCHOR} a WHERE a.${PATIENT_ID} = $1
             AND (a.${IS_DELETED} OR EXISTS (SELECT FROM ${table} p WHERE p.${key} = a.patient_key))`
        : `SELECT a.${IS_DELETED}, a.deletion_id FROM ${registered} ${lock}`,
  };
}

/**
 * One statement that moves the rows of several tables at once: their foreign keys are checked at its end, so that it
 * needs no order, and keys that lead round in a circle pass. Parameters: patient, time, deletion id; the result has a
 * count for each table in one row. What a trigger has kept from leaving, or from arriving, is in no count.
 *
 * @param root the table of patients; where it is among them, his anchor is marked
 */
export function hidingTogether(tables: readonly MovedTable[], root?: MovedTable): string {
  const parts = tables.flatMap((moved, at) => [
    // What its rows hang on may have left before, with another shard.
    `gone_${at} AS (DELETE FROM ${quotedName(moved)} WHERE ${ofPatient(moved, 'ever')} RETURNING *)`,
    `kept_${at} AS (INSERT INTO ${quotedName(moved.vault)} SELECT $1::uuid, $3::uuid, $2::timestamptz, gone_${at}.*
       FROM gone_${at} RETURNING silgi_deletion_id)`,
  ]);
  const marked = `marked AS (UPDATE ${ANCHOR} SET ${IS_DELETED} = true, deleted_at = $2, deletion_id = $3
    WHERE ${PATIENT_ID} = $1 AND ${LIVE} RETURNING ${IS_DELETED}, deletion_id)`;
  const counts = tables.map((moved, at) => {
    const kept = `FROM kept_${at} WHERE silgi_deletion_id = $3`;
    // The patient's row is hidden where it has left and his anchor is marked.
    const both = `${kept} AND EXISTS (SELECT FROM marked WHERE ${IS_DELETED} AND deletion_id = $3)`;
    return `(SELECT count(*) ${moved === root ? both : kept})`;
  });
  return `WITH ${[...parts, ...(root !== undefined && tables.includes(root) ? [marked] : [])].join(', ')} SELECT ${counts.join(', ')}`;
}

/** Whether somebody is deleted, whatever table is asked. */
const STATE = `SELECT ${IS_DELETED}, deletion_id FROM ${ANCHOR} WHERE ${PATIENT_ID} = $1`;

/** Rows that a deletion has moved. */
const countKept = (vault: string) =>
  `SELECT count(*) FROM ${vault} WHERE silgi_patient_id = $1 AND silgi_deletion_id = $2`;
