import type { EntityManager } from 'typeorm';
import { MIGRATIONS_SCHEMA, MIGRATIONS_TABLE } from '../postgres/index.js';
import { HOLDS_ROWS, literal, watchedSchemas } from '../shards/index.js';

/** A schema with tables of which nobody says whether they hold patients: nothing is known of them. */
export interface UnwatchedSchema {
  readonly schema: string;
  /** How many tables, partitioned tables, foreign tables and materialized views it has; of partitions the parent alone. */
  readonly tables: number;
}

/** Which tables are PostgreSQL's, an extension's, temporary or Silgi's own is the same for whoever asks. */
const unwatched = (watched: readonly string[]) => `
  SELECT n.nspname AS schema, count(*)::int AS tables
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${HOLDS_ROWS} AND NOT c.relispartition AND n.nspname NOT IN (${watched.map(literal).join(', ')})
    AND c.oid IS DISTINCT FROM to_regclass(${literal(`${MIGRATIONS_SCHEMA}.${MIGRATIONS_TABLE}`)})
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  GROUP BY 1 ORDER BY 1`;

/**
 * The schemas that hold tables and belong to no shard. A table there is seen only where a column or a foreign key
 * links it to patients (docs/adr/0020-what-the-guard-sees.md); whatever else holds patients under other names is not.
 */
export function unwatchedSchemas(manager: EntityManager): Promise<UnwatchedSchema[]> {
  return manager.query<UnwatchedSchema[]>(unwatched(watchedSchemas()));
}
