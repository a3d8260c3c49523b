import type { EntityManager } from 'typeorm';
import { inTransaction, ORDERED_SETTINGS, setLocally } from '../postgres/index.js';

const IN_ORDER = setLocally(ORDERED_SETTINGS);

/**
 * Runs work on the lines of a list in a transaction of its own, in which pages are read in the order of an index
 * (RELIABILITY rule 35).
 *
 * @throws as {@link inTransaction}
 */
export function onList<T>(manager: EntityManager, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return inTransaction(manager, work, IN_ORDER);
}
