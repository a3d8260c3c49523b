import type { EntityManager } from 'typeorm';
import { isNotInEncoding } from '../common/index.js';
import { isKeyText, pseudonymsOf } from '../patient/index.js';
import { type AdoptedTables, adoptedTables } from '../shards/index.js';
import { ListUnreadable } from './batch.errors.js';
import { onList } from './list.transaction.js';
import { PatientList } from './patient.list.js';

/** Keys that are looked up at once. */
const PIECE = 5_000;

/**
 * The list of ids that a list of the hospital's keys stands for. The keys go no further: what is stored, and said of a
 * line, is the pseudonym alone.
 *
 * @throws ListUnreadable where no declaration is in force
 */
export async function ofPseudonyms(manager: EntityManager, list: PatientList): Promise<PatientList> {
  if (list.holds === 'ids') return list;
  const adopted = adoptedTables();
  if (adopted === undefined)
    throw new ListUnreadable(
      'it is of keys, by which patients are found only in a hospital’s own tables (DECLARATION); send patient ids',
    );
  const translated = new PatientList();
  for (const piece of list.pieces(PIECE)) {
    const keys = piece.flatMap(({ key }) => (key !== null && isKeyText(adopted, key) ? [key] : []));
    const ids = await idsOf(manager, adopted, keys);
    for (const { line, key, reason } of piece) {
      const id = key === null ? undefined : ids.get(key);
      if (key === null) translated.refuse(line, reason);
      else if (id !== undefined) translated.add(line, id);
      else if (isKeyText(adopted, key)) translated.refuse(line, 'No patient has this key.');
      else translated.refuse(line, 'What stands here is not a key as the hospital’s database writes one.');
    }
  }
  return translated;
}

/** Where a key has a character that the encoding of the database lacks, the others are found in halves. */
async function idsOf(
  manager: EntityManager,
  adopted: AdoptedTables,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  try {
    return await onList(manager, (inOrder) => pseudonymsOf(inOrder, adopted, keys));
  } catch (error) {
    if (!isNotInEncoding(error)) throw error;
    if (keys.length === 1) return new Map();
    const half = Math.ceil(keys.length / 2);
    const first = await idsOf(manager, adopted, keys.slice(0, half));
    return new Map([...first, ...(await idsOf(manager, adopted, keys.slice(half)))]);
  }
}
