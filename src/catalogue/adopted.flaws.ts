import type { EntityManager } from 'typeorm';
import { hidesRows } from './catalogue.queries.js';
import { RESTORER_ROLE } from '../postgres/index.js';
import {
  type AdoptedTables,
  ANCHOR_TRIGGER,
  childShards,
  endsOfWays,
  type FenceKey,
  identifier,
  IS_ANCHOR_TRIGGER,
  isAnchorFunction,
  literal,
  quotedName,
  type StatementTable,
  VAULT_COLUMNS,
} from '../shards/index.js';

/** Columns of a table as text, in their order: what a row of it is. */
const shapeOf = (oid: string, from: number) =>
  `(SELECT string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod), attcollation::regcollation),
      ', ' ORDER BY attnum)
    FROM (SELECT *, row_number() OVER (ORDER BY attnum) AS place FROM pg_attribute
      WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped) a WHERE place > ${from})`;

/** A partition's keys, and those to it, are those of the whole. */
const wholeOf = (relation: string) => `coalesce(pg_partition_root(${relation})::oid, ${relation})`;

/** Types by which columns that refer to large objects are found, in whatever they lie: what \`held.type\` is made of. */
const PARTS_OF_TYPE = `(
      SELECT typbasetype FROM pg_type WHERE oid = held.type
      UNION ALL SELECT typelem FROM pg_type WHERE oid = held.type
      UNION ALL SELECT rngsubtype FROM pg_range WHERE held.type IN (rngtypid, rngmultitypid)
      UNION ALL SELECT a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0
        AND NOT a.attisdropped WHERE t.oid = held.type)`;

/** The columns of a row of pg_constraint k, each with what it refers to, sorted. */
const PAIRS = `(SELECT array_agg(o.attname || E'\\n' || t.attname ORDER BY (o.attname || E'\\n' || t.attname) COLLATE "C")
    FROM unnest(k.conkey, k.confkey) AS pair (ours, theirs)
    JOIN pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = pair.ours
    JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.theirs)`;

/** The names of a key's columns, sorted. */
const sortedColumns = (relation: string, numbers: string) =>
  `(SELECT array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C") FROM pg_attribute a
    WHERE a.attrelid = ${relation} AND a.attnum = ANY (${numbers}))`;

/** A way of a table upstream says that a key leads to it: its rows stay as long as the key's rows use them. */
const IS_DECLARED_USE = `EXISTS (SELECT FROM fence f
      WHERE f.oid = r.conrelid AND f.target = r.confrelid AND f.pairs = r.pairs AND f.uses)`;

/**
 * What is not as a declared table has to be, so that no row is lost and none comes back (docs/adr/0033-adopted-databases.md).
 * Parameter: the tables as JSON. Result: the table's name and why, one line each.
 */
const FLAWS = `
  WITH RECURSIVE declared AS (
    SELECT d.*, to_regclass(format('%I.%I', d.schema, d."table")) AS oid,
      to_regclass(format('%I.%I', d.vault_schema, d.vault_table)) AS vault
    FROM jsonb_to_recordset($1::jsonb) AS d (name text, schema text, "table" text, vault_schema text, vault_table text,
      place int, fences jsonb, keys text[], only_key text, upstream boolean, ends text[])
  ), fence AS (
    SELECT to_regclass(format('%I.%I', f.schema, f."table"))::oid AS oid, f.schema || '.' || f."table" AS name, f.columns,
      to_regclass(format('%I.%I', f.target_schema, f.target_table)) AS target, f.pairs,
      f.target_schema || '.' || f.target_table AS target_name, f.uses
    FROM declared d, jsonb_to_recordset(d.fences) AS f (schema text, "table" text, columns text[], target_schema text,
      target_table text, pairs text[], uses boolean)
  ), part (key, oid) AS (
    SELECT oid, oid FROM pg_constraint WHERE contype = 'f' AND ${wholeOf('confrelid')} IN (SELECT oid FROM declared)
    UNION ALL
    SELECT part.key, k.oid FROM part JOIN pg_constraint k ON k.conparentid = part.oid
  ), reference AS (
    SELECT k.oid, k.conname, k.conkey, k.confkey, k.conparentid = 0 AS is_whole, k.conrelid AS relation, ${wholeOf('k.conrelid')} AS conrelid,
      k.confrelid AS refers_to, ${wholeOf('k.confrelid')} AS confrelid, k.confdeltype, ${sortedColumns('k.conrelid', 'k.conkey')} AS columns,
      ${PAIRS} AS pairs,
      NOT EXISTS (SELECT FROM part JOIN pg_constraint p ON p.oid = part.oid WHERE part.key = k.oid
        AND NOT coalesce((to_jsonb(p) ->> 'conenforced')::boolean, true))
      AND NOT EXISTS (SELECT FROM part JOIN pg_trigger t ON t.tgconstraint = part.oid WHERE part.key = k.oid
        AND t.tgenabled NOT IN ('O', 'A')) AS holds
    FROM pg_constraint k WHERE k.oid IN (SELECT key FROM part)
  ), leaf AS (
    SELECT d.oid, coalesce(t.relid, d.oid)::oid AS relation
    FROM (SELECT oid FROM declared UNION SELECT oid FROM fence) d
    LEFT JOIN LATERAL pg_partition_tree(d.oid) t ON true WHERE t.relid IS NULL OR t.isleaf
  ), held AS (
    SELECT d.name, a.attname, a.atttypid AS type FROM declared d
    JOIN pg_attribute a ON a.attrelid = d.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT held.name, held.attname, inside.type FROM held CROSS JOIN LATERAL ${PARTS_OF_TYPE} inside (type)
    WHERE inside.type <> 0
  ), found (name, place, why) AS (
    SELECT name, 1, 'the table that its rows leave for is missing' FROM declared WHERE oid IS NOT NULL AND vault IS NULL
    UNION ALL
    SELECT name, 2, 'the table that its rows leave for has not the same columns' FROM declared
    WHERE vault IS NOT NULL AND oid IS NOT NULL
      AND ${shapeOf('oid', 0)} IS DISTINCT FROM ${shapeOf('vault', Object.keys(VAULT_COLUMNS).length)}
    UNION ALL
    SELECT name, 3, 'other tables inherit from it' FROM declared
    WHERE EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = declared.oid AND NOT c.relispartition)
    UNION ALL
    SELECT name, 4, 'a rule does something else than delete its rows: ' || rulename
    FROM declared JOIN pg_rewrite r ON r.ev_class = declared.oid AND r.ev_type = '4'
    UNION ALL
    SELECT name, 5, 'a column refers to large objects, which a row does not hold: ' || attname
    FROM held WHERE type = 'oid'::regtype
    UNION ALL
    SELECT d.name, 6, format('%s refers to it (%I), and its rows do not leave with it', r.conrelid::regclass, r.conname)
    FROM reference r JOIN declared d ON d.oid = r.confrelid
    WHERE r.is_whole AND NOT EXISTS (SELECT FROM declared child WHERE child.oid = r.conrelid) AND NOT ${IS_DECLARED_USE}
    UNION ALL
    SELECT child.name, 7, format('it is hidden after %s, to which it refers (%I): let both be of one shard', d.name, r.conname)
    FROM reference r JOIN declared d ON d.oid = r.confrelid JOIN declared child ON child.oid = r.conrelid
    WHERE r.is_whole AND child.place > d.place
    UNION ALL
    SELECT child.name, 8, format('%I would change or remove rows of other patients (ON DELETE %s)', r.conname,
      CASE r.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END)
    FROM reference r JOIN declared child ON child.oid = r.conrelid
    WHERE r.is_whole AND r.confdeltype IN ('c', 'n', 'd') AND NOT EXISTS (SELECT FROM fence f
      WHERE f.oid = r.conrelid AND f.target = r.confrelid AND f.columns = r.columns)
      -- A key that has the patient's own in it, which is fenced, leads to rows of the same patient.
      AND NOT EXISTS (SELECT FROM declared parent, unnest(r.conkey, r.confkey) AS pair (ours, theirs)
        JOIN pg_attribute o ON o.attrelid = r.relation AND o.attnum = pair.ours
        JOIN pg_attribute t ON t.attrelid = r.refers_to AND t.attnum = pair.theirs
        JOIN fence f ON f.oid = r.conrelid AND f.columns = ARRAY[o.attname::text]
        WHERE parent.oid = r.confrelid AND o.attname = ANY (child.keys) AND t.attname = parent.only_key)
    UNION ALL
    SELECT f.name, 9, format('no foreign key that is on leads from %s to %s: %s', array_to_string(f.columns, ', '), f.target_name,
      CASE WHEN f.uses THEN 'nothing keeps a row there that is used from leaving'
        ELSE 'nothing keeps rows of a deleted patient out' END)
    FROM fence f WHERE EXISTS (SELECT FROM leaf WHERE leaf.oid = f.oid AND NOT EXISTS (SELECT FROM reference r
      WHERE r.relation = leaf.relation AND r.refers_to = f.target AND r.pairs = f.pairs AND r.holds))
    UNION ALL
    SELECT d.name, 11, format('it is upstream, and %s refers to it (%I), which none of its ways says: declare that as a way',
      r.conrelid::regclass, r.conname)
    FROM reference r JOIN declared d ON d.oid = r.confrelid JOIN declared child ON child.oid = r.conrelid
    WHERE d.upstream AND r.is_whole AND NOT ${IS_DECLARED_USE}
    UNION ALL
    SELECT f.target_name, 12, format('%s, whose rows use its rows, is not there', f.name)
    FROM fence f WHERE f.uses AND f.oid IS NULL
    UNION ALL
    SELECT f.target_name, 13, format('rows of %s use its rows, and %s', f.name,
      CASE WHEN has_table_privilege(r.oid, 'SELECT') THEN 'a policy of row-level security hides some of them from the service'
        ELSE current_user || ' may not read them' END)
    FROM fence f CROSS JOIN LATERAL (SELECT f.oid) r
    WHERE f.uses AND f.oid IS NOT NULL AND (NOT has_table_privilege(r.oid, 'SELECT') OR ${hidesRows(['r'])})
    UNION ALL
    SELECT name, 10, who || ' may not move its rows; it lacks ' || lacks FROM declared
    -- Whoever restores moves them the other way.
    CROSS JOIN LATERAL (SELECT CASE WHEN current_user = '${RESTORER_ROLE}' THEN 'who restores' ELSE 'the service' END AS who,
      CASE WHEN current_user = '${RESTORER_ROLE}' THEN concat_ws(', ',
      CASE WHEN NOT has_table_privilege(oid, 'SELECT') THEN 'SELECT' END,
      CASE WHEN NOT has_table_privilege(oid, 'INSERT') THEN 'INSERT' END,
      CASE WHEN NOT has_table_privilege(vault, 'SELECT') THEN 'SELECT where they left for' END,
      CASE WHEN NOT has_table_privilege(vault, 'DELETE') THEN 'DELETE where they left for' END)
    ELSE concat_ws(', ',
      CASE WHEN NOT has_table_privilege(oid, 'SELECT') THEN 'SELECT' END,
      CASE WHEN NOT has_table_privilege(oid, 'DELETE') THEN 'DELETE' END,
      CASE WHEN NOT has_any_column_privilege(oid, 'UPDATE') THEN 'UPDATE of a column' END,
      CASE WHEN NOT has_table_privilege(vault, 'INSERT') THEN 'INSERT where they leave for' END,
      CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = vault AND a.attname = ANY (ends)
        AND NOT has_column_privilege(vault, a.attnum, 'SELECT')) THEN 'SELECT where they leave for' END) END AS lacks) privilege
    WHERE oid IS NOT NULL AND vault IS NOT NULL AND lacks <> ''
  )
  SELECT name AS table, why FROM found ORDER BY name, place, why`;

/** Whether new patients get their anchor, and deleted keys are not registered again. */
const registers = (root: string, key: string) => `
  SELECT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE t.tgrelid = to_regclass(${literal(root)}) AND ${IS_ANCHOR_TRIGGER} AND ${isAnchorFunction(key)})
    AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgname = ${literal(ANCHOR_TRIGGER)} AND t.tgenabled NOT IN ('O', 'A')
      AND ${wholeOf('t.tgrelid')} = to_regclass(${literal(root)})) AS registers`;

/** Why a table of the hospital's own stands in the way of every deletion. */
export interface AdoptedFlaw {
  /** Schema and name. */
  readonly table: string;
  readonly why: string;
}

/** What is not as it was declared, of the tables of a hospital's own. */
export async function flawsOfAdopted(
  manager: EntityManager,
  { owned, root, keyColumn }: AdoptedTables,
): Promise<AdoptedFlaw[]> {
  // One statement hides the rows of a shard, in whatever order.
  const order: readonly string[] = [...childShards(), 'patient'];
  const all = owned.map(({ moved }) => moved);
  const tables = owned.map(({ schema, table, name, vault, fences, users, shard, moved }) => ({
    name,
    schema,
    table,
    vault_schema: vault.schema,
    vault_table: vault.table,
    place: order.indexOf(shard),
    keys: moved.ways.flatMap(({ key, when }) => (key === undefined || when !== undefined ? [] : [key])),
    // Where nothing else makes a row the patient's.
    only_key: moved.ways.length === 1 && moved.ways[0]?.when === undefined ? moved.ways[0]?.key : undefined,
    fences: [
      ...fences.map((key) => ({ ...keyBetween({ schema, table }, key, key.target), uses: false })),
      ...users.map((key) => ({ ...keyBetween(key.from, key, { schema, table }), uses: true })),
    ],
    upstream: users.length > 0,
    // By which rows of other tables are found once these have left.
    ends: endsOfWays(all, moved),
  }));
  const flaws = await manager.query<AdoptedFlaw[]>(FLAWS, [JSON.stringify(tables)]);
  const [asked] = await manager.query<{ registers: boolean }[]>(
    registers(quotedName(root), identifier(keyColumn)),
  );
  if (asked?.registers !== true)
    flaws.push({
      table: root.name,
      why: `the trigger ${ANCHOR_TRIGGER}, which gives every new patient his pseudonym, is missing, off or another one`,
    });
  return flaws;
}

/** A foreign key, for the statement. */
function keyBetween(
  from: StatementTable,
  { columns, targetColumns }: Pick<FenceKey, 'columns' | 'targetColumns'>,
  target: StatementTable,
): object {
  return {
    schema: from.schema,
    table: from.table,
    columns: [...columns].sort(),
    target_schema: target.schema,
    target_table: target.table,
    pairs: columns.map((column, at) => `${column}\n${targetColumns[at] ?? ''}`).sort(),
  };
}
