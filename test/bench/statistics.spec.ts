import { describe, expect, it } from '@jest/globals';
import { drawFrom, shuffled } from './draw.js';
import { growthOf, type SoakSample } from './soak.samples.js';
import { median, quantile, ratioSpread, slopeOf, spreadOf } from './statistics.js';

describe('the figures of a run', () => {
  it.each([
    [[3], 3],
    [[4, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 2, 1, 100], 9],
  ])('the median of %j is %d', (values, wanted) => {
    expect(median(values)).toBe(wanted);
  });

  it.each([
    [0, 1],
    [0.25, 2],
    [0.5, 3],
    [0.9, 4.6],
    [0.99, 4.96],
    [1, 5],
  ])('a share of %d of five values lies below %d', (share, wanted) => {
    expect(quantile([5, 3, 1, 2, 4], share)).toBeCloseTo(wanted, 10);
  });

  it('refuses nothing, and a share that is none', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => quantile([1], 1.01)).toThrow(RangeError);
    expect(() => quantile([1], NaN)).toThrow(RangeError);
  });

  it('does not reorder what it is given', () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('compares round by round, so that a slow round does not count', () => {
    // Every round is twice the other's, and the third is ten times as slow as the rest.
    expect(ratioSpread([2, 4, 40, 3], [1, 2, 20, 1.5])).toEqual({ median: 2, q1: 2, q3: 2 });
    expect(ratioSpread([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])).toEqual({ median: 3, q1: 2, q3: 4 });
    expect(() => ratioSpread([1, 2], [1])).toThrow(RangeError);
  });

  it('fits a line that one odd sample does not turn', () => {
    const even = Array.from({ length: 10 }, (_, at) => [at, 100 + 2 * at] as const);
    expect(slopeOf(even)).toBeCloseTo(2, 10);
    expect(slopeOf(even.map(([at, value]) => [at, at === 5 ? 900 : value] as const))).toBeCloseTo(2, 10);
    expect(() => slopeOf([[1, 1]])).toThrow(RangeError);
  });
});

describe('the order of turns', () => {
  it('follows from the seed', () => {
    const order = (seed: number) => shuffled([1, 2, 3, 4, 5, 6, 7, 8], drawFrom(seed));
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect([...order(3)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('favours nobody', () => {
    const draw = drawFrom(42);
    const first = { a: 0, b: 0, c: 0 };
    for (let turn = 0; turn < 3_000; turn++) first[shuffled(['a', 'b', 'c'] as const, draw)[0] ?? 'a']++;
    for (const count of Object.values(first)) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });
});

describe('the growth of a long run', () => {
  const run = (rssMb: (at: number) => number, heapMb = (at: number) => 63 + (at % 10) / 10): SoakSample[] =>
    Array.from({ length: 121 }, (_, index) => index * 5).map((at) => ({
      at,
      requests: at * 120,
      rssMb: rssMb(at),
      heapMb: heapMb(at),
      connections: 9,
      openFiles: 36,
      sessionMb: null,
      prepared: 43,
    }));
  const verdicts = (samples: SoakSample[]) =>
    Object.fromEntries(growthOf(samples).map(({ figure, isWithin }) => [figure, isWithin]));
  /** Up by 80 MB and down again, every 35 seconds. */
  const garbage = (at: number) => 70 + (80 * (at % 35)) / 35;

  it('is none where memory only rises and falls, and a warm-up does not count', () => {
    const kept = { rssMb: true, heapMb: true, connections: true, openFiles: true, prepared: true };
    expect(verdicts(run((at) => garbage(at) + Math.min(at, 100)))).toEqual(kept);
  });

  it('is seen below what comes and goes: a kilobyte of each request is a leak', () => {
    const leak = (at: number) => (at * 120) / 1024;
    const found = verdicts(
      run(
        (at) => garbage(at) + leak(at),
        (at) => 63 + leak(at),
      ),
    );
    expect(found).toMatchObject({ rssMb: false, heapMb: false, connections: true });
  });

  it('of the heap is seen where it is a tenth of that', () => {
    const found = verdicts(run(garbage, (at) => 63 + (at * 12) / 1024));
    expect(found).toMatchObject({ rssMb: true, heapMb: false });
  });

  it('of resident memory is not judged in one minute', () => {
    const figures = growthOf(run(garbage).filter(({ at }) => at <= 60)).map(({ figure }) => figure);
    expect(figures).toEqual(['heapMb', 'connections', 'openFiles', 'prepared']);
  });

  it('is seen in statements that are prepared again and again', () => {
    const samples = run(garbage).map((sample) => ({ ...sample, prepared: 43 + sample.at / 50 }));
    expect(verdicts(samples)).toMatchObject({ prepared: false, openFiles: true });
  });
});
