import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what stands around the protocol: the API, imports and commands. */

const financeFiles = mutantsOf('src/import/finance.mapping.ts', 'import/import.columns');
const transactionTable = mutantsOf('src/finance/financial-transaction.entity.ts', 'import/import.columns');
const clinicalFiles = mutantsOf('src/import/clinical.mapping.ts', 'import/import.columns');
const patientFile = mutantsOf('src/import/patient.mapping.ts', 'import/import.columns');
const directory = mutantsOf('src/patient/patient.directory.ts', 'admin/patients');
const deletionList = mutantsOf('src/patient/deletion.records.ts', 'admin/deletions');
const auditList = mutantsOf('src/audit/audit.log.ts', 'admin/deletions');
const key = mutantsOf('src/admin/http/idempotency-key.ts', 'admin/idempotency-key');
const deleteBatch = mutantsOf('src/cli/delete-batch.command.ts', 'cli/exit-codes');
const deleteBatchRun = mutantsOf('src/cli/delete-batch.run.ts', 'cli/exit-codes');
const importCommand = mutantsOf('src/cli/import.command.ts', 'cli/exit-codes');
const tally = mutantsOf('src/import/tally.ts', 'cli/exit-codes');
const integrity = mutantsOf('src/cli/integrity.command.ts', 'integrity/integrity-command');
const verifyAudit = mutantsOf('src/cli/verify-audit.command.ts', 'audit-log/audit-log-commands');
const verifyCertificate = mutantsOf('src/common/command.failure.ts', 'certificate/certificate-command');
const program = mutantsOf('src/cli/main.ts', 'cli/exit-codes');

/** @type {import('./mutations.mjs').Mutation[]} */
export const EDGE_MUTATIONS = [
  financeFiles(
    'two amounts of a claim are swapped',
    ["decimal('OUTSTANDING1')", "decimal('OUTSTANDING?')"],
    ["decimal('OUTSTANDING2')", "decimal('OUTSTANDING1')"],
    ["decimal('OUTSTANDING?')", "decimal('OUTSTANDING2')"],
  ),
  financeFiles(
    'two amounts of a transaction are swapped',
    ["decimal('PAYMENTS')", "decimal('?')"],
    ["decimal('ADJUSTMENTS')", "decimal('PAYMENTS')"],
    ["decimal('?')", "decimal('ADJUSTMENTS')"],
  ),
  transactionTable(
    'two columns of a table are swapped',
    ["{ name: 'from_at',", "{ name: '?',"],
    ["{ name: 'to_at',", "{ name: 'from_at',"],
    ["{ name: '?',", "{ name: 'to_at',"],
  ),
  clinicalFiles(
    'two costs of an encounter are swapped',
    ["decimal('BASE_ENCOUNTER_COST')", "decimal('?')"],
    ["decimal('TOTAL_CLAIM_COST')", "decimal('BASE_ENCOUNTER_COST')"],
    ["decimal('?')", "decimal('TOTAL_CLAIM_COST')"],
  ),
  clinicalFiles('the description of one reaction goes to the other', [
    '[values.slice(0, 3), values.slice(3)]',
    '[values.slice(3), values.slice(0, 3)]',
  ]),
  patientFile(
    'latitude and longitude are swapped',
    ["double('LAT')", "double('?')"],
    ["double('LON')", "double('LAT')"],
    ["double('?')", "double('LON')"],
  ),
  financeFiles('the first time at which a claim was billed is taken, not the last', [
    '(millisecondsOf(time) > millisecondsOf(last) ? time : last)',
    '(last === null ? time : last)',
  ]),
  directory(
    'a page goes on behind a name, whosoever bears it',
    ['(family_name, given_name, ${root.key.column}) > (', '(family_name, given_name) > ('],
    ['SELECT family_name, given_name, ${root.key.column}\n', 'SELECT family_name, given_name\n'],
  ),
  directory('namesakes stand on a page in no order', [
    'ORDER BY family_name, given_name, ${root.key.column} LIMIT',
    'ORDER BY family_name, given_name LIMIT',
  ]),
  deletionList('a page of deletions leaves one out', [
    '      take: filter.limit,\n',
    '      take: filter.limit,\n      skip: filter.before === undefined ? 0 : 1,\n',
  ]),
  auditList('a page of audit events leaves one out', [
    '      take: filter.limit,\n',
    '      take: filter.limit,\n      skip: filter.before === undefined ? 0 : 1,\n',
  ]),
  key('an Idempotency-Key is taken in small letters', ['    return key;', '    return key?.toLowerCase();']),
  key('an Idempotency-Key is cut off', ['    return key;', '    return key?.slice(0, 64);']),
  deleteBatch('delete-batch ends with 0 despite lines that are not deleted', [
    'if (!complete) process.exitCode = 1;',
    '',
  ]),
  deleteBatchRun('delete-batch ends with 0 despite a line that is NOT_FOUND', [
    'NOT_DELETED.every((state) => (',
    "NOT_DELETED.every((state) => state === 'NOT_FOUND' || (",
  ]),
  deleteBatchRun('delete-batch ends with 0 despite a line that is VETOED', [
    'NOT_DELETED.every((state) => (',
    "NOT_DELETED.every((state) => state === 'VETOED' || (",
  ]),
  deleteBatchRun('delete-batch ends with 0 despite a line that is FAILED', [
    'NOT_DELETED.every((state) => (',
    "NOT_DELETED.every((state) => state === 'FAILED' || (",
  ]),
  deleteBatchRun('delete-batch ends with 0 despite a line that is INVALID', [
    'NOT_DELETED.every((state) => (',
    "NOT_DELETED.every((state) => state === 'INVALID' || (",
  ]),
  deleteBatchRun('delete-batch ends with 0 though the batch was paused', [
    "batch.state === 'COMPLETED' && NOT_DELETED",
    'NOT_DELETED',
  ]),
  deleteBatchRun('the report of a batch ends after its first thousand lines', [
    'if (items.length < PAGE) break;',
    'if (items.length <= PAGE) break;',
  ]),
  importCommand('import ends with 0 despite rejected patients', ['if (!complete) process.exitCode = 1;', '']),
  tally('import ends with 0 despite rows that belong to nobody', [
    ' && [...this.byType.values()].every(({ rejected }) => rejected === 0)',
    '',
  ]),
  integrity('integrity ends with 0 despite what it has found', [
    'if (!report.healthy) process.exitCode = 1;',
    '',
  ]),
  verifyAudit('verify-audit ends with 0 despite what it has found', ['      process.exitCode = 1;\n', '']),
  verifyCertificate('verify-certificate ends with 0 though it has refused', [
    'readonly exitCode = 1,',
    'readonly exitCode = 0,',
  ]),
  program('a command that fails ends with 0', ['  process.exitCode = await exitCodeOf(error);\n', '']),
  program('a command that is misused ends with 1', [
    'return error.exitCode === 0 ? 0 : EXIT_USAGE;',
    'return error.exitCode;',
  ]),
];
