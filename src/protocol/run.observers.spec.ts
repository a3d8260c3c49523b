import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RunObservers } from './run.observers.js';

const run = { name: 'act', ids: {} };
const step = { name: 'lock', phase: 'PREPARE', shard: 'patient' } as const;

it('tells every observer, in order, what it wants to know', () => {
  const told: string[] = [];
  const observers = new RunObservers([
    { stepBegan: (_, { name }) => told.push(`first: ${name}`) },
    {},
    { stepBegan: (_, { name }) => told.push(`third: ${name}`), ended: () => told.push('ended') },
  ]);
  observers.tell('stepBegan', run, step);
  expect(told).toEqual(['first: lock', 'third: lock']);
});

it('keeps what an observer throws, at once or later, from the others and from the run', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const told: string[] = [];
  const observers = new RunObservers([
    {
      stepEnded: () => {
        throw new Error('at once');
      },
    },
    { stepEnded: () => Promise.reject(new Error('later')) as never },
    { stepEnded: () => void told.push('third') },
  ]);
  observers.tell('stepEnded', run, step);
  await new Promise(setImmediate);
  expect(told).toEqual(['third']);
  expect(logged.mock.calls.map(([, error]) => (error as Error).message)).toEqual(['at once', 'later']);
  logged.mockRestore();
});
