import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what stands around the protocol: the API, imports and commands. */

const financeFiles = mutantsOf('src/import/finance.mapping.ts', 'import/import.columns');
const transactionTable = mutantsOf('src/finance/financial-transaction.entity.ts', 'import/import.columns');
const clinicalFiles = mutantsOf('src/import/clinical.mapping.ts', 'import/import.columns');
const patientFile = mutantsOf('src/import/patient.mapping.ts', 'import/import.columns');
const directory = mutantsOf('src/patient/patient.pages.ts', 'admin/patients');
const deletionList = mutantsOf('src/patient/deletion.records.ts', 'admin/deletions');
const auditList = mutantsOf('src/audit/audit.log.ts', 'admin/deletions');
const key = mutantsOf('src/admin/http/idempotency-key.ts', 'admin/idempotency-key');
const deleteBatch = mutantsOf('src/cli/delete-batch.command.ts', 'cli/exit-codes');
const deleteBatchRun = mutantsOf('src/cli/delete-batch.run.ts', 'cli/exit-codes');
const deleteBatchUsage = mutantsOf('src/cli/delete-batch.command.ts', 'cli/delete-batch');
const deleteBatchQuestion = mutantsOf('src/cli/delete-batch.run.ts', 'cli/delete-batch');
const importCommand = mutantsOf('src/cli/import.command.ts', 'cli/exit-codes');
const importRun = mutantsOf('src/cli/import.run.ts', 'import/import.exports');
const fileText = mutantsOf('src/import/csv.text.ts', 'import/import.exports');
const tally = mutantsOf('src/import/tally.ts', 'cli/exit-codes');
const integrity = mutantsOf('src/cli/integrity.command.ts', 'integrity/integrity-command');
const verifyAudit = mutantsOf('src/cli/verify-audit.command.ts', 'audit-log/audit-log-commands');
const verifyCertificate = mutantsOf('src/common/command.failure.ts', 'certificate/certificate-command');
const output = mutantsOf('src/common/output-file.ts', 'cli/overwrite');
const program = mutantsOf('src/cli/main.ts', 'cli/exit-codes');
const lists = mutantsOf(
  'src/postgres/migrations/1764000012000-index-lists.migration.ts',
  'database/level-lists',
);
const onlineIndex = mutantsOf('src/postgres/migrations/online.index.ts', 'database/level-lists');
const patients = mutantsOf('src/patient/patient.pages.ts', 'database/level-patients');
const grams = mutantsOf('src/postgres/name.grams.ts', 'database/level-patients');
const records = mutantsOf('src/patient/deletion.records.ts', 'database/level-patients');
const longScan = mutantsOf('src/admin/http/long.scan.ts', 'admin/scans');
const exitCode = mutantsOf('src/cli/exit.code.ts', 'cli/exit-code.spec');

/** @type {import('./mutations.mjs').Mutation[]} */
export const EDGE_MUTATIONS = [
  output('a report replaces a file unasked', ['if (overwrite) return', 'if (overwrite || true) return']),
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
    ["cost('BASE_ENCOUNTER_COST')", "decimal('?')"],
    ["decimal('TOTAL_CLAIM_COST')", "cost('BASE_ENCOUNTER_COST')"],
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
  directory('a page goes on behind a name, whosoever bears it', [
    'return `AND (${this.names}) > (\n      SELECT ${this.names} FROM',
    'return `AND (family_name, given_name) > (\n      SELECT family_name, given_name FROM',
  ]),
  directory('namesakes stand on a page in no order', [
    'return `ORDER BY ${this.names}`;',
    'return `ORDER BY family_name, given_name`;',
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
    'if (items.length < PAGE) return;',
    'if (items.length <= PAGE) return;',
  ]),
  deleteBatchUsage('delete-batch --resume deletes despite --dry-run', [
    'if (resume !== undefined && dryRun === true)',
    'if (false)',
  ]),
  deleteBatchQuestion('delete-batch asks before it names the lines that are wrong', [
    'await this.name(rehearsal);',
    '',
  ]),
  deleteBatchQuestion('the report of a batch that failed still has what its dry run had found', [
    'this.report.begin();',
    '',
  ]),
  importCommand('import ends with 0 despite rejected patients', ['if (!complete) process.exitCode = 1;', '']),
  importRun('import ends with 0 despite a file about patients that is left out', [
    'return this.tally.isClean && this.folder.leftOut.length === 0;',
    'return this.tally.isClean;',
  ]),
  fileText('a file in another encoding is read as UTF-8', [
    'if (!isUtf8(whole)) throw notUtf8(whole, line);',
    '',
  ]),
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
  program('a command that fails ends with 0', ['  process.exitCode = exitCodeOf(error);\n', '']),
  exitCode('a command that is misused ends with 1', [
    'return error.exitCode === 0 ? 0 : USAGE;',
    'return error.exitCode;',
  ]),
  lists('events of a rare action are looked for among all', [
    "  'audit.audit_event_rare_action': `audit.sharded_audit_event (action, audit_event_id) WHERE action <> 'SYSTEM_DELETE_PATIENT'`,\n",
    '',
  ]),
  onlineIndex('an index that was left half-built stays so', [
    'if (found?.valid === true) return;',
    'if (found !== undefined) return;',
  ]),
  patients('patients are found by their words among all', [
    'if (grams.length === 0) return this.inOrder',
    'if (grams.length > 0) return this.inOrder',
  ]),
  patients('what few of the nearest have is taken for all that there is', [
    'if (isWhole(nearest, NEAREST)) return nearest.page;',
    'return nearest.page;',
  ]),
  patients('what all have is looked for by words', [
    'if (isWhole(nearest, NEAREST)) return nearest.page;',
    '',
  ]),
  patients('what many have is taken for all that there is', [
    'if (few.of <= FEW) return few.page;',
    'if (few.of > 0) return few.page;',
  ]),
  patients('what has to come among the first is taken for all that there is', [
    'return isWhole(first, FIRST) ? first.page :',
    'return first.of > 0 ? first.page :',
  ]),
  patients('the index of names is taken for that of words', ['::int = 1`', '`']),
  patients('a family name that begins with the word comes by its turn', [
    'if (isPastBeginning) return this.others(half, this.wanted.after);',
    'if (!isPastBeginning || isPastBeginning) return this.others(half, this.wanted.after);',
  ]),
  patients('who has come first comes again', ['AND NOT ${this.begins(values)}', '']),
  patients('of two halves a family name that begins with the word comes by its turn', [
    '`NOT ${this.begins(values)},`',
    "''",
  ]),
  grams('a word of three letters is looked for in the order of names', ['deleted: 3 }', 'deleted: 4 }']),
  records('what was undone is looked for among all deletions', [
    "        ...(filter.state === 'RESTORED' && { restoredAt: Not(IsNull()) }),\n",
    '',
  ]),
  longScan('a scan is cut off by the limit for connections on which nothing moves', [
    '    socket?.setTimeout(0);\n',
    '',
  ]),
  exitCode('a crash ends with the code of a verdict', ['EXIT_CRASHED : FAILED', 'FAILED : FAILED']),
];
