import { expect, it } from '@jest/globals';
import { DeletionVetoed } from '../orchestrator/index.js';
import { OutcomePending } from './action.errors.js';
import { type SilgiError } from '../common/index.js';
import { outcomeOf } from './run.outcome.js';
import { pointOf } from './step.failure.js';

const milliseconds = 1;

it.each([
  [{ answer: {}, replayed: false }, 'DELETED'],
  [{ answer: {}, replayed: true }, 'REPLAYED'],
  [{ ready: true }, 'DONE'],
  [undefined, 'DONE'],
])('%j is %s', (result, outcome) => {
  expect(outcomeOf({ milliseconds, result })).toBe(outcome);
});

it.each([
  [new DeletionVetoed([]), 'DELETION_VETOED'],
  [new OutcomePending('patient', 'deletion', pointOf('commit')), 'PENDING'],
  [new TypeError('a bug') as unknown as SilgiError, 'INTERNAL_ERROR'],
])('%s is %s', (error, outcome) => {
  expect(outcomeOf({ milliseconds, error })).toBe(outcome);
});
