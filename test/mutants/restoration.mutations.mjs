import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what undoes deletions, of the role that does it, and of what looks at it afterwards. */

const FOLDER = 'src/orchestrator/restore-patient';
const CHECKS = `${FOLDER}/restoration.checks.ts`;
const checks = mutantsOf(CHECKS, 'orchestrator/restoration-refusals');
const guards = mutantsOf(CHECKS, 'orchestrator/restoration-faults');
const ACTION = `${FOLDER}/restore-patient.action.ts`;
const action = mutantsOf(ACTION, 'orchestrator/restoration\\.e2e');
const run = mutantsOf(`${FOLDER}/restoration.ts`, 'orchestrator/restoration\\.e2e');
const REPOSITORY = 'src/patient/restoration.repository.ts';
const lock = mutantsOf(REPOSITORY, 'orchestrator/restoration-races');
const repository = mutantsOf(REPOSITORY, 'orchestrator/restoration-faults');
const strategy = mutantsOf('src/shards/mark.strategy.ts', 'orchestrator/restoration\\.e2e');
const policies = mutantsOf('src/postgres/row.policies.ts', 'database/restorer');
const role = mutantsOf('src/postgres/taken.roles.ts', 'database/restorer');
const fingerprint = mutantsOf('src/catalogue/catalogue.queries.ts', 'orchestrator/restoration\\.e2e');
const marks = mutantsOf('src/catalogue/integrity.scan.ts', 'integrity/restorations');
const scan = mutantsOf('src/catalogue/record.mismatches.ts', 'integrity/restorations');
const comparison = mutantsOf('src/catalogue/record.comparison.ts', 'integrity/restorations');
const moves = mutantsOf('src/shards/move.restoration.ts', 'orchestrator/adopted-restoration');
const certificate = mutantsOf('src/certificate/certificate.verification.ts', 'certificate/undone');

/** @type {import('./mutations.mjs').Mutation[]} */
export const RESTORATION_MUTATIONS = [
  checks('a deletion is undone whatever its age', ['if (now > end)', 'if (now < end && now > end)']),
  checks('a service that restores nobody does', ['if (windowDays === 0)', 'if (windowDays < 0)']),
  checks('what is destroyed is brought back', ["if (state === 'DESTROYED')", "if (state === 'CLAIMED')"]),
  checks('rows that differ from the record are no veto', ['...different, ', '']),
  checks('a legal hold does not keep a deletion from being undone', [
    '...votes.flatMap(({ vetoes }) => vetoes), ',
    '',
  ]),
  checks('the catalogue guard has no vote on a restoration', [', ...others]', ']']),
  checks('a restoration goes on without its lock', ['if (!isLocked)', 'if (blockers.length > 0)']),
  checks('a unique value that was taken is a failure', ["  '23505': taken,\n", '']),
  guards('the guard of a restoration is removed', ['if (live === 1) return;', 'if (live >= 0) return;']),
  guards('rows that stay hidden go unseen', [
    'const [first] = remaining;',
    'const [first] = remaining.slice(remaining.length);',
  ]),
  guards('counts of a restoration are not compared', [
    'differencesOf(voted, restored)',
    'differencesOf(voted, voted)',
  ]),
  action('a restoration has no audit event', [
    '(m) => audit.append(m, restoration.auditEvent(voted))',
    '() => Promise.resolve()',
  ]),
  action('the record of what was undone stands', [
    '(m) => restorations.undo(m, deletion, restoration.outcome(answer))',
    '() => Promise.resolve()',
  ]),
  mutantsOf(REPOSITORY, 'orchestrator/restoration-refusals')('deferred constraints are left to the commit', [
    "const CHECK_NOW = 'SET CONSTRAINTS ALL IMMEDIATE'",
    "const CHECK_NOW = 'SELECT 1'",
  ]),
  mutantsOf(ACTION, 'orchestrator/restoration-faults')(
    'a restoration whose COMMIT was lost has always committed',
    ['earlier !== undefined ||', 'deletion !== undefined ||'],
  ),
  action('a repeat is refused as if it were another request', [
    'if (earlier !== undefined) return',
    'if (earlier === null) return',
  ]),
  run('a key may be used for another restoration', ['restorationDigest !== this.digest || ', '']),
  lock('a restoration reads the patient without a lock', [
    'root.strategy.lockHidden(root)',
    'root.strategy.stateOf(root)',
  ]),
  repository('a record that was kept otherwise is taken', ["if (changed !== '')", "if (changed === '!')"]),
  repository('a record that was not kept is taken', ['if (kept?.length !== 1)', 'if (kept === undefined)']),
  strategy('a row that came back keeps the id of its deletion', [
    'deleted_at = NULL, deletion_id = NULL',
    'deleted_at = NULL',
  ]),
  strategy('rows are counted whichever deletion hides them', [
    '${OF_PATIENT} AND deletion_id = $2 AND ${IS_DELETED} AND ${LIVE} IS NULL)`',
    '${OF_PATIENT} AND (deletion_id = $2 OR ${IS_DELETED}))`',
  ]),
  policies('who restores brings back what the hospital hid', [
    "'is_deleted AND deletion_id IS NOT NULL'",
    "'is_deleted'",
  ]),
  policies('a deletion may be undone by nobody', [
    "const TOLD = ['restored_at', 'restored_by', ",
    "const TOLD = ['restored_at', ",
  ]),
  role('the service has what may be restored without taking the role', [
    'NOINHERIT; GRANT',
    'INHERIT; GRANT',
  ]),
  role('a service that inherits it goes unsaid', [
    'if (grant.inherited)',
    'if (!grant.granted && grant.inherited)',
  ]),
  fingerprint('what one role may see of the catalogue holds for another', [
    " || ' ' || current_user`;",
    '`;',
  ]),
  marks('rows that are hidden by what was undone go unseen', [
    'sum(hidden) FILTER (WHERE NOT stands)',
    'sum(0)',
  ]),
  scan('a restoration without its event goes unseen', [
    "WHERE d.state = 'RESTORED' AND NOT EXISTS",
    "WHERE d.state = 'UNDONE' AND NOT EXISTS",
  ]),
  comparison('a record is not held against the event of its restoration', [
    'r.actor IS NOT NULL AND d.restored_by IS DISTINCT FROM r.actor',
    'false',
  ]),
  certificate('a certificate may name the restoration of another deletion', [
    'leaf.deletionId === deletionId',
    'leaf.deletionId !== undefined',
  ]),
  certificate('a certificate may name a restoration of less', [
    'isDeepStrictEqual(leaf.purged, shards)',
    'isDeepStrictEqual(leaf.purged, leaf.purged)',
  ]),
  certificate('the seal of a restoration is not looked at', ['checkSeal(restoration.log, key);', '']),
  moves('moved back: the pseudonym of a restored patient stays marked', [
    '...(tables.includes(root) ? [unmark] : [])',
    '...(tables.includes(root) ? [] : [])',
  ]),
  moves('moved back: every pseudonym loses its mark', [
    'WHERE ${PATIENT_ID} = $1 AND deletion_id = $2`;',
    'WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL`;',
  ]),
  moves('moved back: what the database generates is given', [" FILTER (WHERE attgenerated = '')", '']),
  moves('moved back: identity columns get other values', [
    'OVERRIDING SYSTEM VALUE',
    'OVERRIDING USER VALUE',
  ]),
  moves(
    'moved back: rows are counted, and not compared',
    ['RETURNING ROW(${all})::text AS content', "RETURNING '' AS content"],
    ['SELECT ROW(${all})::text ${rows}', "SELECT '' ${rows}"],
  ),
  moves('moved back: what came beside it is not counted', [
    '(SELECT count(*) ${rows}), ${others}',
    '(SELECT count(*) FROM gone_${at}), ${others}',
  ]),
  mutantsOf('src/shards/move.restoration.ts', 'orchestrator/adopted-shared')(
    'moved back: a row of somebody who is deleted comes back',
    ['isShared(moved) ? ', 'ways.length < 0 ? '.replace('ways', 'tables')],
  ),
  moves('moved back: rows that are alike count once', ['INTERSECT ALL', 'INTERSECT']),
  moves('moved back: rows of others come along', [
    "'WHERE silgi_patient_id = $1 AND silgi_deletion_id = $2'",
    "'WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL'",
  ]),
  mutantsOf(CHECKS, 'orchestrator/adopted-restoration')(
    'moved back: a reference to what is gone is a failure',
    ["  '23503': gone,\n", ''],
  ),
  mutantsOf('src/catalogue/adopted.flaws.ts', 'orchestrator/adopted-restoration')(
    'moved back: what the role may not do is not asked',
    ["CASE WHEN NOT has_table_privilege(oid, 'INSERT') THEN 'INSERT' END,\n", ''],
  ),
  mutantsOf('src/patient/patient.lock.ts', 'faults/hostile')(
    'a live patient who cannot be locked is taken for one who came back',
    ["kept?.[0] === 't'", "kept?.[0] === 'x'"],
  ),
];
