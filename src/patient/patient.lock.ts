import type { EntityManager } from 'typeorm';
import { TableFailure } from '../common/index.js';
import { isOneOf, PATIENT_OWNED_POLICIES, runInPipeline, type TextRows } from '../postgres/index.js';
import { patientOwnedTables, quotedName, rootTable, type RowLock } from '../shards/index.js';
import { PatientCameBack, RowNotLockable } from './patient.errors.js';

/** Whether row-level security may keep live rows of a table from being locked: none admits them all, or one takes some away. */
const IS_KEPT_FROM_LOCKS = `SELECT row_security_active($1::text) AND (
    NOT coalesce(bool_or(polpermissive AND (${isOneOf(PATIENT_OWNED_POLICIES)} OR pg_get_expr(polqual, polrelid) = 'true')), false)
    OR coalesce(bool_or(NOT polpermissive), false))
  FROM pg_policy WHERE polrelid = to_regclass($1::text) AND polcmd IN ('w', '*')
    AND EXISTS (SELECT FROM unnest(polroles) role WHERE role = 0 OR pg_has_role(role, 'USAGE'))`;

/**
 * The state of the patient's row, locked. Marks are one-way for the service (RELIABILITY rule 35a), so that a lock
 * finds live rows only: where it finds none, a statement that begins after it says whether the patient is deleted.
 *
 * @param how with FOR NO KEY UPDATE the rows below the patient's stay free: nobody counts them
 * @throws PatientCameBack where he is live by then
 * @throws TableFailure where he is, and row-level security may keep him from it
 */
export async function lockedStateOf(
  manager: EntityManager,
  patientId: string,
  how: RowLock = 'FOR UPDATE',
): Promise<TextRows[number] | undefined> {
  const root = rootTable();
  const values = [patientId];
  // Rows on which others hang are locked behind the patient's, those nearest to him first, so that none can come below
  // one that is locked: before anything is counted nobody can add to them.
  const fromAbove = how === 'FOR UPDATE' ? [...patientOwnedTables()].reverse() : [];
  const parents = fromAbove.flatMap((table) => {
    const text = table.strategy.lockRows?.(table);
    return text === undefined ? [] : [{ text, values, table: table.name }];
  });
  const lock = { text: root.strategy.stateOf(root, how), values };
  const [[locked] = []] = await runInPipeline(manager, [lock, ...parents]);
  if (locked !== undefined) return locked;
  const [[seen] = []] = await runInPipeline(manager, [{ text: root.strategy.stateOf(root), values }]);
  if (seen?.[0] !== 'f') return seen;
  const [[kept] = []] = await runInPipeline(manager, [
    { text: IS_KEPT_FROM_LOCKS, values: [quotedName(root)] },
  ]);
  throw kept?.[0] === 't' ? new TableFailure(root.table, new RowNotLockable()) : new PatientCameBack();
}
