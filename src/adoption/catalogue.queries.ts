const name = (schema: string, table: string) => `json_build_object('schema', ${schema}, 'table', ${table})`;

/** The table that a relation is a part of, as a whole. */
const top = (oid: string) => `coalesce(pg_partition_root(${oid})::oid, ${oid})`;

/** What Silgi has added to a table (see AdoptionPlan) is not what its hospital has declared. */
const isHospitals = (name: string) => `${name} NOT LIKE 'silgi\\_%'`;

const columnsOf = (relation: string, numbers: string) =>
  `(SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(${numbers}) WITH ORDINALITY u(number, position)
    JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = u.number)`;

const ON_DELETE = (action: string) => `CASE ${action} WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'
    WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END`;

const listOf = (rows: string) =>
  `(SELECT coalesce(json_agg(one.entry ORDER BY one.position), '[]') FROM (${rows}) one)`;

/**
 * Every table of the schemas $1 that holds rows: tables, partitioned tables, foreign tables, materialized views. A
 * partition is a part of its parent, but where only the partition lies in one of the schemas.
 */
export const TABLES = `
  WITH watched AS (
    SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't'
  )
  SELECT w.nspname AS schema, w.relname AS table,
    CASE WHEN w.relispartition THEN 'partition' WHEN w.relkind = 'r' THEN 'table' WHEN w.relkind = 'p' THEN
      'partitioned table' WHEN w.relkind = 'f' THEN 'foreign table' ELSE 'materialized view' END AS kind,
    ${listOf(`SELECT a.attnum AS position, json_build_object('name', a.attname, 'notNull', a.attnotnull, 'type',
        CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END) AS entry
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped`)} AS columns,
    ${listOf(`SELECT i.indexrelid AS position, json_build_object('unique', i.indisunique, 'primary', i.indisprimary, 'partial', i.indpred IS NOT NULL,
        'columns', (SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, position)
          LEFT JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum = u.number AND u.number <> 0 WHERE u.position <= i.indnkeyatts)) AS entry
      FROM pg_index i WHERE i.indrelid = w.oid AND i.indisvalid AND ${isHospitals('(SELECT relname FROM pg_class WHERE oid = i.indexrelid)')}`)} AS indexes,
    ${listOf(`SELECT min(k.oid) AS position, k.entry::json AS entry FROM (
        SELECT k.oid, json_build_object('columns', ${columnsOf('k.conrelid', 'k.conkey')}, 'target', ${name('tn.nspname', 'tc.relname')},
          'targetColumns', ${columnsOf('k.confrelid', 'k.confkey')}, 'onDelete', ${ON_DELETE('k.confdeltype')}, 'validated', k.convalidated)::text AS entry
        FROM pg_constraint k JOIN pg_class tc ON tc.oid = ${top('k.confrelid')} JOIN pg_namespace tn ON tn.oid = tc.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND ${isHospitals('k.conname')} AND (k.conrelid = w.oid OR ${top('k.conrelid')} = w.oid)) k GROUP BY k.entry`)} AS "foreignKeys",
    -- Nothing here waits for a lock on a table, as pg_partition_tree would.
    CASE WHEN w.relkind = 'p' THEN (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0) FROM pg_class c
      WHERE c.relispartition AND c.relkind <> 'p' AND pg_partition_root(c.oid) = w.oid) ELSE w.reltuples END::float8 AS "estimatedRows",
    has_schema_privilege(w.relnamespace, 'USAGE') AND has_table_privilege(w.oid, 'SELECT') AS "mayRead",
    row_security_active(w.oid) AS "hidesRows",
    ${listOf(`SELECT p.polname AS position, p.polname AS entry FROM pg_policy p WHERE p.polrelid = w.oid AND w.relrowsecurity`)} AS policies,
    ${listOf(`SELECT t.tgname AS position, 'the trigger ' || t.tgname AS entry FROM pg_trigger t
        WHERE t.tgrelid = w.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 8 <> 0
      UNION ALL SELECT r.rulename, 'the rule ' || r.rulename FROM pg_rewrite r WHERE r.ev_class = w.oid AND r.ev_type = '4'`)} AS "onDeletion",
    (SELECT count(*) FROM pg_inherits h WHERE h.inhparent = w.oid AND w.relkind = 'p')::int AS partitions,
    ${listOf(`SELECT c.oid AS position, json_build_object('schema', n.nspname, 'table', c.relname, 'isNested',
        (SELECT h.inhparent <> w.oid FROM pg_inherits h WHERE h.inhrelid = c.oid)) AS entry
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE w.relkind = 'p' AND c.relispartition AND c.relkind = 'r' AND pg_partition_root(c.oid) = w.oid`)} AS leaves,
    (SELECT ${name('n.nspname', 'p.relname')} FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
      WHERE h.inhrelid = w.oid AND NOT w.relispartition LIMIT 1) AS inherits
  FROM watched w
  WHERE NOT (w.relispartition AND EXISTS (SELECT FROM watched root WHERE root.oid = pg_partition_root(w.oid)))
  ORDER BY 1, 2`;

/** Every view of the database with each relation that it reads. */
export const VIEWS = `
  SELECT DISTINCT ${name('vn.nspname', 'v.relname')}::jsonb AS view, v.relkind = 'm' AS materialized,
    ${name('rn.nspname', 'r.relname')}::jsonb AS reads
  FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class
    JOIN pg_namespace vn ON vn.oid = v.relnamespace JOIN pg_class r ON r.oid = ${top('d.refobjid')}
    JOIN pg_namespace rn ON rn.oid = r.relnamespace
  WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
    AND v.relkind IN ('v', 'm') AND v.oid >= 16384`;

/** Foreign keys of tables outside the schemas $1 to tables in them. */
export const KEYS_FROM_OUTSIDE = `
  SELECT ${name('fn.nspname', 'f.relname')} AS "from", ${name('tn.nspname', 't.relname')} AS "to",
    ${ON_DELETE('k.confdeltype')} AS "onDelete"
  FROM pg_constraint k JOIN pg_class f ON f.oid = ${top('k.conrelid')} JOIN pg_namespace fn ON fn.oid = f.relnamespace
    JOIN pg_class t ON t.oid = ${top('k.confrelid')} JOIN pg_namespace tn ON tn.oid = t.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0 AND fn.nspname <> ALL ($1) AND tn.nspname = ANY ($1)
  ORDER BY fn.nspname, f.relname, tn.nspname, t.relname`;
