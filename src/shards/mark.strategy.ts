import { IS_DELETED, LIVE } from './physical.names.js';
import type { StatementTable, Strategy } from './strategy.js';
import { identifier, quotedName } from './sql.text.js';

/** `key = $1` of a table. */
const ofPatient = ({ key }: StatementTable) => `${identifier(key.column)} = $1`;

/**
 * Hides rows by marking them: `is_deleted`, with the time and the deletion. Marks are one set-based UPDATE per table:
 * loading entities to hide them costs 18 times as much and leaves rows behind where a relation was not loaded.
 */
export const MARK: Strategy = {
  isHidden: IS_DELETED,
  hiddenBy: 'deletion_id',

  countLive: (table) => `(SELECT count(*) FROM ${quotedName(table)} WHERE ${ofPatient(table)} AND ${LIVE})`,

  countNotHidden: (table) =>
    `(SELECT count(*) FROM ${quotedName(table)} WHERE ${ofPatient(table)} AND NOT ${IS_DELETED})`,

  // Counts the rows that carry the mark in the end, whatever a trigger made of it.
  hide: (table) => `WITH marked AS (
     UPDATE ${quotedName(table)} SET ${IS_DELETED} = true, deleted_at = $2, deletion_id = $3
     WHERE ${ofPatient(table)} AND ${LIVE} RETURNING ${IS_DELETED}, deletion_id
   ) SELECT count(*) AS rows FROM marked WHERE ${IS_DELETED} AND deletion_id = $3`,

  countHidden: (table) => `SELECT count(*) FROM ${quotedName(table)}
     WHERE ${ofPatient(table)} AND deletion_id = $2 AND ${IS_DELETED} AND ${LIVE} IS NULL`,

  lockState: (table, lock) =>
    `SELECT ${IS_DELETED}, deletion_id FROM ${quotedName(table)} WHERE ${ofPatient(table)} ${lock}`,

  hasLive: (table) =>
    `EXISTS (SELECT FROM ${quotedName(table)} WHERE ${ofPatient(table)} AND NOT ${IS_DELETED})`,

  countOrphans: (table, root) => `SELECT count(*) AS rows FROM ${quotedName(table)} c
     LEFT JOIN ${quotedName(root)} p ON p.${identifier(root.key.column)} = c.${identifier(table.key.column)}
     WHERE p.${identifier(root.key.column)} IS NULL OR (p.${IS_DELETED} AND NOT c.${IS_DELETED})`,
};
