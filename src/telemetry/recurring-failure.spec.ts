import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { RecurringFailure } from './recurring-failure.js';

let lines: string[];
let failure: RecurringFailure;

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  const log = {
    log: (line: string) => void lines.push(line),
    error: (line: string, error: unknown) => void lines.push(`${line}: ${String(error)}`),
  };
  failure = new RecurringFailure(log, { failing: 'failing', over: 'over' });
});

afterEach(() => {
  jest.useRealTimers();
});

it('is logged once, and again after five minutes', () => {
  failure.failed(new Error('away'));
  failure.failed(new Error('away'));
  jest.advanceTimersByTime(300_000);
  failure.failed(new Error('away'));
  expect(lines).toEqual(['failing: Error: away']);
  jest.advanceTimersByTime(1);
  failure.failed(new Error('away'));
  expect(lines).toHaveLength(2);
});

it('is logged at once where it is another one', () => {
  failure.failed(new Error('away'));
  failure.failed('nothing');
  expect(lines).toEqual(['failing: Error: away', 'failing: nothing']);
});

it('is logged once to be over, and at once when it comes back', () => {
  failure.succeeded();
  failure.failed(new Error('away'));
  failure.succeeded();
  failure.succeeded();
  failure.failed(new Error('away'));
  expect(lines).toEqual(['failing: Error: away', 'over', 'failing: Error: away']);
});
