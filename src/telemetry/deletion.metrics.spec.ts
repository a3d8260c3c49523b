import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { DeletionMetrics } from './deletion.metrics.js';
import { MetricsRegistry } from './metrics.registry.js';

let registry: MetricsRegistry;
let metrics: DeletionMetrics;

beforeEach(() => {
  jest.useFakeTimers();
  registry = new MetricsRegistry();
  metrics = new DeletionMetrics(registry);
});

afterEach(() => {
  jest.useRealTimers();
});

const LOCK = { name: 'lock', phase: 'PREPARE', shard: 'patient' } as const;
const VOTE = { name: 'vote patient', phase: 'PREPARE', shard: 'patient' } as const;
const END = { milliseconds: 0, outcome: 'DELETED', result: {} };

/** Seconds of PREPARE in the patient shard, over all deletions, and how many there were. */
async function prepareTime() {
  const text = await registry.metrics();
  const figure = (what: string) =>
    Number(
      new RegExp(
        `^silgi_phase_duration_seconds_${what}\\{phase="PREPARE",shard="patient"\\} (.+)$`,
        'm',
      ).exec(text)?.[1],
    );
  return { sum: figure('sum'), count: figure('count') };
}

it('times a phase of a shard from its first question to its last answer, whatever shares the message', async () => {
  const run = { name: 'deletion', ids: {} };
  metrics.began(run);
  metrics.stepBegan(run, LOCK);
  metrics.stepBegan(run, VOTE);
  jest.advanceTimersByTime(200);
  metrics.stepEnded(run, LOCK);
  jest.advanceTimersByTime(50);
  metrics.stepEnded(run, VOTE);
  jest.advanceTimersByTime(1_000);
  metrics.ended(run, END);
  expect(await prepareTime()).toEqual({ sum: 0.25, count: 1 });
});

it('adds up what a deletion spent in each of its transactions, and not the pause between them', async () => {
  const run = { name: 'deletion', ids: {} };
  metrics.began(run);
  for (const pause of [1_000, 0]) {
    metrics.transactionBegan(run);
    metrics.stepBegan(run, LOCK);
    jest.advanceTimersByTime(100);
    metrics.stepEnded(run, LOCK);
    jest.advanceTimersByTime(pause);
  }
  metrics.ended(run, END);
  expect(await prepareTime()).toEqual({ sum: 0.2, count: 1 });
});

it('times deletions only', async () => {
  const run = { name: 'preview', ids: {} };
  metrics.began(run);
  metrics.stepBegan(run, LOCK);
  metrics.stepEnded(run, LOCK);
  metrics.ended(run, END);
  expect((await prepareTime()).count).toBeNaN();
});
