import type { ReadOnlySession } from '../postgres/index.js';
import { type AdoptedTables, quotedName, VAULT_COLUMNS } from '../shards/index.js';

/** A column that a hospital's table has and the one that its rows leave for has not, as SQL. */
export interface MissingColumn {
  /** What the hospital's table is called, and the quoted name of the other. */
  readonly name: string;
  readonly vault: string;
  /** Quoted name, and the type with what is sorted by. */
  readonly column: string;
  readonly type: string;
  /** What a row has that was there before the column, as a literal; null for nothing. */
  readonly value: string | null;
}

/** By name, as a login that may not enter the schema of the vault may look, too. */
const oidOf = (
  schema: string,
  table: string,
) => `(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${schema} AND c.relname = ${table})`;
const isIn = (relation: string, column: string) => `EXISTS (SELECT FROM pg_attribute o
      WHERE o.attrelid = ${relation} AND o.attname = ${column} AND o.attnum > 0 AND NOT o.attisdropped)`;

/** Nothing where the vault has a column that the hospital's table has not: that one was renamed or removed, which a person decides. */
const MISSING = `
  SELECT d.name, d.vault, quote_ident(a.attname) AS "column",
    format_type(a.atttypid, a.atttypmod)
      || coalesce((SELECT ' COLLATE ' || a.attcollation::regcollation WHERE a.attcollation <> 0), '') AS type,
    quote_literal((a.attmissingval::text::text[])[1]) AS value
  FROM jsonb_to_recordset($1::jsonb) AS d (place int, name text, schema text, "table" text, kept_in text, kept text, vault text)
  CROSS JOIN LATERAL (SELECT ${oidOf('d.schema', 'd."table"')} AS theirs, ${oidOf('d.kept_in', 'd.kept')} AS ours) found
  JOIN pg_attribute a ON a.attrelid = theirs AND a.attnum > 0 AND NOT a.attisdropped
  WHERE ours IS NOT NULL AND NOT ${isIn('ours', 'a.attname')} AND NOT EXISTS (SELECT FROM pg_attribute k
    WHERE k.attrelid = ours AND k.attnum > ${Object.keys(VAULT_COLUMNS).length} AND NOT k.attisdropped AND NOT ${isIn('theirs', 'k.attname')})
  ORDER BY d.place, a.attnum`;

/** What hospitals' tables have got since those that their rows leave for were made, in the order of the columns. */
export function columnsMissingInVaults(
  session: ReadOnlySession,
  { owned }: AdoptedTables,
): Promise<MissingColumn[]> {
  const tables = owned.map((table, place) => ({
    place,
    name: table.name,
    schema: table.schema,
    table: table.table,
    kept_in: table.vault.schema,
    kept: table.vault.table,
    vault: quotedName(table.vault),
  }));
  return session.query<MissingColumn>(MISSING, [JSON.stringify(tables)]);
}
