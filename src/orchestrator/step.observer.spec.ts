import { expect, it } from '@jest/globals';
import { StepObserver } from './step.observer.js';

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
