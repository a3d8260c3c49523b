import type { EntityManager } from 'typeorm';
import { type AdoptedTables, ANCHOR, ANCHOR_KEY, PATIENT_ID } from '../shards/index.js';

/** Characters of the longest key that is looked up. */
export const LONGEST_KEY = 200;

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
const NUMERIC = /^-?\d+(?:\.\d+)?$/;
const WRITTEN_UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** By type of the key: whether a text is one that PostgreSQL could have written, so that a cast of it never fails. */
const WRITTEN: Readonly<Record<string, (text: string) => boolean>> = {
  integer: (text) => INTEGER.test(text) && BigInt.asIntN(32, BigInt(text)) === BigInt(text),
  bigint: (text) => INTEGER.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text),
  uuid: (text) => WRITTEN_UUID.test(text),
  numeric: (text) => NUMERIC.test(text),
  // What stands for a letter that could not be read stands for any.
  text: (text) => !/[\0\uFFFD\p{Surrogate}]/u.test(text),
};

/** Whether a text may be the key of a patient: written as the hospital's database writes a value of this type. */
export function isKeyText({ keyType }: AdoptedTables, text: string): boolean {
  return text !== '' && text.length <= LONGEST_KEY && (WRITTEN[keyType]?.(text) ?? false);
}

/**
 * The pseudonyms of patients by the hospital's keys, all in one look at an index.
 *
 * @param keys of which each {@link isKeyText}
 * @returns by the very text of each key that was found, as the database writes it: 007 is not 7, and 7 is not 7.0
 */
export async function pseudonymsOf(
  manager: EntityManager,
  { keyType }: AdoptedTables,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await manager.query<{ patientId: string; key: string }[]>(
    `SELECT ${PATIENT_ID} AS "patientId", ${ANCHOR_KEY}::text AS key FROM ${ANCHOR}
     WHERE ${ANCHOR_KEY} = ANY ($1::${keyType}[])`,
    [keys],
  );
  return new Map(found.map(({ key, patientId }) => [key, patientId]));
}
