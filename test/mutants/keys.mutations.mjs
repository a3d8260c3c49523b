import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of how patients are named by a hospital's own keys, and of what a process is told of its tables. */

const keys = mutantsOf('src/patient/patient.keys.ts', 'adopted/keys');
const pages = mutantsOf('src/patient/adopted.patients.ts', 'adopted/keys');
const lists = mutantsOf('src/batch/list.of.keys.ts', 'adopted/keys');
const held = mutantsOf('src/batch/patient.list.ts', 'batch/csv-list');
const csv = mutantsOf('src/batch/csv.list.ts', 'batch/csv-list');
const intake = mutantsOf('src/batch/batch.intake.ts', 'adopted/batch-keys');
const report = mutantsOf('src/cli/delete-batch.report.ts', 'cli/delete-batch');
const told = mutantsOf('src/adoption/adopt.declaration.ts', 'library/');
const pdf = mutantsOf('src/certificate/certificate.pdf.ts', 'adopted/http');

/** @type {import('./mutations.mjs').Mutation[]} */
export const KEY_MUTATIONS = [
  keys('keys: 007 is looked up as 7', ['(?:0|-?[1-9]\\d{0,18})', '-?\\d{1,19}']),
  keys('keys: 7.0 is found as 7', ['[key, patientId]', '[String(Number(key) || key), patientId]']),
  keys('keys: a number beyond its type is sent to be cast', [
    'BigInt.asIntN(64, BigInt(text))',
    'BigInt(text)',
  ]),
  pages('keys: a page finds whoever has a key that its collation calls equal', [' COLLATE "C"`', '`']),
  lists('keys: one that the encoding lacks fails the whole list', [
    'if (!isNotInEncoding(error)) throw error;',
    'throw error;',
  ]),
  held('keys: a blank of a key is taken away', [
    'this.addKey(line, text);',
    'this.addKey(line, text.trim());',
  ]),
  held('keys: a key with a letter that could not be read is looked for', [
    'else if (UNREADABLE.test(text))',
    "else if (text === '')",
  ]),
  csv('keys: ids win where the header has both', [
    'if (ids !== undefined && keys !== undefined)',
    'if (line === 0)',
  ]),
  intake('keys: a patient who stands on two lines is counted as nobody', [
    "unusable[patientId === null ? 'INVALID' : 'DUPLICATE'] += 1",
    'unusable.INVALID += 1',
  ]),
  report('keys: a key that stands twice is reported as asked for twice', [
    'const named = patientId ?? key;',
    'const named = patientId ?? (key && `${line}`);',
  ]),
  told('keys: another declaration takes the place of the one in force', [
    'if (settled !== undefined && settled !== content)',
    "if (settled === NO_DECLARATION && content !== '')",
  ]),
  told('keys: a declaration is put in force beside Silgi’s own tables', [
    'if (settled !== undefined && settled !== content)',
    'if (settled !== undefined && settled !== NO_DECLARATION && settled !== content)',
  ]),
  pdf('keys: a certificate names a table of the hospital’s by a schema that it is not in', [
    '    fullName(shard, table),\n',
    '    `${shard}.${table}`,\n',
  ]),
];
