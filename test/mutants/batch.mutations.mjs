import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of batches, and of the check that their tests rest on. */

const ends = mutantsOf('src/batch/item.end.ts', 'batch/batch-steering');
const batches = mutantsOf('src/batch/deletion.batches.ts', 'batch/batch-records');
const worker = mutantsOf('src/batch/batch.worker.ts', 'batch/batch-steering');
const key = mutantsOf('src/batch/batch.records.ts', 'batch/batch-steering');
const sweep = mutantsOf('src/batch/batch.queue.ts', 'batch/batch-steering');
const queue = mutantsOf('src/batch/batch.queue.ts', 'batch/batch-queue');
const claims = mutantsOf('src/batch/batch.queue.ts', 'batch/batch-vacuum');
const intake = mutantsOf('src/batch/batch.intake.ts', 'batch/batch-records');
const plans = mutantsOf('src/batch/batch.intake.ts', 'batch/batch-plans');
const pagePlans = mutantsOf('src/batch/deletion.batches.ts', 'batch/batch-plans');
const progress = mutantsOf('src/batch/batch.progress.ts', 'batch/batch-steering');
const pages = mutantsOf('src/admin/batches/deletion-batches.controller.ts', 'batch/batch-records');
const streams = mutantsOf('src/admin/batches/event.streams.ts', 'batch/batch-events');
const retention = mutantsOf('src/batch/batch.retention.ts', 'batch/batch-retention');
const uploads = mutantsOf('src/admin/batches/deletion-batches.controller.ts', 'batch/batch-uploads');
const stop = mutantsOf('src/cli/delete-batch.run.ts', 'cli/delete-batch');
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
    "WHERE batch_id = $1 AND state = 'PENDING'\n         AND (due_at",
    "WHERE batch_id = $1 AND state IN ('PENDING', 'RUNNING')\n         AND (due_at",
  ]),
  queue('a cancellation ends a line whose worker may still be at it', [
    'const SETTLED_AFTER_MS = RESOLVE_WITHIN_MS;',
    'const SETTLED_AFTER_MS = 30_000;',
  ]),
  queue('a cancelled line is read as CANCELLED whatever is on record', [
    "CASE WHEN EXISTS (${ON_RECORD}) THEN 'DELETED' ELSE 'CANCELLED' END",
    "'CANCELLED'",
  ]),
  queue('a cancelled line is read as DELETED where somebody else has deleted the patient', [
    'd.${PATIENT_ID} = i.${PATIENT_ID} AND d.idempotency_key = $3',
    'd.${PATIENT_ID} = i.${PATIENT_ID} AND $3::text IS NOT NULL',
  ]),
  worker('leases are never renewed', ['if (items.length === 0) return;', 'if (items.length >= 0) return;']),
  queue('a line is taken over before its lease has run out', [
    '         AND leased_until < now() FOR UPDATE SKIP LOCKED',
    '         FOR UPDATE SKIP LOCKED',
  ]),
  queue('a line is taken before it is due', ["state = 'PENDING' AND due_at <= now()", "state = 'PENDING'"]),
  queue('a worker ends a line that it has lost', [
    'AND i.leased_by = $2\n         RETURNING i.line, i.state',
    'AND $2::uuid IS NOT NULL\n         RETURNING i.line, i.state',
  ]),
  queue('a worker puts back a line that it has lost', [
    'AND i.leased_by = $2 AND $3::text IS NULL',
    'AND $2::uuid IS NOT NULL AND $3::text IS NULL',
  ]),
  queue('a worker holds on to a line that it has lost', [
    'AND i.leased_by = $3 RETURNING',
    'AND $3::uuid IS NOT NULL RETURNING',
  ]),
  queue('an item is counted each time that its end is written', [
    'await endedWith(manager, batch, ended, over.length)',
    'await endedWith(manager, batch, over.map(({ end }) => end), over.length)',
  ]),
  claims('each claim begins at the front of the queue', [
    'return this.searched.get(batchId) ?? FRONT;',
    'return FRONT;',
  ]),
  queue('a line that was passed over is never looked for again', [
    'if (last === undefined || found.length < limit) this.searched.delete(batchId);',
    'if (last === undefined) return;',
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
    'for (const piece of list.pieces(PIECE)) {\n    hash',
    'for (const piece of [...list.pieces(PIECE)].slice(0, 0)) {\n    hash',
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
  plans('the first line of a patient that stands twice is looked for in the whole batch', [
    'f.${PATIENT_ID} = given.${PATIENT_ID} AND f.batch_id IS NOT DISTINCT FROM $1',
    'f.${PATIENT_ID} IS NOT DISTINCT FROM given.${PATIENT_ID} AND f.batch_id = $1',
  ]),
  pagePlans('a page of lines in one state reads all behind its cursor', [
    "CROSS JOIN LATERAL (${page('AND i.state = wanted.state')}) AS found",
    'CROSS JOIN LATERAL (${page("AND i.state || \'\' = wanted.state")}) AS found',
  ]),
  streams('a listener that has seen the end of a batch is sent its state again and again', [
    'after >= Number(lastSeq)',
    'after > Number(lastSeq)',
  ]),
  batches('a page of lines leaves one out', [
    'batchId, after, limit]',
    'batchId, after === 0 ? 0 : after + 1, limit]',
  ]),
  pages('a page of batches leaves one out', [
    'return pageOf(found.map(toBatchDto), limit,',
    'return pageOf(found.slice(1).map(toBatchDto), limit - 1,',
  ]),
  batches('outcomes are told without an order', [
    'AND i.seq > $2 ORDER BY i.seq LIMIT $3',
    'AND i.seq > $2 ORDER BY i.seq DESC LIMIT $3',
  ]),
  retention('a batch is removed a day early', [
    "$2::int * interval '1 day')`",
    "($2::int - 1) * interval '1 day')`",
  ]),
  retention(
    'a dry run is removed before the batch that carries it out',
    ["\n         AND NOT EXISTS (${EXECUTION} AND ${isDue('e')} IS NOT TRUE)", ''],
    ['\n         AND NOT EXISTS (${EXECUTION} AND e.batch_id <> ALL ($1::uuid[]))', ''],
  ),
  retention('the removal of batches waits for whoever has one in hand', [
    'FOR UPDATE OF b SKIP LOCKED',
    'FOR UPDATE OF b',
  ]),
  retention('what a removal that was cut off has left stays', [
    'for (const batchId of await this.leftBehind()) await',
    'for (const batchId of (await this.leftBehind()).slice(0, 0)) await',
  ]),
  retention('of a batch that is removed only the first lines are', [
    'if (removed.length === 0) return;',
    'if (removed.length >= 0) return;',
  ]),
  uploads('the place of a list that did not come to its end is not given back', [
    '} finally {\n      leave?.();',
    '} catch (error) {\n      throw error;',
  ]),
  uploads('one caller may send as many lists at a time as all', [
    'this.uploads.enter(requester.requestedBy)',
    'this.uploads.enter(requestIdOf(request))',
  ]),
  stop('a batch that has ended before it could be paused is said to have changed nothing', [
    'if (!(error instanceof BatchStateConflict)) throw error;',
    'throw error;',
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
