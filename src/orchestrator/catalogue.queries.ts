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
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'patient_id' AND NOT a.attisdropped
    UNION
    SELECT r.oid FROM linked l JOIN pg_constraint k ON k.confrelid = l.oid AND k.contype = 'f'
    JOIN relation r ON r.oid = k.conrelid
  )
  SELECT r.nspname AS schema, r.relname AS table,
    CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign'
      ELSE 'materialized' END AS kind,
    has.patient_id AS "hasPatientId", has.deletion_columns AS "hasDeletionColumns",
    EXISTS (
      SELECT FROM pg_constraint k
      WHERE k.conrelid = r.oid AND k.contype = 'f' AND k.convalidated
        AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
        AND k.confrelid = 'patient.sharded_patient_demographics'::regclass
        AND has.live_key = (SELECT array_agg(a.attname::text ORDER BY u.position)
          FROM unnest(k.conkey) WITH ORDINALITY u(number, position)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number)
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled IN ('D', 'R'))
    ) AS "hasLiveKey"
  FROM linked JOIN relation r USING (oid)
  CROSS JOIN LATERAL (
    SELECT bool_or(attname = 'patient_id') AS patient_id,
      count(*) FILTER (WHERE attname IN ('is_deleted', 'live')) = 2 AS deletion_columns,
      ARRAY['patient_id', 'live'] AS live_key
    FROM pg_attribute WHERE attrelid = r.oid AND NOT attisdropped
  ) has
  ORDER BY 1, 2`;

/**
 * Changes with every change of a table, of a foreign key or of a trigger: rows of a catalogue are replaced by
 * newer transactions only, so that their number and the sum of their transaction ids cannot come back.
 */
export const STRUCTURE = `concat_ws(' ',
    (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_class
     WHERE oid >= 16384 AND relkind IN ('r', 'p', 'f', 'm') AND relpersistence <> 't'),
    (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_constraint
     WHERE oid >= 16384 AND contype = 'f'),
    (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_trigger))`;

/** The same of the columns that link a table to patients: renaming one changes nothing else. */
const COLUMNS = `(SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_attribute
     WHERE attrelid >= 16384 AND attname IN ('patient_id', 'is_deleted', 'live'))`;

/** A tenth of the cost of {@link LINKED_TABLES}: what every vote asks. The rescan asks for the structure again. */
export const CATALOGUE_FINGERPRINT = `SELECT ${STRUCTURE} AS structure, ${COLUMNS} AS columns`;
