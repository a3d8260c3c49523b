import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of batches, and of the check that their tests rest on. */

const ends = mutantsOf('src/batch/item.end.ts', 'batch/batch-steering');
const batches = mutantsOf('src/batch/deletion.batches.ts', 'batch/batch-records');
const worker = mutantsOf('src/batch/batch.worker.ts', 'batch/batch-steering');
const key = mutantsOf('src/batch/batch.records.ts', 'batch/batch-steering');
const sweep = mutantsOf('src/batch/batch.queue.ts', 'batch/batch-steering');
const queue = mutantsOf('src/batch/batch.queue.ts', 'batch/batch-queue');
const intake = mutantsOf('src/batch/batch.intake.ts', 'batch/batch-records');
const progress = mutantsOf('src/batch/batch.progress.ts', 'batch/batch-steering');
const pages = mutantsOf('src/admin/batches/deletion-batches.controller.ts', 'batch/batch-records');
const check = mutantsOf('test/support/patients.ts', 'support/patients');

/** @type {import('./mutations.mjs').Mutation[]} */
export const BATCH_MUTATIONS = [
  ends('an unknown outcome ends a line as FAILED', ['      error instanceof OutcomePending ||\n', '']),
  ends('a line is tried without limit', [
    'if (isPassing(error) && attempts < MOST_ATTEMPTS)',
    'if (isPassing(error))',
  ]),
  ends('a line is given up at the first failure that passes', [
    'const MOST_ATTEMPTS = 8;',
    'const MOST_ATTEMPTS = 1;',
  ]),
  batches('to try again does not begin the tries anew', [
    "state = 'PENDING', attempts = 0, due_at",
    "state = 'PENDING', due_at",
  ]),
  worker('a line is always said to be tried for the first time', [
    'isFirstUse: attempts === 1',
    'isFirstUse: true',
  ]),
  key('all batches delete under one key', [
    'return `batch:${batchId}`;',
    'return `batch:${batchId.slice(0, 1)}`;',
  ]),
  worker('lines in hand go on after a pause', [
    "open.filter(({ state }) => state === 'RUNNING').map(",
    "open.filter(({ state }) => state !== 'CANCELLED').map(",
  ]),
  worker('lines in hand go on after a cancellation', [
    "open.filter(({ state }) => state === 'RUNNING').map(",
    "open.filter(({ state }) => state !== 'PAUSED').map(",
  ]),
  worker('lines of a paused batch are taken', [
    "const running = open.filter(({ state }) => state === 'RUNNING');",
    "const running = open.filter(({ state }) => state !== 'CANCELLED');",
  ]),
  worker('a line is begun though its lease has run out', [
    'Date.now() < (this.inHand.get(item) ?? 0)',
    'this.inHand.has(item)',
  ]),
  sweep('a cancellation does not wait for the line at work', [
    "SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING'\n         ORDER BY due_at, line LIMIT $2",
    "SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state IN ('PENDING', 'RUNNING')\n         ORDER BY due_at, line LIMIT $2",
  ]),
  queue('a cancellation ends a line whose worker may still be at it', [
    'const SETTLED_AFTER_MS = RESOLVE_WITHIN_MS;',
    'const SETTLED_AFTER_MS = 30_000;',
  ]),
  queue('a cancelled line is read as CANCELLED whatever is on record', [
    "CASE WHEN d.deletion_id IS NULL THEN 'CANCELLED' ELSE 'DELETED' END",
    "'CANCELLED'",
  ]),
  queue('a cancelled line is read as DELETED where somebody else has deleted the patient', [
    'd.${PATIENT_ID} = o.${PATIENT_ID} AND d.idempotency_key = $4',
    'd.${PATIENT_ID} = o.${PATIENT_ID} AND $4::text IS NOT NULL',
  ]),
  worker('leases are never renewed', ['if (items.length === 0) return;', 'if (items.length >= 0) return;']),
  queue('a line is taken over before its lease has run out', [
    '         AND leased_until < now() FOR UPDATE SKIP LOCKED',
    '         FOR UPDATE SKIP LOCKED',
  ]),
  queue('a line is taken before it is due', ["state = 'PENDING' AND due_at <= now()", "state = 'PENDING'"]),
  queue('a worker ends a line that it has lost', [
    "AND i.state = 'RUNNING'\n           AND i.leased_by = $2\n",
    "AND i.state = 'RUNNING' AND $2::uuid IS NOT NULL\n",
  ]),
  queue('a worker puts back a line that it has lost', [
    "i.line = ANY ($3) AND i.state = 'RUNNING' AND i.leased_by = $2",
    "i.line = ANY ($3) AND i.state = 'RUNNING' AND $2::uuid IS NOT NULL",
  ]),
  queue('a worker holds on to a line that it has lost', [
    "AND i.state = 'RUNNING' AND i.leased_by = $3",
    "AND i.state = 'RUNNING' AND $3::uuid IS NOT NULL",
  ]),
  queue('an item is counted each time that its end is written', [
    'await endedWith(manager, batch, ended, over.length)',
    'await endedWith(manager, batch, over.map(({ end }) => end), over.length)',
  ]),
  ends('a line that was not begun counts as a try', [
    "kind: 'later', waitMs: 0, isAttempt: false",
    "kind: 'later', waitMs: 0, isAttempt: true",
  ]),
  intake('carrying out a dry run loses each five-thousandth line', [
    'line > $3 AND line <= $4',
    'line > $3 AND line < $4',
  ]),
  intake('a dry run that is not COMPLETED is carried out', [
    "if (rehearsal.state !== 'COMPLETED')",
    "if (rehearsal.state === 'COMPLETED' && rehearsal.lines < 0)",
  ]),
  intake('a dry run that is CANCELLED is carried out', [
    "if (rehearsal.state !== 'COMPLETED')",
    "if (rehearsal.endedAt === null && rehearsal.state !== 'COMPLETED' && rehearsal.state !== 'CANCELLED')",
  ]),
  intake(
    "the digest of a batch's key leaves out reason",
    ['function digestOf({ reason, legalBasis, dryRun }', 'function digestOf({ legalBasis, dryRun }'],
    ['JSON.stringify([reason, legalBasis, dryRun])', 'JSON.stringify([legalBasis, dryRun])'],
  ),
  intake(
    "the digest of a batch's key leaves out legalBasis",
    ['function digestOf({ reason, legalBasis, dryRun }', 'function digestOf({ reason, dryRun }'],
    ['JSON.stringify([reason, legalBasis, dryRun])', 'JSON.stringify([reason, dryRun])'],
  ),
  intake(
    "the digest of a batch's key leaves out dryRun",
    ['function digestOf({ reason, legalBasis, dryRun }', 'function digestOf({ reason, legalBasis }'],
    ['JSON.stringify([reason, legalBasis, dryRun])', 'JSON.stringify([reason, legalBasis])'],
  ),
  intake("the digest of a batch's key leaves out the list", [
    'for (const piece of list.pieces(PIECE))\n    hash',
    'for (const piece of [...list.pieces(PIECE)].slice(0, 0))\n    hash',
  ]),
  batches('a batch that has ended can be cancelled', [
    "'CANCELLED', ['RUNNING', 'PAUSED']",
    "'CANCELLED', ['RUNNING', 'PAUSED', 'COMPLETED']",
  ]),
  batches('a cancelled batch can be resumed', [
    "'RUNNING', ['PAUSED']",
    "'RUNNING', ['PAUSED', 'CANCELLED']",
  ]),
  batches('a cancelled batch can be paused', ["'PAUSED', ['RUNNING']", "'PAUSED', ['RUNNING', 'CANCELLED']"]),
  batches('the failed lines of a cancelled batch are tried again', [
    "if (state === 'CANCELLED')",
    "if (state === 'CANCELLED' && counts.FAILED === undefined)",
  ]),
  batches('to try again sets a paused batch going', [
    "state = CASE state WHEN 'COMPLETED' THEN 'RUNNING' ELSE state END",
    "state = 'RUNNING'",
  ]),
  progress('a cancelled batch reads COMPLETED at its end', [
    "WHEN $6 AND state <> 'CANCELLED' THEN",
    'WHEN $6 THEN',
  ]),
  batches('a page of lines leaves one out', [
    'filter.after ?? 0, filter.states',
    'filter.after === undefined || filter.after === 0 ? 0 : filter.after + 1, filter.states',
  ]),
  pages('a page of batches leaves one out', [
    'return pageOf(found.map(toBatchDto), limit,',
    'return pageOf(found.slice(1).map(toBatchDto), limit - 1,',
  ]),
  batches('outcomes are told without an order', [
    'AND i.seq > $2 ORDER BY i.seq LIMIT $3',
    'AND i.seq > $2 ORDER BY i.seq DESC LIMIT $3',
  ]),
  check('the check of the batch tests looks at one table of fourteen', [
    'WITH found AS (${PATIENT_TABLES.map(',
    'WITH found AS (${PATIENT_TABLES.slice(0, 2).map(',
  ]),
  check('the check of the batch tests leaves out the last table', [
    'WITH found AS (${PATIENT_TABLES.map(',
    'WITH found AS (${PATIENT_TABLES.slice(0, -1).map(',
  ]),
];
