/**
 * Mutations of the protocol. Each is one wrong version of the product that a hurried hand could write, as texts to
 * find and their replacements, and the suites that must turn red.
 */

const ORCHESTRATOR = 'src/orchestrator/patient.orchestrator.ts';
const TRANSACTION = 'src/protocol/transaction.ts';
const REPOSITORY = 'src/shards/patient-owned.repository.ts';
const PATIENT = 'src/patient/patient.repository.ts';
const GUARD = 'src/catalogue/catalogue.guard.ts';

const LOCK = "      ['lock', (m) => this.patient.lockDemographics(m, patientId)],\n";
const VOTE_CATALOGUE = "      ['vote catalogue', (m) => this.catalogue.vote(m)],\n";
const MARK_PATIENT = "      ['mark patient', (m) => this.patient.markDeleted(m, mark)],\n";
const MARK_CLINICAL = "      ['mark clinical', (m) => this.clinical.markDeleted(m, mark)],\n";

/** @type {import('./mutations.mjs').Mutation[]} */
export const PROTOCOL_MUTATIONS = [
  {
    name: 'the demographics guard is removed',
    file: 'src/orchestrator/delete-patient/demographics.guard.ts',
    edits: [['if (marked !== 1)', 'if (marked < 0)']],
    suites: 'orchestrator/rollback',
  },
  {
    name: 'demographics are marked first',
    file: ORCHESTRATOR,
    edits: [
      ['const [clinical, finance, patient] =', 'const [patient, clinical, finance] ='],
      [MARK_PATIENT, ''],
      [MARK_CLINICAL, MARK_PATIENT + MARK_CLINICAL],
    ],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'the tag of COMMIT is not looked at',
    file: TRANSACTION,
    edits: [
      [
        "if (answer?.command === 'COMMIT') return 'COMMITTED';",
        "if (answer !== undefined) return 'COMMITTED';",
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'the lock is taken after the votes',
    file: ORCHESTRATOR,
    edits: [
      [
        'const [, patient, clinical, finance, audit, catalogue] =',
        'const [patient, clinical, finance, audit, catalogue] =',
      ],
      [LOCK, ''],
      [VOTE_CATALOGUE, VOTE_CATALOGUE + LOCK],
    ],
    suites: 'orchestrator/(deletion|concurrency)',
  },
  {
    name: 'the demographics row is read without a lock',
    file: PATIENT,
    edits: [['WHERE patient_id = $1 FOR UPDATE', 'WHERE patient_id = $1']],
    suites: 'orchestrator/(deletion|concurrency|commit)',
  },
  {
    name: 'the audit event is written on another connection',
    file: ORCHESTRATOR,
    edits: [
      [
        '(m) => this.audit.append(m, deletion.auditEvent(plan.shards))',
        '(m) => this.audit.append(m.dataSource.manager, deletion.auditEvent(plan.shards))',
      ],
    ],
    suites: 'orchestrator/(rollback|commit)',
  },
  {
    name: 'the rescan is skipped',
    file: ORCHESTRATOR,
    edits: [['(m) => this.catalogue.rescan(m, mark.patientId)', '() => undefined']],
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
    file: ORCHESTRATOR,
    edits: [
      [
        '    const deletion = new Deletion(command);\n    let earlier',
        '    let deletion = new Deletion(command);\n    let tries = 0;\n    let earlier',
      ],
      [
        '          earlier = await this.claim(tx, deletion);',
        '          if (tries++ > 0) deletion = new Deletion(command);\n          earlier = await this.claim(tx, deletion);',
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a failing rollback masks the first error',
    file: TRANSACTION,
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
    file: TRANSACTION,
    edits: [['if (this.broken) void', 'if (this.broken && this.deletionId === "") void']],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a swallowed error goes unnoticed',
    file: TRANSACTION,
    edits: [['if (!this.isOpen) return;', 'if (this.isOpen || !this.isOpen) return;']],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a failure in a shared trip goes unnoticed',
    file: 'src/postgres/pipeline/shared.trip.ts',
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
    file: 'src/postgres/pipeline/shared.trip.ts',
    edits: [['(await question.heard)?.rows === undefined) throw', 'question.heard === undefined) throw']],
    suites: 'orchestrator/intake',
  },
  {
    name: 'only the first veto is reported',
    file: ORCHESTRATOR,
    edits: [
      [
        '.flatMap((vote) => vote.vetoes), ...catalogue]',
        '.flatMap((vote) => vote.vetoes), ...catalogue].slice(0, 1)',
      ],
    ],
    suites: 'orchestrator/rollback',
  },
  {
    name: 'vetoes are ignored',
    file: ORCHESTRATOR,
    edits: [['if (plan.blockers.length > 0)', 'if (plan.blockers.length > 99)']],
    suites: 'orchestrator/(deletion|catalogue)',
  },
  {
    name: 'marked rows are not compared with the votes',
    file: ORCHESTRATOR,
    edits: [['assertMarkedAsVoted(plan.shards, [', 'assertMarkedAsVoted([], [']],
    suites: 'orchestrator/rollback',
  },
  {
    name: 'a lost acknowledgement is answered as a failure',
    file: TRANSACTION,
    edits: [
      [
        "if (ended.outcome === 'UNKNOWN') await this.resolve(unit);",
        "if (ended.outcome === 'UNKNOWN') throw new ShardUnavailable('Lost.', pointOf('commit'));",
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'a lost acknowledgement is answered as a success',
    file: TRANSACTION,
    edits: [["if (ended.outcome === 'UNKNOWN') await this.resolve(unit);", '']],
    suites: 'orchestrator/commit',
  },
  {
    name: 'failed attempts are not recorded',
    file: ORCHESTRATOR,
    edits: [['      await this.recordFailure(deletion, error);\n', '']],
    suites: 'orchestrator/rollback',
  },
  {
    name: 'a key is accepted for another request',
    file: ORCHESTRATOR,
    edits: [['earlier.requestDigest !== claim.requestDigest || ', '']],
    suites: 'orchestrator/idempotency',
  },
  {
    name: 'the deletion runs at REPEATABLE READ',
    file: TRANSACTION,
    edits: [["isolation: 'READ COMMITTED'", "isolation: 'REPEATABLE READ'"]],
    suites: 'orchestrator/concurrency',
  },
  {
    name: 'a missing live foreign key is let pass',
    file: GUARD,
    edits: [['else if (!hasLiveKey && table !== root)', 'else if (!hasLiveKey && table === root)']],
    suites: 'orchestrator/catalogue',
  },
  {
    name: 'the catalogue is read once and never again',
    file: GUARD,
    edits: [
      [
        'if (now.structure === structure && now.columns === columns && undeclared.length === 0)',
        "if (structure !== 'never read')",
      ],
    ],
    suites: 'orchestrator/catalogue',
  },
  {
    name: 'conflicts are not retried',
    file: TRANSACTION,
    edits: [['const MAX_ATTEMPTS = 4;', 'const MAX_ATTEMPTS = 1;']],
    suites: 'orchestrator/(commit|concurrency)',
  },
  {
    name: 'the timeouts are left out',
    file: TRANSACTION,
    edits: [
      [
        'this.client?.startWith(CHARACTERISTICS);',
        "this.client?.startWith({ ...CHARACTERISTICS, limits: 'SELECT 1' });",
      ],
    ],
    suites: 'orchestrator/commit',
  },
  {
    name: 'rows that the hospital had hidden are marked too',
    file: REPOSITORY,
    edits: [['WHERE patient_id = $1 AND live RETURNING', 'WHERE patient_id = $1 RETURNING']],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'a preview is committed',
    file: TRANSACTION,
    edits: [
      [
        "(await this.attempt(unit, 'ROLLBACK', this.turnstile)).result);",
        "(await this.attempt(unit, 'COMMIT', this.turnstile)).result);",
      ],
    ],
    suites: 'orchestrator/deletion',
  },
  {
    name: 'a failed attempt keeps its idempotency key',
    file: PATIENT,
    edits: [
      [
        'await runInOneTrip(manager, [WAIT_SHORTLY, insertOf(claim), WAIT_AS_BEFORE]);',
        'await manager.dataSource.transaction((m) => runInOneTrip(m, [WAIT_SHORTLY, insertOf(claim), WAIT_AS_BEFORE]));',
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
    file: TRANSACTION,
    edits: [['if (this.hasPlace) this.turnstile?.leave();', 'this.hasPlace = false;']],
    suites: 'orchestrator/at-a-time',
  },
];
