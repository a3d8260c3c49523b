import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what records and answers data subjects' requests, of what reads them, and of their letters. */

const states = mutantsOf('src/patient/erasure-request.states.ts', 'orchestrator/erasure-requests');
const repository = mutantsOf(
  'src/patient/erasure-request.repository.ts',
  'orchestrator/request-(races|faults)',
);
const ACTION = 'src/orchestrator/answer-request/answer-request.action.ts';
const action = mutantsOf(ACTION, 'orchestrator/erasure-requests');
const races = mutantsOf(ACTION, 'orchestrator/request-races');
const commit = mutantsOf(ACTION, 'orchestrator/request-faults');
const request = mutantsOf(
  'src/orchestrator/answer-request/erasure-request.ts',
  'orchestrator/erasure-requests',
);
const vote = mutantsOf('src/patient/patient.repository.ts', 'orchestrator/(erasure-requests|request-races)');
const digest = mutantsOf('src/orchestrator/delete-patient/deletion.ts', 'orchestrator/erasure-requests');
const day = mutantsOf(
  'src/postgres/migrations/1764000037000-record-erasure-requests.migration.ts',
  'orchestrator/erasure-requests',
);
const calendar = mutantsOf('src/patient/controllers.calendar.ts', 'admin/erasure-requests');
const scan = mutantsOf('src/catalogue/record.mismatches.ts', 'integrity/erasure-requests');
const policies = mutantsOf('src/postgres/row.policies.ts', 'database/erasure-requests');
const metrics = mutantsOf('src/admin/health/request.metrics.ts', 'admin/erasure-requests');
const letter = mutantsOf('src/letter/request.letter.ts', 'letter/letters');

/** @type {import('./mutations.mjs').Mutation[]} */
export const REQUEST_MUTATIONS = [
  states('a request: one whose deletion was undone is fulfilled', [
    "AND state IN ('DELETED', 'DESTROYED') ORDER",
    'ORDER',
  ]),
  states('a request: one that was recorded after a withdrawal is withdrawn', [
    ' AND restored_at >= r.recorded_at',
    '',
  ]),
  states('a request: any restoration withdraws it', ["AND restoration_reason = 'REQUEST_WITHDRAWN' ", '']),
  states('a request: a released hold defers it for ever', [' AND released_at IS NULL) THEN', ') THEN']),
  states('a request: one that waits for a hold is overdue', [
    "s.state = 'OPEN' AND r.due_on",
    "s.state <> 'x' AND r.due_on",
  ]),
  states(
    'a request: what was withdrawn is fulfilled by a later deletion',
    ["        WHEN d.deletion_id IS NOT NULL THEN 'FULFILLED'\n", ''],
    [
      'WHEN EXISTS (SELECT FROM ${DELETIONS}',
      "WHEN d.deletion_id IS NOT NULL THEN 'FULFILLED' WHEN EXISTS (SELECT FROM ${DELETIONS}",
    ],
  ),
  races('a request: who was restored meanwhile is not locked', ['throw new PatientCameBack()', 'return']),
  states('a request: it is overdue on its day', ['r.due_on < $1::date', 'r.due_on <= $1::date']),
  repository('a request: it is answered without the lock of a deletion', [
    "await lockedStateOf(manager, patientId, 'FOR NO KEY UPDATE')",
    'undefined as readonly (string | null)[] | undefined',
  ]),
  repository('a request of a hidden patient: nobody waits for anybody', [
    'SELECT pg_advisory_xact_lock(hashtextextended',
    'SELECT (hashtextextended',
  ]),
  repository('a request: after a lost commit its answer is taken for undone', [
    'IN (recorded_event_id, extended_event_id, closed_event_id)',
    'IN (recorded_event_id)',
  ]),
  repository('a request: after a lost commit its recording is taken for undone', [
    'IN (recorded_event_id, extended_event_id, closed_event_id)',
    'IN (extended_event_id, closed_event_id)',
  ]),
  action('a request: it is received tomorrow', ['if (receivedOn > today)', "if (receivedOn > '9')"]),
  action('a request: it is extended when its time is over', [
    'if (today > request.dueOn)',
    'if (today < today)',
  ]),
  action('a request: it is extended twice', [
    'if (request.extensionReason !== null)',
    "if (request.extensionReason === 'OTHER')",
  ]),
  action('a request: what is answered is answered again', [
    "if (state !== 'OPEN' && state !== 'DEFERRED')",
    "if (state === 'FULFILLED')",
  ]),
  action('a request: nobody is asked for erasure', ['if (!isThere) throw', 'if (false) throw']),
  commit('a request: a repeat whose commit was lost is asked for', ['!wrote || ', '']),
  request('a request: one of another day is taken for it', ['one.receivedOn === receivedOn &&', '']),
  request('a request: one of another way is taken for it', [' &&\n        one.channel === channel', '']),
  request('a request: a refusal on another ground is answered as the first', [
    "(state === 'WITHDRAWN' || closingGround === this.ground)",
    'true',
  ]),
  vote('a request: a deletion fulfils one that was refused', [
    "if (state === 'OPEN' || state === 'DEFERRED') return vote;",
    'if (state !== undefined) return vote;',
  ]),
  vote('a request: a deletion fulfils one of another patient', [
    '`WHERE ${PATIENT_ID} = $2 AND erasure_request_id = $3`',
    '`WHERE $2::uuid IS NOT NULL AND erasure_request_id = $3`',
  ]),
  digest('a request: a key is known whatever request its deletion names', ['      ...named,\n', '']),
  day('a request: it is due a calendar month later, however long', [
    'least(received_on + 30,',
    'least(received_on + 31,',
  ]),
  day('a request: it is due thirty days later, however short the month', [
    "(received_on + interval '1 month')::date)",
    'received_on + 30)',
  ]),
  day('a request: an extension is of sixty days', ["interval '2 months'", "interval '60 days'"]),
  calendar('a request: its days are those of the server', [
    "'sv-SE', { timeZone: zone }",
    "'sv-SE', { timeZone: 'UTC' }",
  ]),
  scan('the scan: a request that was removed is not missed', [
    "e.action IN ('${RECORDED}', ",
    'e.action IN (',
  ]),
  scan('the scan: a refusal without an event is right', [
    "h.closed_as = 'REFUSED' AND NOT",
    "h.closed_as = 'x' AND NOT",
  ]),
  scan('the scan: a withdrawal without an event is right', [
    "h.closed_as = 'WITHDRAWN' AND NOT",
    "h.closed_as = 'x' AND NOT",
  ]),
  scan('the scan: an extension without an event is right', [
    'h.extended_event_id IS NOT NULL AND NOT',
    'false AND NOT',
  ]),
  policies('a request: it is recorded as answered', [
    "check: 'extended_at IS NULL AND closed_at IS NULL'",
    "check: 'true'",
  ]),
  policies('a request: what is answered is changed', ["using: 'closed_at IS NULL'", "using: 'true'"]),
  metrics('the metrics: figures of before stand where the requests cannot be counted', [
    'this.forget();\n    }\n  }',
    'return;\n    }\n  }',
  ]),
  letter('a letter: a request that nobody has answered is extended', [
    "state === 'OPEN' && extendedAt !== null && extensionReason !== null",
    "state === 'OPEN'",
  ]),
  letter('a letter: what was deleted before he asked is called carried out', [
    'dayOf(deletedAt) < receivedOn',
    'dayOf(deletedAt) > receivedOn',
  ]),
];
