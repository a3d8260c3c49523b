import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { DeletionMetrics } from './deletion.metrics.js';
import { MetricsRegistry } from './metrics.registry.js';

let metrics: DeletionMetrics;
let runs: number;

beforeEach(() => {
  jest.useFakeTimers();
  metrics = new DeletionMetrics(new MetricsRegistry());
  runs = 0;
});

afterEach(() => {
  jest.useRealTimers();
});

/** Which of so many runs, from 0, take their steps one by one. */
const timedOf = (count: number, act: 'deletion' | 'preview' = 'deletion') =>
  Array.from({ length: count }, (_, index) => {
    const deletionId = `${++runs}`;
    metrics.began({ act, deletionId });
    return metrics.separates('lock', deletionId) ? [index] : [];
  }).flat();

it('times one run in twenty of each act, from the first', () => {
  expect(timedOf(20)).toEqual([0]);
  expect(timedOf(20, 'preview')).toEqual([0]);
  jest.advanceTimersByTime(1_000);
  expect(timedOf(20)).toEqual([0]);
});

it('times no more than one a second, however many there are', () => {
  expect(timedOf(100)).toEqual([0]);
  jest.advanceTimersByTime(999);
  expect(timedOf(100)).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(timedOf(100)).toEqual([0]);
});
