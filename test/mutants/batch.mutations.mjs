/** Wrong versions of batches, and of the check that their tests rest on. */

const BATCHES = 'src/batch/deletion.batches.ts';
const INTAKE = 'src/batch/batch.intake.ts';
const ITEM_END = 'src/batch/item.end.ts';
const QUEUE = 'src/batch/batch.queue.ts';
const WORKER = 'src/batch/batch.worker.ts';
const STAGE = 'test/batch/batch.stage.ts';

const STEERING = 'batch/batch-steering';
const RECORDS = 'batch/batch-records';
const OF_THE_QUEUE = 'batch/batch-queue';

/** @type {import('./mutations.mjs').Mutation[]} */
export const BATCH_MUTATIONS = [
  {
    name: 'an unknown outcome ends a line as FAILED',
    file: ITEM_END,
    edits: [['      error instanceof OutcomePending ||\n', '']],
    suites: STEERING,
  },
  {
    name: 'a line is tried without limit',
    file: ITEM_END,
    edits: [['if (isPassing(error) && attempts < MOST_ATTEMPTS)', 'if (isPassing(error))']],
    suites: STEERING,
  },
  {
    name: 'a line is given up at the first failure that passes',
    file: ITEM_END,
    edits: [['const MOST_ATTEMPTS = 8;', 'const MOST_ATTEMPTS = 1;']],
    suites: STEERING,
  },
  {
    name: 'to try again does not begin the tries anew',
    file: BATCHES,
    edits: [["state = 'PENDING', attempts = 0, due_at", "state = 'PENDING', due_at"]],
    suites: RECORDS,
  },
  {
    name: 'a line is always said to be tried for the first time',
    file: WORKER,
    edits: [['isFirstUse: attempts === 1', 'isFirstUse: true']],
    suites: STEERING,
  },
  {
    name: 'all batches delete under one key',
    file: 'src/batch/batch.records.ts',
    edits: [['return `batch:${batchId}`;', 'return `batch:${batchId.slice(0, 1)}`;']],
    suites: STEERING,
  },
  {
    name: 'lines in hand go on after a pause',
    file: WORKER,
    edits: [
      [
        "open.filter(({ state }) => state === 'RUNNING').map(",
        "open.filter(({ state }) => state !== 'CANCELLED').map(",
      ],
    ],
    suites: STEERING,
  },
  {
    name: 'lines in hand go on after a cancellation',
    file: WORKER,
    edits: [
      [
        "open.filter(({ state }) => state === 'RUNNING').map(",
        "open.filter(({ state }) => state !== 'PAUSED').map(",
      ],
    ],
    suites: STEERING,
  },
  {
    name: 'lines of a paused batch are taken',
    file: WORKER,
    edits: [
      [
        "const running = open.filter(({ state }) => state === 'RUNNING');",
        "const running = open.filter(({ state }) => state !== 'CANCELLED');",
      ],
    ],
    suites: STEERING,
  },
  {
    name: 'a line is begun though its lease has run out',
    file: WORKER,
    edits: [['Date.now() < (this.inHand.get(item) ?? 0)', 'this.inHand.has(item)']],
    suites: STEERING,
  },
  {
    name: 'a cancellation does not wait for the line at work',
    file: QUEUE,
    edits: [
      [
        "SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING'\n         ORDER BY due_at, line LIMIT $2",
        "SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state IN ('PENDING', 'RUNNING')\n         ORDER BY due_at, line LIMIT $2",
      ],
    ],
    suites: STEERING,
  },
  {
    name: 'a cancellation ends a line whose worker may still be at it',
    file: QUEUE,
    edits: [['const SETTLED_AFTER_MS = 45_000;', 'const SETTLED_AFTER_MS = 30_000;']],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a cancelled line is read as CANCELLED whatever is on record',
    file: QUEUE,
    edits: [["CASE WHEN d.deletion_id IS NULL THEN 'CANCELLED' ELSE 'DELETED' END", "'CANCELLED'"]],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a cancelled line is read as DELETED where somebody else has deleted the patient',
    file: QUEUE,
    edits: [
      [
        'd.patient_id = o.patient_id AND d.idempotency_key = $4',
        'd.patient_id = o.patient_id AND $4::text IS NOT NULL',
      ],
    ],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'leases are never renewed',
    file: WORKER,
    edits: [['if (items.length === 0) return;', 'if (items.length >= 0) return;']],
    suites: STEERING,
  },
  {
    name: 'a line is taken over before its lease has run out',
    file: QUEUE,
    edits: [['         AND leased_until < now() FOR UPDATE SKIP LOCKED', '         FOR UPDATE SKIP LOCKED']],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a line is taken before it is due',
    file: QUEUE,
    edits: [["state = 'PENDING' AND due_at <= now()", "state = 'PENDING'"]],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a worker ends a line that it has lost',
    file: QUEUE,
    edits: [
      [
        "AND i.state = 'RUNNING'\n           AND i.leased_by = $2\n",
        "AND i.state = 'RUNNING' AND $2::uuid IS NOT NULL\n",
      ],
    ],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a worker puts back a line that it has lost',
    file: QUEUE,
    edits: [
      [
        "i.line = ANY ($3) AND i.state = 'RUNNING' AND i.leased_by = $2",
        "i.line = ANY ($3) AND i.state = 'RUNNING' AND $2::uuid IS NOT NULL",
      ],
    ],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a worker holds on to a line that it has lost',
    file: QUEUE,
    edits: [
      ["AND i.state = 'RUNNING' AND i.leased_by = $3", "AND i.state = 'RUNNING' AND $3::uuid IS NOT NULL"],
    ],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'an item is counted each time that its end is written',
    file: QUEUE,
    edits: [
      [
        'await endedWith(manager, batch, ended, over.length)',
        'await endedWith(manager, batch, over.map(({ end }) => end), over.length)',
      ],
    ],
    suites: OF_THE_QUEUE,
  },
  {
    name: 'a line that was not begun counts as a try',
    file: ITEM_END,
    edits: [["kind: 'later', waitMs: 0, isAttempt: false", "kind: 'later', waitMs: 0, isAttempt: true"]],
    suites: STEERING,
  },
  {
    name: 'carrying out a dry run loses each five-thousandth line',
    file: INTAKE,
    edits: [['line > $3 AND line <= $4', 'line > $3 AND line < $4']],
    suites: RECORDS,
  },
  {
    name: 'a dry run that is not COMPLETED is carried out',
    file: INTAKE,
    edits: [
      ["if (rehearsal.state !== 'COMPLETED')", "if (rehearsal.state === 'COMPLETED' && rehearsal.lines < 0)"],
    ],
    suites: RECORDS,
  },
  {
    name: 'a dry run that is CANCELLED is carried out',
    file: INTAKE,
    edits: [
      [
        "if (rehearsal.state !== 'COMPLETED')",
        "if (rehearsal.endedAt === null && rehearsal.state !== 'COMPLETED' && rehearsal.state !== 'CANCELLED')",
      ],
    ],
    suites: RECORDS,
  },
  ...['reason', 'legalBasis', 'dryRun'].map((field) => ({
    name: `the digest of a batch's key leaves out ${field}`,
    file: INTAKE,
    edits: /** @type {[string, string][]} */ ([
      [
        'function digestOf({ reason, legalBasis, dryRun }',
        `function digestOf({ ${['reason', 'legalBasis', 'dryRun'].filter((name) => name !== field).join(', ')} }`,
      ],
      [
        'JSON.stringify([reason, legalBasis, dryRun])',
        `JSON.stringify([${['reason', 'legalBasis', 'dryRun'].filter((name) => name !== field).join(', ')}])`,
      ],
    ]),
    suites: RECORDS,
  })),
  {
    name: "the digest of a batch's key leaves out the list",
    file: INTAKE,
    edits: [
      [
        'for (const piece of list.pieces(PIECE))\n    hash',
        'for (const piece of [...list.pieces(PIECE)].slice(0, 0))\n    hash',
      ],
    ],
    suites: RECORDS,
  },
  {
    name: 'a batch that has ended can be cancelled',
    file: BATCHES,
    edits: [["'CANCELLED', ['RUNNING', 'PAUSED']", "'CANCELLED', ['RUNNING', 'PAUSED', 'COMPLETED']"]],
    suites: RECORDS,
  },
  {
    name: 'a cancelled batch can be resumed',
    file: BATCHES,
    edits: [["'RUNNING', ['PAUSED']", "'RUNNING', ['PAUSED', 'CANCELLED']"]],
    suites: RECORDS,
  },
  {
    name: 'a cancelled batch can be paused',
    file: BATCHES,
    edits: [["'PAUSED', ['RUNNING']", "'PAUSED', ['RUNNING', 'CANCELLED']"]],
    suites: RECORDS,
  },
  {
    name: 'the failed lines of a cancelled batch are tried again',
    file: BATCHES,
    edits: [["if (state === 'CANCELLED')", "if (state === 'CANCELLED' && counts.FAILED === undefined)"]],
    suites: RECORDS,
  },
  {
    name: 'to try again sets a paused batch going',
    file: BATCHES,
    edits: [["state = CASE state WHEN 'COMPLETED' THEN 'RUNNING' ELSE state END", "state = 'RUNNING'"]],
    suites: RECORDS,
  },
  {
    name: 'a cancelled batch reads COMPLETED at its end',
    file: 'src/batch/batch.progress.ts',
    edits: [["WHEN $6 AND state <> 'CANCELLED' THEN", 'WHEN $6 THEN']],
    suites: STEERING,
  },
  {
    name: 'a page of lines leaves one out',
    file: BATCHES,
    edits: [
      [
        'filter.after ?? 0, filter.states',
        'filter.after === undefined || filter.after === 0 ? 0 : filter.after + 1, filter.states',
      ],
    ],
    suites: RECORDS,
  },
  {
    name: 'a page of batches leaves one out',
    file: 'src/admin/batches/deletion-batches.controller.ts',
    edits: [
      [
        'return pageOf(found.map(toBatchDto), limit,',
        'return pageOf(found.slice(1).map(toBatchDto), limit - 1,',
      ],
    ],
    suites: RECORDS,
  },
  {
    name: 'outcomes are told without an order',
    file: BATCHES,
    edits: [['AND i.seq > $2 ORDER BY i.seq LIMIT $3', 'AND i.seq > $2 ORDER BY i.seq DESC LIMIT $3']],
    suites: RECORDS,
  },
  {
    name: 'the check of the batch tests looks at one table of fourteen',
    file: STAGE,
    edits: [['const children = CHILD_TABLES.map(', 'const children = CHILD_TABLES.slice(1, 2).map(']],
    suites: 'batch/deleted-once',
  },
  {
    name: 'the check of the batch tests leaves out the last table',
    file: STAGE,
    edits: [['const children = CHILD_TABLES.map(', 'const children = CHILD_TABLES.slice(0, -1).map(']],
    suites: 'batch/deleted-once',
  },
];
