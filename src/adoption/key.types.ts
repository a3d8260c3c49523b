import type { KeyType } from '../declaration/index.js';

/** What PostgreSQL prints for the types of keys, without length or precision. */
const PRINTED: Readonly<Record<string, KeyType>> = {
  smallint: 'integer',
  integer: 'integer',
  bigint: 'bigint',
  uuid: 'uuid',
  text: 'text',
  'character varying': 'text',
  numeric: 'numeric',
};

/** The type of a key as a declaration calls it; undefined where a key may not be of it. */
export function keyTypeOf(printed: string): KeyType | undefined {
  return PRINTED[printed.replace(/\(.*\)/, '')];
}

/** Whether columns of these types may hold the same key: PostgreSQL compares them without a cast. */
export function areComparable(one: string, other: string): boolean {
  const [a, b] = [keyTypeOf(one), keyTypeOf(other)];
  const isNumber = (type: KeyType | undefined) => type !== undefined && type !== 'uuid' && type !== 'text';
  return a !== undefined && (a === b || (isNumber(a) && isNumber(b)));
}
