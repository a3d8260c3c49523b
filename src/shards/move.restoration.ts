import { ANCHOR } from './anchor.js';
import { leadsToPatient, type MovedTable, ofDeleted } from './moved.table.js';
import { IS_DELETED, PATIENT_ID } from './physical.names.js';
import { quotedName } from './sql.text.js';

/** What a table of the hospital's own is like before rows come back to it. */
export interface MovedState {
  /** Its columns, quoted and with commas between them, in their order. */
  readonly all: string;
  /** All but those that the database generates from others. */
  readonly given: string;
  /** The patient's rows that are in it: of a table that nothing fences there may be some. */
  readonly rows: number;
}

/** Columns as they are now. Parameter: quoted names of tables as JSON. Result: of each, in their order, all columns, and those that are given. */
export const COLUMN_LISTS = `
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
    string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attgenerated = '')
  FROM jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS named (name, place)
  LEFT JOIN pg_attribute ON attrelid = to_regclass(name) AND attnum > 0 AND NOT attisdropped
  GROUP BY place ORDER BY place`;

const OF_DELETION = 'WHERE silgi_patient_id = $1 AND silgi_deletion_id = $2';

/**
 * The statements that bring back what {@link hidingTogether} has moved out of a shard's tables. Parameters: patient,
 * deletion id. What the rows are to each other is checked at the end of the last, as when they left.
 *
 * @param states of each table
 * @param root the table of patients; where it is among them, his anchor loses its mark before his row comes
 */
export function bringingBack(
  tables: readonly MovedTable[],
  states: readonly MovedState[],
  root: MovedTable,
): string[] {
  const come = tables.map((moved, at) => {
    const { given } = states[at] as MovedState;
    // The values of identity columns come back, too.
    return `came_${at} AS (INSERT INTO ${quotedName(moved)} (${given}) OVERRIDING SYSTEM VALUE
      SELECT ${given} FROM ${quotedName(moved.vault)} ${OF_DELETION})`;
  });
  const unmark = `UPDATE ${ANCHOR} SET ${IS_DELETED} = false, deleted_at = NULL, deletion_id = NULL
    WHERE ${PATIENT_ID} = $1 AND deletion_id = $2`;
  if (tables.length === 0) return [];
  return [...(tables.includes(root) ? [unmark] : []), `WITH ${come.join(', ')} SELECT`];
}

/**
 * One statement that removes from the tables of the vault what has come back, once all of it has, and compares.
 * Parameters: patient, deletion id. The result has three counts for each table in one row: the rows that now stand in the
 * hospital's table as they left it, in every column, as the server writes it, so that what a trigger kept from coming or
 * changed is not among them; all rows of the patient; and those of them that are somebody's who is deleted as well.
 */
export function emptyingVault(tables: readonly MovedTable[], states: readonly MovedState[]): string {
  const gone = tables.map((moved, at) => {
    const { all } = states[at] as MovedState;
    return `gone_${at} AS (DELETE FROM ${quotedName(moved.vault)} ${OF_DELETION} RETURNING ROW(${all})::text AS content)`;
  });
  const counts = tables.map((moved, at) => {
    const { all } = states[at] as MovedState;
    const rows = `FROM ${quotedName(moved)} WHERE ${leadsToPatient(moved, 'present')}`;
    const others = isShared(moved) ? `(SELECT count(*) ${rows} AND ${ofDeleted(moved)})` : '0';
    return `(SELECT count(*) FROM (SELECT content FROM gone_${at} INTERSECT ALL SELECT ROW(${all})::text ${rows}) same),
      (SELECT count(*) ${rows}), ${others}`;
  });
  return `WITH ${gone.join(', ')} SELECT ${counts.join(', ')}`;
}

/** Whether a row has to leave with each of several patients. */
function isShared({ ways, leavesWithLast }: MovedTable): boolean {
  if (leavesWithLast) return false;
  return ways.length > 1 || ways.some(({ via }) => via !== undefined && isShared(via.target));
}

/** The patient's rows of each table, one after the other in one row, those too that hang on what has left. Parameter: patient. */
export function countingRows(tables: readonly MovedTable[]): string {
  const counts = tables.map(
    (moved) => `(SELECT count(*) FROM ${quotedName(moved)} WHERE ${leadsToPatient(moved, 'ever')})`,
  );
  return `SELECT ${counts.join(', ')}`;
}
