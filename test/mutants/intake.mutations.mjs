import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of how whole patients are taken in. */

const marks = mutantsOf('src/shards/mark.strategy.ts', 'orchestrator/intake');
const intake = mutantsOf('src/orchestrator/take-in-patients/patient.intake.ts', 'orchestrator/intake');
const rows = mutantsOf('src/shards/patient-owned.repository.ts', 'orchestrator/intake');
const loader = mutantsOf('src/import/loader.ts', 'import/import.rejects');

/** @type {import('./mutations.mjs').Mutation[]} */
export const INTAKE_MUTATIONS = [
  marks('taking in: a live patient may be deleted before its rows are in', [' FOR KEY SHARE`', '`']),
  marks('taking in: the deleted among many patients are not known', [
    'WHERE ${OF_PATIENTS} AND ${IS_DELETED}`',
    'WHERE ${OF_PATIENTS} AND ${IS_DELETED} AND false`',
  ]),
  intake('taking in: two that add the same patients wait for each other', [
    '(a.patientId < b.patientId ? -1 : 1)',
    '(a.patientId < b.patientId ? 1 : -1)',
  ]),
  intake('taking in: a deleted patient keeps the others of its batch out', [
    'bundles.map((bundle) =>\n            deleted.has(bundle.patientId)',
    'bundles.map((bundle) =>\n            deleted.size > 0',
  ]),
  rows('taking in: what is beyond one statement is left out', [
    'from < rows.length; from += ROWS_AT_A_TIME',
    'from < 1; from += ROWS_AT_A_TIME',
  ]),
  loader('taking in: the second half of a refused batch is forgotten', [
    'await this.write(batch.slice(half));',
    '',
  ]),
];
