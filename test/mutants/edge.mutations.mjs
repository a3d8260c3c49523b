/** Wrong versions of what stands around the protocol: the API, imports and commands. */

const CLINICAL_FILES = 'src/import/clinical.mapping.ts';
const FINANCE_FILES = 'src/import/finance.mapping.ts';
const PATIENT_FILE = 'src/import/patient.mapping.ts';
const DIRECTORY = 'src/patient/patient.directory.ts';
const KEY = 'src/admin/http/idempotency-key.ts';
const DELETE_BATCH = 'src/cli/delete-batch.run.ts';
const MAIN = 'src/cli/main.ts';

const COLUMNS = 'import/import.columns';
const EXIT_CODES = 'cli/exit-codes';

/** @type {import('./mutations.mjs').Mutation[]} */
export const EDGE_MUTATIONS = [
  {
    name: 'a damaged build is run',
    file: 'bin/digest.mjs',
    edits: [
      [
        "readFileSync(join(build, SEAL), 'utf8') === digestOfContents(build)",
        'existsSync(join(build, SEAL))',
      ],
    ],
    suites: 'program/builds',
  },
  {
    name: 'a build of sources that changed while they were compiled is run',
    file: 'bin/build.mjs',
    edits: [['    if (digestOfSources(root) !== digest) return;\n', '']],
    suites: 'program/builds',
  },
  {
    name: 'a build is removed under the service that runs it',
    file: 'bin/dist.folder.mjs',
    edits: [['[IN_USE, LOCK, digest, ...used]', '[IN_USE, LOCK, digest]']],
    suites: 'program/builds',
  },
  {
    name: 'commands that start at once all build',
    file: 'bin/dist.folder.mjs',
    edits: [['if (isOverdue || !isHeld(lock)) rmSync', 'rmSync']],
    suites: 'program/builds',
  },
  {
    name: 'a reader that closes the pipe ends the command',
    file: 'bin/launch.mjs',
    edits: [["code === 'EPIPE' || ", '']],
    suites: 'program/output',
  },
  {
    name: 'two amounts of a claim are swapped',
    file: FINANCE_FILES,
    edits: [
      ["decimal('OUTSTANDING1')", "decimal('OUTSTANDING?')"],
      ["decimal('OUTSTANDING2')", "decimal('OUTSTANDING1')"],
      ["decimal('OUTSTANDING?')", "decimal('OUTSTANDING2')"],
    ],
    suites: COLUMNS,
  },
  {
    name: 'two amounts of a transaction are swapped',
    file: FINANCE_FILES,
    edits: [
      ["decimal('PAYMENTS')", "decimal('?')"],
      ["decimal('ADJUSTMENTS')", "decimal('PAYMENTS')"],
      ["decimal('?')", "decimal('ADJUSTMENTS')"],
    ],
    suites: COLUMNS,
  },
  {
    name: 'two columns of a table are swapped',
    file: 'src/finance/financial-transaction.entity.ts',
    edits: [
      ["{ name: 'from_at',", "{ name: '?',"],
      ["{ name: 'to_at',", "{ name: 'from_at',"],
      ["{ name: '?',", "{ name: 'to_at',"],
    ],
    suites: COLUMNS,
  },
  {
    name: 'two costs of an encounter are swapped',
    file: CLINICAL_FILES,
    edits: [
      ["decimal('BASE_ENCOUNTER_COST')", "decimal('?')"],
      ["decimal('TOTAL_CLAIM_COST')", "decimal('BASE_ENCOUNTER_COST')"],
      ["decimal('?')", "decimal('TOTAL_CLAIM_COST')"],
    ],
    suites: COLUMNS,
  },
  {
    name: 'the description of one reaction goes to the other',
    file: CLINICAL_FILES,
    edits: [['[values.slice(0, 3), values.slice(3)]', '[values.slice(3), values.slice(0, 3)]']],
    suites: COLUMNS,
  },
  {
    name: 'latitude and longitude are swapped',
    file: PATIENT_FILE,
    edits: [
      ["double('LAT')", "double('?')"],
      ["double('LON')", "double('LAT')"],
      ["double('?')", "double('LON')"],
    ],
    suites: COLUMNS,
  },
  {
    name: 'the first time at which a claim was billed is taken, not the last',
    file: FINANCE_FILES,
    edits: [['(millisecondsOf(time) > millisecondsOf(last) ? time : last)', '(last === null ? time : last)']],
    suites: COLUMNS,
  },
  {
    name: 'a page goes on behind a name, whosoever bears it',
    file: DIRECTORY,
    edits: [
      ['(family_name, given_name, patient_id) > (', '(family_name, given_name) > ('],
      ['SELECT family_name, given_name, patient_id\n', 'SELECT family_name, given_name\n'],
    ],
    suites: 'admin/patients',
  },
  {
    name: 'namesakes stand on a page in no order',
    file: DIRECTORY,
    edits: [['ORDER BY family_name, given_name, patient_id LIMIT', 'ORDER BY family_name, given_name LIMIT']],
    suites: 'admin/patients',
  },
  {
    name: 'a page of deletions leaves one out',
    file: 'src/patient/deletion.records.ts',
    edits: [
      [
        '      take: filter.limit,\n',
        '      take: filter.limit,\n      skip: filter.before === undefined ? 0 : 1,\n',
      ],
    ],
    suites: 'admin/deletions',
  },
  {
    name: 'a page of audit events leaves one out',
    file: 'src/audit/audit.log.ts',
    edits: [
      [
        '      take: filter.limit,\n',
        '      take: filter.limit,\n      skip: filter.before === undefined ? 0 : 1,\n',
      ],
    ],
    suites: 'admin/deletions',
  },
  {
    name: 'an Idempotency-Key is taken in small letters',
    file: KEY,
    edits: [['    return key;', '    return key?.toLowerCase();']],
    suites: 'admin/idempotency-key',
  },
  {
    name: 'an Idempotency-Key is cut off',
    file: KEY,
    edits: [['    return key;', '    return key?.slice(0, 64);']],
    suites: 'admin/idempotency-key',
  },
  {
    name: 'delete-batch ends with 0 despite lines that are not deleted',
    file: 'src/cli/delete-batch.command.ts',
    edits: [['if (!complete) process.exitCode = 1;', '']],
    suites: EXIT_CODES,
  },
  ...['NOT_FOUND', 'VETOED', 'FAILED', 'INVALID'].map((state) => ({
    name: `delete-batch ends with 0 despite a line that is ${state}`,
    file: DELETE_BATCH,
    edits: /** @type {[string, string][]} */ ([
      ['NOT_DELETED.every((state) => (', `NOT_DELETED.every((state) => state === '${state}' || (`],
    ]),
    suites: EXIT_CODES,
  })),
  {
    name: 'delete-batch ends with 0 though the batch was paused',
    file: DELETE_BATCH,
    edits: [["batch.state === 'COMPLETED' && NOT_DELETED", 'NOT_DELETED']],
    suites: EXIT_CODES,
  },
  {
    name: 'the report of a batch ends after its first thousand lines',
    file: DELETE_BATCH,
    edits: [['if (items.length < PAGE) break;', 'if (items.length <= PAGE) break;']],
    suites: EXIT_CODES,
  },
  {
    name: 'import ends with 0 despite rejected patients',
    file: 'src/cli/import.command.ts',
    edits: [['if (!complete) process.exitCode = 1;', '']],
    suites: EXIT_CODES,
  },
  {
    name: 'import ends with 0 despite rows that belong to nobody',
    file: 'src/import/tally.ts',
    edits: [[' && [...this.byType.values()].every(({ rejected }) => rejected === 0)', '']],
    suites: EXIT_CODES,
  },
  {
    name: 'integrity ends with 0 despite what it has found',
    file: 'src/cli/integrity.command.ts',
    edits: [['if (!report.healthy) process.exitCode = 1;', '']],
    suites: 'integrity/integrity-command',
  },
  {
    name: 'verify-audit ends with 0 despite what it has found',
    file: 'src/cli/verify-audit.command.ts',
    edits: [['      process.exitCode = 1;\n', '']],
    suites: 'audit-log/audit-log-commands',
  },
  {
    name: 'verify-certificate ends with 0 though it has refused',
    file: 'src/common/command.failure.ts',
    edits: [['readonly exitCode = 1,', 'readonly exitCode = 0,']],
    suites: 'certificate/certificate',
  },
  {
    name: 'a command that fails ends with 0',
    file: MAIN,
    edits: [['  process.exitCode = exitCodeOf(error);\n', '']],
    suites: EXIT_CODES,
  },
  {
    name: 'a command that is misused ends with 1',
    file: MAIN,
    edits: [['    return error.exitCode === 0 ? 0 : 2;', '    return error.exitCode;']],
    suites: EXIT_CODES,
  },
];
