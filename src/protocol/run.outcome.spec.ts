import { expect, it } from '@jest/globals';
import { PatientNotFound } from '../patient/index.js';
import { OutcomePending } from './action.errors.js';
import { outcomeOfError } from './run.outcome.js';

const point = { phase: 'COMMIT', shard: 'patient', step: 'commit' } as const;

it.each([
  [new PatientNotFound('x'), 'PATIENT_NOT_FOUND'],
  [new OutcomePending({ name: 'deletion', ids: {} }, point), 'PENDING'],
  [new TypeError('a bug'), 'INTERNAL_ERROR'],
])('%s is called %s', (error, outcome) => {
  expect(outcomeOfError(error)).toBe(outcome);
});
