import { describe, expect, it } from '@jest/globals';
import { listTables } from './lists.report.js';
import type { Lists } from './results.js';
import { targetsOf } from './targets.js';

const lists = (slower: number, liveMs: number, code = 'BATCH_LIST_UNREADABLE'): Lists => ({
  sizes: [
    { lines: 10_000, uploadMs: 1_000, workMs: 10_000, pagesMs: 100, liveMs: 20 },
    { lines: 1_000_000, uploadMs: 1e5 * slower, workMs: 1e6 * slower, pagesMs: 1e4 * slower, liveMs },
  ],
  tooLong: { lines: 1_000_001, status: 422, code, milliseconds: 4_000, liveMs: 90 },
});

const none = {
  comparison: null,
  bulk: null,
  millionRows: null,
  largerTables: null,
  stockServer: null,
  profile: null,
};

describe('the figures of long lists', () => {
  it.each<[Lists, boolean[]]>([
    [lists(1.5, 999), [true, true, true, true, true]],
    [lists(1.51, 1_000, 'INTERNAL_ERROR'), [false, false, false, false, false]],
  ])('are held against what was promised', (measured, reached) => {
    expect(targetsOf({ ...none, lists: measured }).map((target) => target.reached)).toEqual(reached);
  });

  it('stand on the page for each line', () => {
    const page = listTables(lists(1.2, 80)).join('\n');
    expect(page).toContain('| 10,000 | 100 | 1,000 | 10.0 | 20 |');
    expect(page).toContain('| 1,000,000 | 120 | 1,200 | 12.0 | 80 |');
    expect(page).toContain('1,000,001 lines, blank ones and ones without an id, was answered 422');
  });
});
