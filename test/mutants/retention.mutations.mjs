import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what reads and checks a retention policy. */

const SUITES = 'retention/read-policy';
const period = mutantsOf('src/retention/period.ts', SUITES);
const schema = mutantsOf('src/retention/policy.schema.ts', SUITES);
const columns = mutantsOf('src/retention/date.columns.ts', SUITES);
const check = mutantsOf('src/retention/check.policy.ts', SUITES);
const standard = mutantsOf('src/retention/default.policy.ts', 'retention/default-policy');
const reading = mutantsOf('src/retention/read.policy.ts', 'retention/adopted-tables');

/** @type {import('./mutations.mjs').Mutation[]} */
export const RETENTION_MUTATIONS = [
  period('a retention policy: nothing is too long', [' > 12 * LONGEST_YEARS', ' > 1e9 * LONGEST_YEARS']),
  period(
    'a retention policy: the same period in other words is another one',
    ['[Math.floor(allMonths / 12), ', '[years, '],
    ['[allMonths % 12, ', '[months, '],
  ),
  columns('a retention policy: a period may begin with the mark of a deletion', [
    'isMark: owner !== intake.entity',
    'isMark: false',
  ]),
  columns('a retention policy: a period may begin with any column', [
    'isDate: DATES.includes(type)',
    'isDate: true',
  ]),
  schema('a retention policy: it is signed off tomorrow', ['else if (text > today)', "else if (text > '9')"]),
  schema('a retention policy: the patient’s own record may have a rule', [
    'rules[root] = z.never({ error: LAST_OF_ALL }).optional();',
    'rules[root] = z.any();',
  ]),
  schema('a retention policy: another order of its dates is another policy', [
    'return names.sort();',
    'return names;',
  ]),
  schema('a retention policy: who signs is compared as typed', [".normalize('NFC')", '']),
  check('a retention policy: it is read on where a key stands twice', [
    'const problems = [...unclear, ',
    'const problems = [',
  ]),
  standard('a retention policy: the default one counts from the row', [
    "from: 'LAST_CONTACT'",
    "from: 'ROW'",
  ]),
  reading('a retention policy: one is read for a hospital’s own tables', [
    'if (adoptedTables() !== undefined)',
    'if (adoptedTables() === null)',
  ]),
];
