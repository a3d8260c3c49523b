import { IS_DELETED, LIVE, PATIENT_ID, ROOT } from '../shards/index.js';

/** A table of the live database that is linked to patients, and what the database says of its keys. */
export interface LinkedTable {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'table' | 'partitioned' | 'foreign' | 'materialized';
  readonly hasPatientId: boolean;
  readonly hasDeletionColumns: boolean;
  readonly hasLiveKey: boolean;
}

/**
 * Finds every table that is linked to patients: by a `patient_id` column, or by a foreign key, however long the
 * path, to one that is. Partitions are their parent's concern; views hold no rows of their own; a materialized
 * view and a foreign table hold copies that no live foreign key can reach. A live foreign key counts only when
 * it is validated, enforced and its triggers are on.
 */
export const LINKED_TABLES = `
  WITH RECURSIVE relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ), linked AS (
    SELECT r.oid FROM relation r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = '${PATIENT_ID}' AND NOT a.attisdropped
    UNION
    SELECT r.oid FROM linked l JOIN pg_constraint k ON k.confrelid = l.oid AND k.contype = 'f'
    JOIN relation r ON r.oid = k.conrelid
  )
  SELECT r.nspname AS schema, r.relname AS table,
    CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign'
      ELSE 'materialized' END AS kind,
    has.key AS "hasPatientId", has.deletion_columns AS "hasDeletionColumns",
    EXISTS (
      SELECT FROM pg_constraint k
      WHERE k.conrelid = r.oid AND k.contype = 'f' AND k.convalidated
        AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
        AND k.confrelid = '${ROOT}'::regclass
        AND has.live_key = (SELECT array_agg(a.attname::text ORDER BY u.position)
          FROM unnest(k.conkey) WITH ORDINALITY u(number, position)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number)
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled IN ('D', 'R'))
    ) AS "hasLiveKey"
  FROM linked JOIN relation r USING (oid)
  CROSS JOIN LATERAL (
    SELECT bool_or(attname = '${PATIENT_ID}') AS key,
      count(*) FILTER (WHERE attname IN ('${IS_DELETED}', '${LIVE}')) = 2 AS deletion_columns,
      ARRAY['${PATIENT_ID}', '${LIVE}'] AS live_key
    FROM pg_attribute WHERE attrelid = r.oid AND NOT attisdropped
  ) has
  ORDER BY 1, 2`;

/** Entries are replaced by newer transactions only: their number and the sum of those cannot both come back. */
const fingerprintOf = (...catalogues: string[]) =>
  `(SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0)
    FROM (${catalogues.map((rows) => `SELECT xmin FROM ${rows}`).join(' UNION ALL ')}) entry)`;

const TABLES = `pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'f', 'm') AND relpersistence <> 't'`;
const FOREIGN_KEYS = `pg_constraint WHERE oid >= 16384 AND contype = 'f'`;
const TRIGGERS_OFF = `pg_trigger WHERE tgenabled IN ('D', 'R')`;
const COLUMNS = `pg_attribute WHERE attrelid >= 16384 AND attname = '${PATIENT_ID}'`;

/** Changes with every change of a table or of a foreign key, and with every trigger that is turned off or on. */
export const STRUCTURE = fingerprintOf(TABLES, FOREIGN_KEYS, TRIGGERS_OFF);

/**
 * A tenth of the cost of {@link LINKED_TABLES}: what every vote asks. Renaming a column changes nothing but the column
 * itself: one that becomes `patient_id` links a table, while a declared table without its columns fails in the vote of
 * its own shard. The rescan asks for the structure again.
 */
export const CATALOGUE_FINGERPRINT = `SELECT ${STRUCTURE} AS structure, ${fingerprintOf(COLUMNS)} AS columns`;
