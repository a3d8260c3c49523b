import { createHash } from 'node:crypto';

/** Schema and table as a statement names them. */
export function quotedName({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** A name as a statement holds it, whatever letters it has. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A condition on a relation `c` of pg_class in the schema `n`: it is a table, a partitioned or foreign one, or a
 * materialized view, and neither temporary nor PostgreSQL's own.
 */
export const HOLDS_ROWS = `c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'`;

/** A text as a statement holds it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * For `RETURNING`: the columns whose stored values are not those of their parameters, with commas; the empty text
 * where all are.
 *
 * @param columns the first of them is that of `$1`
 */
export function namesOfChanged(columns: readonly string[]): string {
  const names = columns.map(
    (column, index) => `CASE WHEN ${column} IS DISTINCT FROM $${index + 1} THEN ${literal(column)} END`,
  );
  return `concat_ws(', ', ${names.join(', ')})`;
}

/** Of PostgreSQL's names, in bytes. */
const LONGEST_NAME = 63;
const DIGEST_LENGTH = 8;

/** A name that PostgreSQL keeps whole: one that would be too long ends in a digest of it. */
export function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  // A letter that was cut through is left out.
  const begin = Buffer.from(name)
    .subarray(0, LONGEST_NAME - DIGEST_LENGTH - 1)
    .toString()
    .replace(/\uFFFD+$/, '');
  return `${begin}_${digest}`;
}
