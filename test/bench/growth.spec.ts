import { describe, expect, it } from '@jest/globals';
import type { CatchUp, Growth, LinearFigures } from './growth.figures.js';
import { catchUpTables, growthTables } from './growth.report.js';
import { FAMILY_NAMES, NAME_OF_RARE_PREFIX, NO_NAME, RARE_NAME, RARE_PREFIX } from './hospital.names.js';
import { targetsOf } from './targets.js';

const work = (milliseconds: number, deletionMs: number, liveMs: number): LinearFigures => ({
  milliseconds,
  times: 1,
  idleMs: 5,
  deletionMs,
  liveMs,
  growth: 3 * 1024 * 1024,
});

/** Of two sizes that differ by ten, with these figures of the larger one. */
const growth = (ratio: number, perEvent: number, deletionMs: number, liveMs: number): Growth => ({
  sizes: [1_000, 10_000],
  rowsOfAPatient: 31,
  fillSeconds: [1, 10],
  level: [
    {
      name: 'a page',
      milliseconds: [2, 2 * ratio],
      ratio: { median: ratio, q1: 1, q3: 2 },
      isPromised: true,
    },
    {
      name: 'a common name',
      milliseconds: [2, 20],
      ratio: { median: 10, q1: 9, q3: 11 },
      isPromised: false,
    },
  ],
  linear: [
    {
      name: 'a scan',
      unit: 'event',
      sizes: [work(1_000, 4, 20), work(10_000 * perEvent, deletionMs, liveMs)],
    },
  ],
});

const catchUp = (seconds: number, liveMs: number): CatchUp => {
  const watched = { seconds, liveMs, rssBefore: 1e8, rssPeak: 2e8 };
  const command = { seconds: 50, peakMegabytes: 300 };
  return {
    backlog: { ...watched, events: 10_000 },
    checkpoints: { count: 5_000, madeInSeconds: 9, api: watched, command },
  };
};

const none = {
  comparison: null,
  bulk: null,
  millionRows: null,
  largerTables: null,
  stockServer: null,
  profile: null,
};
const reachedOf = (measured: { growth: Growth } | { catchUp: CatchUp }) =>
  targetsOf({ ...none, ...measured }).map(({ reached }) => reached);

describe('the figures of a hospital that grows', () => {
  it.each([
    [growth(1.5, 1.5, 15, 999), [true, true, true, true]],
    [growth(1.51, 1.51, 15.1, 1_000), [false, false, false, false]],
  ])('are held against what was promised, and what was not promised is not', (measured, reached) => {
    expect(reachedOf({ growth: measured })).toEqual(reached);
  });

  it('compare the work of the largest with the least of the smaller, so that a start hides nothing', () => {
    const base = growth(1, 1, 5, 20);
    const scan = { name: 'a scan', unit: 'event' } as const;
    const sizes = [work(9_000, 4, 20), work(10_000, 4, 20), work(160_000, 4, 20)];
    const measured = { ...base, sizes: [1_000, 10_000, 100_000], linear: [{ ...scan, sizes }] };
    const [, linear] = targetsOf({ ...none, growth: measured });
    expect(linear).toMatchObject({ figure: '1.60', reached: false });
  });

  it('stand on the page by size', () => {
    const page = growthTables(growth(1.25, 1.2, 6, 80)).join('\n');
    expect(page).toContain('| a page | 2.00 | 2.50 | 1.25 (1.00–2.00) |');
    expect(page).toContain('| a common name (not promised to be level) | 2.00 | 20.0 | 10.0 (9.00–11.0) |');
    expect(page).toContain('| a scan, by event | 1,000 | 1.00 | 1,000 |  | 5.00, 4.00 | 20 | 3 MB |  |');
    expect(page).toContain('| a scan, by event | 10,000 | 12.0 | 1,200 | 1.20 | 5.00, 6.00 | 80 | 3 MB |  |');
  });
});

describe('the figures of work that has waited', () => {
  it.each([
    [catchUp(2, 999), [true, true, true]],
    [catchUp(2.01, 1_000), [false, false, false]],
  ])('are held against what was promised', (measured, reached) => {
    expect(reachedOf({ catchUp: measured })).toEqual(reached);
  });

  it('stand on the page', () => {
    const page = catchUpTables(catchUp(2, 30)).join('\n');
    expect(page).toContain('| a start finds 10,000 events that are not sealed | 2 | 5,000 | 30 |');
    expect(page).toContain('| the same by `silgi verify-audit` | 50 | 100 |  | 300 MB at most |');
  });
});

describe('the speed of an import', () => {
  const speed = (rowsPerSecond: number) => {
    const spread = { median: rowsPerSecond, q1: rowsPerSecond, q3: rowsPerSecond };
    return { rows: 1, patients: 1, seconds: spread, rowsPerSecond: spread };
  };
  const costs = { commandCpuSeconds: 1, serverCpuSeconds: 1, walBytes: 1, peakMegabytes: 1 };

  it.each([
    ['of many patients is held to 20,000 rows a second', { ...speed(20_000), costs }, [true]],
    ['below that misses it', { ...speed(19_999), costs }, [false]],
    ['of a few, as it was measured once, is not judged', speed(4_000), []],
  ])('%s', (_, importSpeed, reached) => {
    expect(targetsOf({ ...none, importSpeed }).map((target) => target.reached)).toEqual(reached);
  });
});

describe('the names of a hospital', () => {
  it('are two thousand, and no other has what the searches for rare ones look for', () => {
    expect(new Set(FAMILY_NAMES).size).toBe(2_000);
    const others = FAMILY_NAMES.map((name) => name.toLocaleLowerCase('tr')).join(' ');
    for (const rare of [RARE_NAME, RARE_PREFIX, NO_NAME])
      expect(others).not.toContain(rare.toLocaleLowerCase('tr'));
    expect(NAME_OF_RARE_PREFIX.toLocaleLowerCase('tr').startsWith(RARE_PREFIX)).toBe(true);
  });
});
