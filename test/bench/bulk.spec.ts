import { describe, expect, it } from '@jest/globals';
import { BULK_CHART, bulkTables } from './bulk.report.js';
import { chartsOf } from './chart.js';
import type { Bulk, Results } from './results.js';
import { MEGABYTE } from './figure.js';
import { targetsOf } from './targets.js';

const exactly = (value: number) => ({ median: value, q1: value, q3: value });

function bulk(ratio: number, p99: number, grownMb: number): Bulk {
  const throughput = { rows: 50, patients: 2_000, clients: 8, rounds: 3, serviceCpuMs: exactly(4) };
  const single = { compared: 300, doneIdle: 300, doneBeside: 900, idle: { p50: 5, p99: 10 } };
  return {
    throughput: { ...throughput, batch: exactly(200), floor: exactly(200 / ratio), ratio: exactly(ratio) },
    large: {
      rows: 5,
      patients: 1_000,
      milliseconds: 4_000,
      samples: [
        { seconds: 0, finished: 0, rss: 100 * MEGABYTE },
        { seconds: 2, finished: 300, rss: 180 * MEGABYTE },
        { seconds: 4, finished: 1_000, rss: 90 * MEGABYTE },
      ],
      collected: {
        before: { rss: 100 * MEGABYTE, heapUsed: 60 * MEGABYTE },
        after: { rss: (100 + grownMb) * MEGABYTE, heapUsed: (60 + grownMb / 10) * MEGABYTE },
      },
      single: { ...single, beside: { p50: 8, p99 } },
    },
  };
}
const none = {
  comparison: null,
  millionRows: null,
  largerTables: null,
  stockServer: null,
  profile: null,
};

describe('the figures of batches', () => {
  it.each([
    [0.8, 29.9, 49.9, [true, true, true, true]],
    [0.79, 30, 50, [false, false, false, false]],
  ])('are held against what was promised: %p, %p ms, %p MB more', (ratio, p99, grownMb, reached) => {
    const targets = targetsOf({ ...none, bulk: bulk(ratio, p99, grownMb) });
    expect(targets.map((target) => target.reached)).toEqual(reached);
  });

  it('stand on the page with the chart', () => {
    const page = bulkTables(bulk(0.8, 20, -10)).join('\n');
    expect(page).toContain('| a batch over REST | 2,000 | 50 | 200 | 0.80 (0.80–0.80) |');
    expect(page).toContain(
      '100 MB before, of it 60 MB in the heap, and 90 MB at the end, of it 59 MB; in between with garbage 180 MB at most',
    );
    expect(page).toContain('| while the batch runs | 900 | 300 | 8.00 | 20.0 |');
    expect(page).toContain(`](${BULK_CHART})`);
  });

  it('are drawn: the rate between two looks, and the memory at each', () => {
    const chart = chartsOf({ ...none, bulk: bulk(0.8, 20, -10) } as Results)[BULK_CHART];
    // 150 and 350 patients a second; 100, 180 and 90 MB.
    expect(chart).toContain('points="403.0,144.6 736.0,76.0"');
    expect(chart).toContain('points="70.0,295.3 403.0,242.0 736.0,302.0"');
  });
});
