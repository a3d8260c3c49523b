import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of deletions from a hospital's own tables: what would lose a row, leave one, or see no change beneath. */

const locks = mutantsOf('src/patient/patient.lock.ts', 'adopted/races');
const raced = mutantsOf('src/shards/move.strategy.ts', 'adopted/races');
const moved = mutantsOf('src/shards/move.strategy.ts', 'adopted/(changes-beneath|integrity)');
const ways = mutantsOf('src/shards/moved.table.ts', 'catalogue/adopted-guard|adopted/integrity');
const last = mutantsOf('src/shards/moved.table.ts', 'adopted/upstream');
const lastLocked = mutantsOf('src/shards/move.strategy.ts', 'adopted/upstream');
const upstream = mutantsOf('src/catalogue/adopted.flaws.ts', 'adopted/upstream');
const isLast = mutantsOf('src/adoption/adopted.tables.ts', 'adopted/upstream');
const nobody = mutantsOf('src/shards/moved.table.ts', 'adopted/(upstream|integrity)');
const anchor = mutantsOf('src/shards/anchor.ts', 'adopted/races');
const plan = mutantsOf('src/adoption/plan.ts', 'adopted/races');
const tables = mutantsOf('src/adoption/adopted.tables.ts', 'adopted/adopted.tables');
const flaws = mutantsOf('src/catalogue/adopted.flaws.ts', 'adopted/guard');
const isOff = mutantsOf('src/catalogue/adopted.flaws.ts', 'adopted/changes-beneath');
const registers = mutantsOf('src/shards/anchor.ts', 'adopted/changes-beneath');
const parts = mutantsOf('src/catalogue/adopted.flaws.ts', 'adopted/partitioned');
const queries = mutantsOf('src/catalogue/catalogue.queries.ts', 'adopted/(guard|changes-beneath)');
const guard = mutantsOf('src/catalogue/catalogue.guard.ts', 'catalogue/adopted-guard');
const scan = mutantsOf('src/catalogue/integrity.scan.ts', 'adopted/guard');
const shards = mutantsOf('src/shards/patient-owned.repository.ts', 'adopted/types');
const votes = mutantsOf('src/shards/patient-owned.repository.ts', 'adopted/upstream');

/** @type {import('./mutations.mjs').Mutation[]} */
export const ADOPTED_MUTATIONS = [
  locks('moved: the rows that others hang on are not locked', ['[lock, ...parents]', '[lock]']),
  locks('moved: the rows that others hang on are locked from below', [
    '[...patientOwnedTables()].reverse()',
    '[...patientOwnedTables()]',
  ]),
  raced('moved: the patient is not locked, but his pseudonym alone', [
    'WHERE a.${PATIENT_ID} = $1`;\n  return {\n    ...moving(moved),',
    'WHERE a.${PATIENT_ID} = $1 FOR UPDATE OF a --`;\n  return {\n    ...moving(moved),',
  ]),
  raced('moved: the pseudonym is locked before the patient', [
    '`${table} p JOIN ${ANCHOR} a ON',
    '`${ANCHOR} a JOIN ${table} p ON',
  ]),
  raced('moved: the pseudonym is not marked', [
    'SET ${IS_DELETED} = true, deleted_at',
    'SET ${IS_DELETED} = false, deleted_at',
  ]),
  moved('moved: nobody looks again for live rows', [
    "hasLive: () => `EXISTS (SELECT FROM ${table} WHERE ${ofPatient(moved, 'ever')})`",
    'hasLive: () => `false`',
  ]),
  moved('moved: a certificate counts only what present rows lead to', [
    "countNotHidden: () => `(SELECT count(*) FROM ${table} WHERE ${ofPatient(moved, 'ever')})`",
    'countNotHidden: () => count',
  ]),
  moved('moved: the scan finds no orphans', ['WHERE ${ofDeleted(moved)}`', 'WHERE false`']),
  ways('moved: the rescan does not follow what has left', [
    "if (reach === 'present') return present;",
    'return present;',
  ]),
  ways('moved: the scan does not follow what has left', [
    'WHERE ${ofDeleted(via.target)}\n       UNION ALL ${haveLeft(via)}`',
    'WHERE ${ofDeleted(via.target)}`',
  ]),
  last('leaves with the last: it leaves with the first', [
    'if (!table.leavesWithLast) return leads;',
    'return leads;',
  ]),
  last('leaves with the last: it stays with whom it is of', ['`IS DISTINCT FROM ${KEY}`', "'IS NOT NULL'"]),
  last('leaves with the last: it stays with whom the hospital has removed itself', [
    '`EXISTS (SELECT FROM ${quotedName(patients.table)} other',
    '`EXISTS (SELECT FROM (SELECT ${ANCHOR_KEY} AS ${column} FROM ${ANCHOR} WHERE NOT ${IS_DELETED}) other',
  ]),
  last('leaves with the last: the scan takes it for an orphan while somebody is there', [
    'return table.leavesWithLast\n    ? `(${leads}',
    'return false\n    ? `(${leads}',
  ]),
  last('upstream: a row leaves that rows of other patients use', [
    'AND ${isMeant(via.target)} IS NOT TRUE)`',
    'AND false)`',
  ]),
  last('upstream: a row leaves that rows of no patient use', [
    'return `EXISTS (${rowsAt(table, usedBy)})`;',
    "return 'false';",
  ]),
  nobody('rows of nobody: those count of which no way says whose they should be', [
    "const says = anyOf(table.ways, () => 'true');",
    "const says = 'true';",
  ]),
  nobody('rows of nobody: a row is somebody’s who was never there', [
    'return `EXISTS (${anchorsOf(table, key)})`;',
    "return 'true';",
  ]),
  nobody('rows without a key: one that another way names somebody for is one', [
    "AND ${anyOf(ways, is('NOT NULL', ' AND '))} IS NOT TRUE)",
    'AND true)',
  ]),
  votes('rows without a key: nobody is asked for them', [
    'if (adoptedTables()?.refusesRowsWithoutKey !== true) return [];',
    'return [];',
  ]),
  lastLocked('leaves with the last: only rows that are about to leave are locked', [
    "WHERE ${leadsToPatient(moved, 'present')} FOR UPDATE",
    "WHERE ${ofPatient(moved, 'present')} FOR UPDATE",
  ]),
  isLast('leaves with the last: its rows are not locked', [
    '(parents.has(text) || last.has(text))',
    'parents.has(text)',
  ]),
  upstream('upstream: a key of a declared table is none of its ways', [
    'WHERE d.upstream AND r.is_whole AND NOT ${IS_DECLARED_USE}',
    'WHERE false AND d.upstream AND r.is_whole AND NOT ${IS_DECLARED_USE}',
  ]),
  upstream('upstream: a key of a table that stays is none of its ways', [
    'WHERE child.oid = r.conrelid) AND NOT ${IS_DECLARED_USE}',
    'WHERE child.oid = r.conrelid) AND NOT d.upstream',
  ]),
  upstream('upstream: nobody asks whether a key leads to it', [
    'FROM (SELECT oid FROM declared UNION SELECT oid FROM fence) d',
    'FROM declared d',
  ]),
  ways('moved: a number that was given again is still the deleted patient’s', [
    'again WHERE ${same.join(',
    'again WHERE false AND ${same.join(',
  ]),
  anchor('moved: a deleted key is registered again', [
    'EXCLUDED.${ANCHOR_KEY} WHERE NOT anchor.is_deleted',
    'EXCLUDED.${ANCHOR_KEY}',
  ]),
  anchor('moved: a refused key raises nothing', ['IF NOT FOUND THEN', 'IF false THEN']),
  plan('moved: patients are registered by the statement’s columns alone', [
    'AFTER INSERT OR UPDATE ON ${table}',
    'AFTER INSERT OR UPDATE OF ${identifier(this.adopted.keyColumn)} ON ${table}',
  ]),
  plan('moved: keys are registered as patients come, and not as they change', [
    'AFTER INSERT OR UPDATE ON ${table}',
    'AFTER INSERT ON ${table}',
  ]),
  tables('moved: a circle of ways is taken', ['if (circular.has(text))', 'if (circular.has(""))']),
  tables('moved: what is nearer to the patient is hidden first', [
    'depthIn(tables, b.name) - depthIn(tables, a.name)',
    'depthIn(tables, a.name) - depthIn(tables, b.name)',
  ]),
  tables('moved: a way with a condition counts as fenced', ['if (when !== undefined) return [];', '']),
  tables('moved: two tables leave for one', ['if (other !== undefined)', 'if (other === "")']),
  flaws('moved: a missing vault is not seen', [
    'oid IS NOT NULL AND vault IS NULL',
    'oid IS NOT NULL AND false',
  ]),
  flaws('moved: a vault of other columns is not seen', [
    'IS DISTINCT FROM ${shapeOf(',
    'IS NULL AND NULL = ${shapeOf(',
  ]),
  flaws('moved: a column’s collation is no part of its shape', ['attcollation::regcollation)', "''::text)"]),
  flaws('moved: children by inheritance are not seen', [
    'declared.oid AND NOT c.relispartition',
    'declared.oid AND c.relispartition',
  ]),
  flaws('moved: rules on DELETE are not seen', ["r.ev_type = '4'", "r.ev_type = '5'"]),
  flaws('moved: large objects are seen in plain columns alone', ['WHERE inside.type <> 0', 'WHERE false']),
  flaws('moved: a key from a kept table is not seen', [
    'WHERE r.is_whole AND NOT EXISTS (SELECT FROM declared child',
    'WHERE false AND NOT EXISTS (SELECT FROM declared child',
  ]),
  flaws('moved: a table that is hidden after its parent is not seen', [
    'child.place > d.place',
    'child.place > 999',
  ]),
  flaws('moved: a CASCADE to others’ rows is not seen', [
    "confdeltype IN ('c', 'n', 'd')",
    "confdeltype IN ('x')",
  ]),
  flaws('moved: a SET NULL of others’ rows is not seen', [
    "confdeltype IN ('c', 'n', 'd')",
    "confdeltype IN ('c', 'd')",
  ]),
  flaws('moved: a fence that is gone is not seen', [
    'leaf.oid = f.oid AND NOT EXISTS',
    'leaf.oid = f.oid AND EXISTS',
  ]),
  flaws('moved: a fence from another column is taken', [
    'r.refers_to = f.target AND r.pairs = f.pairs AND',
    'r.refers_to = f.target AND',
  ]),
  flaws('moved: a fence whose triggers are off is taken', [
    "AND t.tgenabled NOT IN ('O', 'A')) AS holds",
    "AND t.tgenabled NOT IN ('O', 'A', 'D', 'R')) AS holds",
  ]),
  flaws('moved: the fence of one partition is enough', [
    't.relid IS NULL OR t.isleaf',
    "t.relid IS NULL OR (t.isleaf AND t.relid::text LIKE '%0')",
  ]),
  flaws('moved: a missing privilege is not seen', ["lacks <> ''", "lacks = 'all'"]),
  parts('moved: the key to one partition of the patients is enough', [
    'r.refers_to = f.target',
    'r.confrelid = f.target',
  ]),
  parts('moved: a registering trigger may be off in a partition', [
    "${wholeOf('t.tgrelid')} = to_regclass(",
    't.tgrelid = to_regclass(',
  ]),
  isOff('moved: a trigger that is off is taken', [
    "t.tgenabled NOT IN ('O', 'A')\n      AND ${wholeOf(",
    "t.tgenabled NOT IN ('O', 'A', 'D', 'R')\n      AND ${wholeOf(",
  ]),
  registers('moved: a trigger for new patients alone is taken', [' AND t.tgtype = ${TRIGGER_TYPE}', '']),
  registers('moved: a trigger for another column is taken', ["t.tgattr::text = '' AND ", '']),
  registers('moved: a trigger with a condition is taken', [' AND t.tgqual IS NULL', '']),
  registers('moved: another function is taken', [' AND f.prosrc = ${literal(anchorFunctionBody(key))}', '']),
  registers('moved: a function with the rights of who writes is taken', ['AND f.prosecdef ', '']),
  registers('moved: a function that looks for names anywhere is taken', [
    'f.proconfig = ARRAY[${literal(ANCHOR_SEARCH_PATH)}]',
    'true',
  ]),
  flaws(
    'moved: a CASCADE beside any key is taken for the patient’s own',
    ['o.attname = ANY (child.keys) AND ', ''],
    ['JOIN fence f ON f.oid = r.conrelid AND f.columns = ARRAY[o.attname::text]\n', '\n'],
  ),
  flaws('moved: a CASCADE to any key is taken for the patient’s own', [
    ' AND t.attname = parent.only_key',
    '',
  ]),
  queries('moved: policies on locks and deletions are not looked at', ["['r', 'w', 'd']", "['r']"]),
  queries('moved: a change of columns does not show in the fingerprint', [
    '`pg_attribute WHERE attrelid IN ${tables} AND attnum > 0`,\n',
    '',
  ]),
  queries('moved: a rule does not show in the fingerprint', [
    '`pg_rewrite WHERE ev_class IN ${tables}`,\n',
    '',
  ]),
  queries('moved: a trigger on the patients does not show in the fingerprint', [
    '`pg_trigger WHERE tgrelid = ${oidOf(root)}`,\n',
    '',
  ]),
  queries('moved: another function does not show in the fingerprint', [
    '`pg_proc WHERE oid = to_regprocedure(${literal(ANCHOR_FUNCTION)})`,\n',
    '',
  ]),
  guard('moved: a foreign table takes the place of a declared one', [
    '!isMarked && !LEAVES.has(about.kind)',
    '!isMarked && about.kind === "partition"',
  ]),
  scan('moved: the scan fails where a table is missing', [
    "!NOT_READABLE.has(sqlstateOf(error) ?? '')",
    'true',
  ]),
  shards('moved: a shard without a table is asked with a parameter', [
    'tables.length === 0 ? [] : [patientId] }',
    '[patientId] }',
  ]),
];
