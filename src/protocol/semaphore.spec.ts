import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Priority, Semaphore } from './semaphore.js';

const QUIET_MS = 500;

describe('a semaphore with two priorities', () => {
  let order: string[];
  beforeEach(() => {
    jest.useFakeTimers();
    order = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const withPlaces = (places: number) => new Semaphore(places, QUIET_MS);
  /** Comes, and says so once it is in, or has given up. */
  const comes = (semaphore: Semaphore, name: string, priority: Priority, withinMs = 60_000) =>
    Promise.resolve(semaphore.enter(priority, { withinMs })).then((isIn) =>
      order.push(isIn ? name : `not ${name}`),
    );
  const settled = () => jest.advanceTimersByTimeAsync(0);

  it('lets so many in at once, and the others in their order as places become free', async () => {
    const semaphore = withPlaces(2);
    expect([semaphore.enter('INTERACTIVE'), semaphore.enter('INTERACTIVE')]).toEqual([true, true]);
    void comes(semaphore, 'third', 'INTERACTIVE');
    void comes(semaphore, 'fourth', 'INTERACTIVE');
    await settled();
    expect(order).toEqual([]);
    semaphore.leave('INTERACTIVE');
    await settled();
    expect(order).toEqual(['third']);
    semaphore.leave('INTERACTIVE');
    await settled();
    expect(order).toEqual(['third', 'fourth']);
  });

  it('turns away who has waited long enough, and gives that place to nobody', async () => {
    const semaphore = withPlaces(1);
    expect(semaphore.enter('INTERACTIVE')).toBe(true);
    void comes(semaphore, 'patient', 'INTERACTIVE');
    void comes(semaphore, 'impatient', 'INTERACTIVE', 10);
    await jest.advanceTimersByTimeAsync(10);
    expect(order).toEqual(['not impatient']);
    semaphore.leave('INTERACTIVE');
    await settled();
    expect(order).toEqual(['not impatient', 'patient']);
    semaphore.leave('INTERACTIVE');
    expect(semaphore.enter('INTERACTIVE')).toBe(true);
  });

  it('lets go of who is told to wait no longer', async () => {
    const semaphore = withPlaces(1);
    expect(semaphore.enter('BATCH')).toBe(true);
    const stop = new AbortController();
    const waiting = semaphore.enter('BATCH', { signal: stop.signal });
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await semaphore.enter('BATCH', { signal: stop.signal })).toBe(false);
    semaphore.leave('BATCH');
    expect(semaphore.enter('BATCH')).toBe(true);
  });

  it('gives a place to what is interactive before a batch that has waited for longer', async () => {
    const semaphore = withPlaces(1);
    expect(semaphore.enter('BATCH')).toBe(true);
    void comes(semaphore, 'batch', 'BATCH');
    void comes(semaphore, 'interactive', 'INTERACTIVE');
    semaphore.leave('BATCH');
    await settled();
    expect(order).toEqual(['interactive']);
  });

  it('lets one of a batch in beside what is interactive, and all places once that has been gone for a while', async () => {
    const semaphore = withPlaces(5);
    expect(semaphore.enter('INTERACTIVE')).toBe(true);
    expect(semaphore.enter('BATCH')).toBe(true);
    void comes(semaphore, 'second', 'BATCH');
    void comes(semaphore, 'third', 'BATCH');
    await settled();
    expect(order).toEqual([]);
    semaphore.leave('INTERACTIVE');
    await jest.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(order).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(order).toEqual(['second', 'third']);
  });

  it('counts the while from the last interactive one', async () => {
    const semaphore = withPlaces(5);
    expect([semaphore.enter('INTERACTIVE'), semaphore.enter('BATCH')]).toEqual([true, true]);
    void comes(semaphore, 'batch', 'BATCH');
    semaphore.leave('INTERACTIVE');
    await jest.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(semaphore.enter('INTERACTIVE')).toBe(true);
    semaphore.leave('INTERACTIVE');
    await jest.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(order).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(order).toEqual(['batch']);
  });
});
