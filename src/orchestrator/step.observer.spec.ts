import { expect, it } from '@jest/globals';
import { StepObserver } from './step.observer.js';

it('an observer that nobody replaced does nothing', () => {
  const observer = new StepObserver();
  expect(observer.before('claim', 'id')).toBeUndefined();
  expect(() => {
    observer.after('claim', 1);
    observer.retried();
    observer.resolved('COMMITTED');
    observer.ended('deletion', { result: undefined });
  }).not.toThrow();
});
