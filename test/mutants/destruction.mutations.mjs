import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what destroys, of the role that does it, and of what looks at it afterwards. */

const FOLDER = 'src/orchestrator/destroy-patient';
const plan = mutantsOf(`${FOLDER}/destruction.plan.ts`, 'orchestrator/destruction-refusals');
const action = mutantsOf(`${FOLDER}/destroy-patient.action.ts`, 'orchestrator/destruction');
const run = mutantsOf(`${FOLDER}/destruction.orchestrator.ts`, 'orchestrator/destruction');
const rows = mutantsOf('src/shards/retained.rows.ts', 'orchestrator/destruction\\.e2e');
const repository = mutantsOf('src/patient/destruction.repository.ts', 'orchestrator/destruction');
const failures = mutantsOf('src/orchestrator/failure.record.ts', 'orchestrator/destruction-refusals');
const policies = mutantsOf('src/postgres/row.policies.ts', 'database/destroyer');
const grants = mutantsOf('src/postgres/role.policies.ts', 'database/destroyer');
const scan = mutantsOf('src/catalogue/record.mismatches.ts', 'integrity/destructions');
const marks = mutantsOf('src/catalogue/integrity.scan.ts', 'integrity/destructions');

/** @type {import('./mutations.mjs').Mutation[]} */
export const DESTRUCTION_MUTATIONS = [
  plan('destroyed: a deletion that may be undone', [
    'windowDays > 0 && now <= end',
    'windowDays < 0 && now <= end',
  ]),
  plan('destroyed: a patient who is in use', ["if (state === 'RESTORED')", "if (state === 'CLAIMED')"]),
  plan('destroyed: twice', ["if (state === 'DESTROYED')", "if (state === 'CLAIMED')"]),
  plan('destroyed: vetoes do not count', ['if (blockers.length > 0) {', 'if (blockers.length > 9) {']),
  plan('destroyed: nothing at all, with a record and an event', [
    'if (totalRows(destroyed) === 0)',
    'if (now < end)',
  ]),
  plan('destroyed: the patient’s own row is not seen to be empty', [
    'if (emptied === 1) return;',
    'if (emptied >= 0) return;',
  ]),
  plan('destroyed: counts are not compared', ['if (first === undefined) continue;', 'continue;']),
  plan('destroyed: what is there still is not looked at', [
    "      'are there still',",
    "      'are there still',".replace('still', 'yet'),
  ]),
  action('destroyed: a hold is not asked for', ['[...holds.vetoes, ', '[']),
  action('destroyed: the live catalogue is not asked', [', ...catalogueVetoes]', ']']),
  action('destroyed: the last contact of rows that are gone is forgotten', [
    ', ...earlier.map((record) => record.lastContact)]',
    ']',
  ]),
  action('destroyed: the patient’s own row is emptied while others stay', [
    'if (plan.isFinal) assertEmptied',
    'assertEmptied',
  ]),
  run('destroyed: by a policy that nobody has signed', [
    'if (retention.signedOff === null)',
    'if (retention.rules.length === 0)',
  ]),
  run('destroyed: before its day', [
    'if (command.dueBefore > this.calendar.today())',
    "if (command.dueBefore > '9999')",
  ]),
  rows('destroyed: on the last day of the period', ['< asked.day RETURNING', '<= asked.day RETURNING']),
  rows('destroyed: days begin elsewhere', ['AT TIME ZONE asked.zone)::date`', "AT TIME ZONE 'UTC')::date`"]),
  rows('destroyed: the year does not have to end', [', 12, 31)', ', 1, 1)']),
  rows('destroyed: by the earliest date of a row', [
    '`nullif(greatest(${days.join',
    '`nullif(least(${days.join',
  ]),
  rows('destroyed: rows that have no end are dated', [
    'LAST_CONTACT: () => `CASE WHEN isfinite(${latest}) THEN asked.last_contact END`',
    "LAST_CONTACT: () => 'asked.last_contact'",
  ]),
  rows('destroyed: a name stays', [
    "`${column} = ${isNullable ? 'NULL' : \"''\"}`",
    '`${column} = ${isNullable ? column : "\'\'"}`',
  ]),
  repository('destroyed: what a repeat was answered stays', [
    "'request_digest',\n  'answer',",
    "'request_digest',",
  ]),
  repository('destroyed: the deletion is called deleted still', [
    "'DESTROYED', ...ENDED",
    "'DELETED', ...ENDED",
  ]),
  failures('destroyed: a veto is not recorded', ["return error.refusal === 'VETOED';", 'return false;']),
  policies('who destroys removes live rows', [
    "const HIDDEN_ROW = 'is_deleted'",
    "const HIDDEN_ROW = 'is_deleted IS NOT NULL'",
  ]),
  policies('who destroys ends a deletion twice', [
    "name: 'silgi_destroyer_ends',\n    command: 'UPDATE',\n    role: DESTROYER_ROLE,\n    using: `state = 'DELETED'::text`",
    "name: 'silgi_destroyer_ends',\n    command: 'UPDATE',\n    role: DESTROYER_ROLE,\n    using: 'true'",
  ]),
  grants('who destroys may mark', [
    ', ...dates])].join',
    ", ...dates])].join(', ')}), UPDATE (is_deleted), INSERT, SELECT (${[...new Set([...among(KEYS_AND_MARKS).split(', ')])].join",
  ]),
  scan('a destruction without its event goes unseen', [
    'AND e.actor = d.destroyed_by AND e.occurred_at = d.destroyed_at AND e.purged = d.shards',
    '',
  ]),
  scan('an event without its destruction goes unseen', [
    "WHERE e.action = 'SYSTEM_DESTROY_PATIENT' AND NOT EXISTS",
    "WHERE e.action = 'SYSTEM_DESTROY' AND NOT EXISTS",
  ]),
  scan('a deletion that is called destroyed goes unseen', [
    "(d.state = 'DESTROYED') IS DISTINCT FROM",
    "(d.state = 'DESTROYED') <> ALL (ARRAY[true, false]) AND false IS DISTINCT FROM",
  ]),
  marks('rows that were destroyed are missed by the scan', [
    "${rowsIn('shards')} - coalesce(destroyed.rows, 0) AS rows",
    "${rowsIn('shards')} AS rows",
  ]),
];
