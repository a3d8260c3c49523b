import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { BatchLedger } from './batch.ledger.js';
import type { BatchQueue, Claimed, Settled } from './batch.queue.js';

const batch = { batchId: 'b' } as Claimed['batch'];
const deleted = { kind: 'over', state: 'DELETED' } as const;
const line = (number: number): Claimed => ({ batch, line: number, patientId: String(number), attempts: 1 });

let written: number[][];
let ledger: BatchLedger;

beforeEach(() => {
  jest.useFakeTimers();
  written = [];
  const settle = (_: string, settled: readonly Settled[]) => {
    written.push(settled.map(({ item }) => item.line));
    return Promise.resolve({ own: new Set<number>(), ended: undefined });
  };
  const nothing = () => undefined;
  ledger = new BatchLedger({ settle } as unknown as BatchQueue, 'me', nothing, nothing);
});

afterEach(() => {
  jest.useRealTimers();
});

it('writes the first outcome down at once, and lets the next ones gather', async () => {
  ledger.add(line(1), deleted);
  await jest.advanceTimersByTimeAsync(0);
  ledger.add(line(2), deleted);
  ledger.add(line(3), deleted);
  await jest.advanceTimersByTimeAsync(249);
  expect(written).toEqual([[1]]);
  await jest.advanceTimersByTimeAsync(1);
  expect(written).toEqual([[1], [2, 3]]);
});

it('writes down what is waiting as soon as nothing more is under way', async () => {
  ledger.add(line(1), deleted);
  await jest.advanceTimersByTimeAsync(0);
  ledger.add(line(2), deleted);
  ledger.hurry();
  await jest.advanceTimersByTimeAsync(0);
  expect(written).toEqual([[1], [2]]);
});

it('writes down what is waiting when it is closed', async () => {
  ledger.add(line(1), deleted);
  await jest.advanceTimersByTimeAsync(0);
  ledger.add(line(2), deleted);
  await ledger.close();
  expect(written).toEqual([[1], [2]]);
});
