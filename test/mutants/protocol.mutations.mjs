/**
 * Mutations of the protocol. Each is one wrong version of the product that a hurried hand could write, as texts to
 * find and their replacements, and the suites that must turn red.
 */

const ACTION = 'src/orchestrator/delete-patient/delete-patient.action.ts';
const STEPS = 'src/orchestrator/delete-patient/deletion.steps.ts';
const TRANSACTIONS = 'src/protocol/transactions.ts';
const SESSION = 'src/protocol/session.ts';
const PIPELINE = 'src/postgres/pipeline/pipeline.ts';
const REPOSITORY = 'src/shards/patient-owned.repository.ts';
const PATIENT = 'src/patient/patient.repository.ts';
const GUARD = 'src/catalogue/catalogue.guard.ts';

/** @type {import('./mutations.mjs').Mutation[]} */
export const PROTOCOL_MUTATIONS = [
  {
    name: 'the demographics guard is removed',
    file: 'src/orchestrator/delete-patient/demographics.guard.ts',
    edits: [['if (marked !== 1)', 'if (marked < 0)']],
    suites: 'orchestrator/rollback-guards',
  },
  {
    name: 'demographics are marked first',
    file: STEPS,
    edits: [
      ['after: CHILDREN_MARKED }', 'after: ALL_VOTES }'],
      ["  'mark clinical': { phase: 'EXECUTE', shard: 'clinical', after: ALL_VOTES },\n", ''],
      [
        "  'guard demographics': {",
        "  'mark clinical': { phase: 'EXECUTE', shard: 'clinical', after: ['mark patient'] },\n  'guard demographics': {",
      ],
    ],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'the tag of COMMIT is not looked at',
    file: SESSION,
    edits: [["if (tag === 'COMMIT') return 'COMMITTED';", "if (tag !== undefined) return 'COMMITTED';"]],
    suites: 'orchestrator/commit',
  },
  {
    name: 'votes do not wait for the lock',
    file: STEPS,
    edits: [["const UNDER_THE_LOCK = ['lock'] as const;", 'const UNDER_THE_LOCK = [] as const;']],
    suites: 'orchestrator/barrier',
  },
  {
    name: 'the demographics row is read without a lock',
    file: 'src/patient/patient.lock.ts',
    edits: [['root.strategy.stateOf(root, how)', 'root.strategy.stateOf(root)']],
    suites: 'orchestrator/(deletion|concurrency|commit)',
  },
  {
    name: 'the audit event is written on another connection',
    file: ACTION,
    edits: [
      [
        '(m) => shards.audit.append(m, deletion.auditEvent(plan.shards))',
        '(m) => shards.audit.append(m.dataSource.manager, deletion.auditEvent(plan.shards))',
      ],
    ],
    suites: 'orchestrator/rollback.e2e',
  },
  {
    name: 'the rescan is skipped',
    file: ACTION,
    edits: [
      [
        'assertNothingRemains(await shards.catalogue.rescan(m, mark.patientId));',
        'await shards.catalogue.rescan(m, mark.patientId);',
      ],
    ],
    suites: 'orchestrator/catalogue',
  },
  {
    name: 'one table of each shard is forgotten',
    file: REPOSITORY,
    edits: [
      [
        'const tables = this.tables();\n    const values = [mark',
        'const tables = this.tables().slice(0, Math.max(1, this.tables().length - 1));\n    const values = [mark',
      ],
    ],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'a retry takes a new deletion id',
    file: ACTION,
    edits: [
      [
        '  let earlier: EarlierDeletion | undefined;\n  return {',
        '  let earlier: EarlierDeletion | undefined;\n  let tries = 0;\n  return {',
      ],
      [
        '      earlier = await claim(tx, shards, deletion);',
        "      if (tries++ > 0) deletion = Object.assign(Object.create(deletion), { claim: { ...deletion.claim, deletionId: deletion.claim.deletionId.replace(/.$/, (last) => (last === '0' ? '1' : '0')) } });\n      earlier = await claim(tx, shards, deletion);",
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a failing rollback masks the first error',
    file: SESSION,
    edits: [
      [
        'if (first instanceof SilgiError) first.suppressed.push(error);',
        'if (first !== undefined) throw error;',
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a connection is used again after a failed commit',
    file: 'src/postgres/pipeline/pipelined.connection.ts',
    edits: [['if (isBroken) void', 'if (isBroken && this.backendPid === 0) void']],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a swallowed error goes unnoticed',
    file: SESSION,
    edits: [['if (this.isOpen && !this.opened.isKnownToBeWell)', 'if (!this.isOpen && this.isBroken)']],
    suites: 'orchestrator/commit',
  },
  {
    name: 'pipeline: what the server refuses behind a failure is taken for the failure',
    file: PIPELINE,
    suites: 'database/statement-batch',
    edits: [
      [
        'if (!isRefused && !(error instanceof StatementSkipped))',
        'if (!(error instanceof StatementSkipped))',
      ],
    ],
  },
  {
    name: 'a failure in a shared message goes unnoticed',
    file: PIPELINE,
    edits: [
      [
        'if (answers.length < next) return { error: new StatementFailed(answers.length - first, error), status };',
        '',
      ],
    ],
    suites: 'orchestrator/(rollback|trips)',
  },
  {
    name: 'a statement of its own does not wait for the transaction to have begun',
    file: PIPELINE,
    edits: [['(await question.heard)?.rows === undefined) throw', 'question.heard === undefined) throw']],
    suites: 'orchestrator/intake',
  },
  {
    name: 'only the first veto is reported',
    file: ACTION,
    edits: [
      ['throw new DeletionVetoed(plan.blockers);', 'throw new DeletionVetoed(plan.blockers.slice(0, 1));'],
    ],
    suites: 'orchestrator/rollback-guards',
  },
  {
    name: 'vetoes are ignored',
    file: ACTION,
    edits: [['if (plan.blockers.length > 0)', 'if (plan.blockers.length > 99)']],
    suites: 'orchestrator/(deletion|catalogue)',
  },
  {
    name: 'marked rows are not compared with the votes',
    file: ACTION,
    edits: [['assertMarkedAsVoted(plan.shards, [', 'assertMarkedAsVoted([], [']],
    suites: 'orchestrator/rollback-guards',
  },
  {
    name: 'a lost acknowledgement is answered as a failure',
    file: TRANSACTIONS,
    edits: [
      [
        "if (ended.outcome === 'UNKNOWN') await this.resolve(action);",
        "if (ended.outcome === 'UNKNOWN') throw new ShardUnavailable('Lost.', pointOf(stepOf(action, 'commit')));",
      ],
    ],
    suites: 'orchestrator/unknown-outcome',
  },
  {
    name: 'a lost acknowledgement is answered as a success',
    file: TRANSACTIONS,
    edits: [["if (ended.outcome === 'UNKNOWN') await this.resolve(action);", '']],
    suites: 'orchestrator/unknown-outcome',
  },
  {
    name: 'failed attempts are not recorded',
    file: 'src/orchestrator/failure.record.ts',
    edits: [['      if (isRecorded(error)) await this.record(attempt, error);\n', '']],
    suites: 'orchestrator/rollback.e2e',
  },
  {
    name: 'a key is accepted for another request',
    file: ACTION,
    edits: [['earlier.requestDigest !== claim.requestDigest || ', '']],
    suites: 'orchestrator/idempotency',
  },
  {
    name: 'the deletion runs at REPEATABLE READ',
    file: SESSION,
    edits: [["isolation: 'READ COMMITTED'", "isolation: 'REPEATABLE READ'"]],
    suites: 'orchestrator/concurrency',
  },
  {
    name: 'a missing live foreign key is let pass',
    file: GUARD,
    edits: [['!about.hasLiveKey && table !== ROOT', '!about.hasLiveKey && table === ROOT']],
    suites: 'orchestrator/catalogue',
  },
  {
    name: 'the catalogue is read once and never again',
    file: GUARD,
    edits: [
      [
        'if (now.structure === structure && now.rest === rest && undeclared.length === 0)',
        "if (structure !== 'never read')",
      ],
    ],
    suites: 'orchestrator/catalogue',
  },
  {
    name: 'conflicts are not retried',
    file: TRANSACTIONS,
    edits: [['const MAX_ATTEMPTS = 4;', 'const MAX_ATTEMPTS = 1;']],
    suites: 'orchestrator/(commit|concurrency)',
  },
  {
    name: 'the timeouts are left out',
    file: SESSION,
    edits: [
      ['this.opened.begin(CHARACTERISTICS)', "this.opened.begin({ ...CHARACTERISTICS, limits: 'SELECT 1' })"],
    ],
    suites: 'orchestrator/limits',
  },
  {
    name: 'rows that the hospital had hidden are marked too',
    file: 'src/shards/mark.strategy.ts',
    edits: [['WHERE ${OF_PATIENT} AND ${LIVE} RETURNING', 'WHERE ${OF_PATIENT} RETURNING']],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'a preview is committed',
    file: TRANSACTIONS,
    edits: [
      [
        "(await this.attempt(action, work, 'ROLLBACK', place === undefined)).result;",
        "(await this.attempt(action, work, 'COMMIT', place === undefined)).result;",
      ],
    ],
    suites: 'orchestrator/trips',
  },
  {
    name: 'a failed attempt keeps its idempotency key',
    file: PATIENT,
    edits: [
      [
        'await runInPipeline(manager, [WAIT_SHORTLY, insertOf(claim), WAIT_AS_BEFORE]);',
        'await manager.dataSource.transaction((m) => runInPipeline(m, [WAIT_SHORTLY, insertOf(claim), WAIT_AS_BEFORE]));',
      ],
    ],
    suites: 'orchestrator/idempotency',
  },
  {
    name: 'a claim that was not expected to find its key goes on where it does',
    file: PATIENT,
    edits: [
      [
        'if (!mayRepeat) throw hasKey ? new',
        'if (!mayRepeat) return undefined;\n    if (!mayRepeat) throw hasKey ? new',
      ],
    ],
    suites: 'orchestrator/idempotency',
  },
  {
    name: 'a place is not given back',
    file: TRANSACTIONS,
    edits: [['.finally(() => leave?.())', '']],
    suites: 'orchestrator/at-a-time',
  },
  {
    name: 'what fails beside a vote that failed is named in its place',
    file: 'src/postgres/pipeline/pipelined.client.ts',
    edits: [['if (this.isAborted) throw new StatementSkipped();', '']],
    suites: 'orchestrator/concurrency',
  },
];
