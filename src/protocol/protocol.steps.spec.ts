import { expect, it } from '@jest/globals';
import { declareSteps } from './action.js';
import { stepOf, stepsOf } from './protocol.steps.js';

const action = {
  home: 'patient',
  steps: declareSteps({
    lock: { phase: 'PREPARE', shard: 'patient' },
    'mark finance': { phase: 'EXECUTE', shard: 'finance', after: ['lock'] },
  }),
} as const;

it('the protocol’s own steps stand around those of the action, in the home shard’s name', () => {
  expect(stepsOf(action)).toEqual([
    { name: 'connect', phase: 'PREPARE', shard: 'patient' },
    { name: 'begin', phase: 'PREPARE', shard: 'patient' },
    { name: 'lock', phase: 'PREPARE', shard: 'patient' },
    { name: 'mark finance', phase: 'EXECUTE', shard: 'finance' },
    { name: 'commit', phase: 'COMMIT', shard: 'patient' },
  ]);
});

it('a step that nobody declares is refused by its name', () => {
  expect(() => stepOf(action, 'mark clinical')).toThrow('No step is called "mark clinical".');
});
