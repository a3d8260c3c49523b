import { expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { shielded, StepObserver } from './step.observer.js';

it('an observer that nobody replaced does nothing', () => {
  const observer = new StepObserver();
  expect(observer.before('claim', 'id')).toBeUndefined();
  expect(() => {
    observer.began({ act: 'deletion', deletionId: 'id' });
    observer.after('claim', 1, undefined, 'id');
    observer.retried('id');
    observer.resolved('COMMITTED', 'id');
    observer.ended({ act: 'deletion', deletionId: 'id' }, { milliseconds: 1, result: undefined });
  }).not.toThrow();
});

it('an observer may fail a step before it, and nothing that is over', () => {
  Logger.overrideLogger(false);
  const fail = () => {
    throw new Error('The observer failed.');
  };
  const observer = shielded(Object.assign(new StepObserver(), { before: fail, after: fail }));
  expect(() => observer.before('claim', 'id')).toThrow('The observer failed.');
  expect(() => {
    observer.after('claim', 1, undefined, 'id');
  }).not.toThrow();
});
