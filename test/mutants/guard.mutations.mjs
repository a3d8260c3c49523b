import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what the catalogue guard sees and of what the scan finds. */

const QUERIES = 'src/catalogue/catalogue.queries.ts';
const tables = mutantsOf(QUERIES, 'orchestrator/undeclared-tables');
const keys = mutantsOf(QUERIES, 'orchestrator/live-keys');
const drift = mutantsOf('src/catalogue/drift.queries.ts', 'integrity/drift');
const marks = mutantsOf('src/catalogue/integrity.scan.ts', 'integrity/marks');

/** @type {import('./mutations.mjs').Mutation[]} */
export const GUARD_MUTATIONS = [
  tables('a table of a shard is seen only where it is linked to patients', [
    'AND (r.in_shard OR link.oid IS NOT NULL)',
    'AND link.oid IS NOT NULL',
  ]),
  tables('capitals hide the patient key', [
    'lower(regexp_replace(regexp_replace(',
    '(regexp_replace(regexp_replace(',
  ]),
  tables('a path that begins at a partition is not followed', ['SELECT f.top AS oid', 'SELECT f.oid AS oid']),
  tables('what inherits from a linked table is not linked', [
    'SELECT inhrelid, inhparent FROM',
    'SELECT 0::oid, 0::oid FROM',
  ]),
  tables('a column that is renamed does not show in the fingerprint', [
    '(...keyColumns(key), EXPRESSIONS, POLICIES, SETTINGS)',
    '(EXPRESSIONS, POLICIES, SETTINGS)',
  ]),
  keys('the keys of partitions are not looked at', [
    'ON c.conparentid = part.oid',
    'ON c.conparentid = part.oid AND false',
  ]),
  keys('triggers that are off are not looked at', ["t.tgenabled IN ('O', 'A') AS holds", 'true AS holds']),
  keys('replica mode is not looked for', [
    "= 'session_replication_role=replica'",
    "= 'session_replication_role=none'",
  ]),
  keys('a restrictive policy hides rows unseen', ['OR coalesce(bool_or(NOT polpermissive), false)', '']),
  drift('grants on columns are not looked at', ['a.attacl IS NOT NULL', 'a.attacl IS NULL']),
  drift('roles that were granted are not looked at', [
    'JOIN pg_roles g ON g.oid = a.roleid',
    'JOIN pg_roles g ON false',
  ]),
  marks('the rows are not held against their records', ['rows <> coalesce(hidden, 0)', 'rows < 0']),
  marks('a mark without its record goes unseen', ['sum(hidden) FILTER (WHERE stands IS NULL)', 'sum(0)']),
];
