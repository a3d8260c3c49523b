import { type Contender, CONTENDERS } from './contender.js';
import { BULK_CHART } from './bulk.report.js';
import { lineChart } from './line.chart.js';
import type { LargeBatch, Results } from './results.js';
import type { Point } from './statistics.js';
import { escaped, svg, WIDTH } from './svg.js';
import { figure, MEGABYTE } from './figure.js';

/** One bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What the chart is about stands out from what it is compared with. */
  readonly isOurs: boolean;
}

/** Bars that are drawn on one scale. */
export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

const LABELS = 290;
const FIGURES = 70;
const ROW = 22;
const HEAD = 34;

/** A chart of horizontal bars as SVG; each group has a scale of its own. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  let y = 46;
  const parts: string[] = [];
  for (const { label, bars } of groups) {
    const most = Math.max(...bars.map(({ value }) => value));
    parts.push(`<text class="head" x="16" y="${y + 16}">${escaped(label)}</text>`);
    y += HEAD - 8;
    const top = y;
    for (const bar of bars) {
      const width = Math.max(1, (bar.value / most) * (WIDTH - LABELS - FIGURES - 24));
      parts.push(
        `<text x="${LABELS - 8}" y="${y + 15}" text-anchor="end">${escaped(bar.label)}</text>`,
        `<rect class="${bar.isOurs ? 'ours' : 'other'}" x="${LABELS}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 6}" rx="2"/>`,
        `<text x="${(LABELS + width + 8).toFixed(1)}" y="${y + 15}">${figure(bar.value)}</text>`,
      );
      y += ROW;
    }
    parts.push(`<line class="line" x1="${LABELS}" y1="${top}" x2="${LABELS}" y2="${y}"/>`);
    y += 12;
  }
  return svg(title, y, parts);
}

/** The charts of a run, by file name. */
export function chartsOf({ comparison, bulk, profile }: Results): Record<string, string> {
  const charts: Record<string, string> = {};
  for (const rows of new Set(comparison?.cells.map((cell) => cell.rows))) {
    const cells = comparison?.cells.filter((cell) => cell.rows === rows) ?? [];
    charts[`throughput-${rows}.svg`] = barChart(
      `Deletions per second, patients of ${rows} rows in each of 14 tables`,
      [...new Set(cells.map(({ clients }) => clients))].map((clients) => ({
        label: clients === 1 ? '1 client' : `${clients} clients`,
        bars: cells
          .filter((cell) => cell.clients === clients)
          .map(({ contender, throughput }) => barOf(contender, throughput.median)),
      })),
    );
  }
  for (const { clients, clientMs, deletionMs, steps } of profile ?? []) {
    if (steps === undefined) continue;
    const inside = steps.map(({ step, milliseconds }) => ({
      label: step,
      value: milliseconds,
      isOurs: true,
    }));
    const around = { label: 'HTTP and what is around it', value: clientMs - deletionMs, isOurs: false };
    charts[`steps-${clients}.svg`] = barChart(
      'Milliseconds of a deletion, its steps one by one, 50 rows per table',
      [{ label: clients === 1 ? '1 client' : `${clients} clients`, bars: [...inside, around] }],
    );
  }
  if (bulk !== null) charts[BULK_CHART] = batchChart(bulk.large);
  return charts;
}

function batchChart({ patients, samples }: LargeBatch): string {
  const rate = samples.slice(1).map(({ seconds, finished }, index): Point => {
    const before = samples[index];
    return [seconds, (finished - (before?.finished ?? 0)) / (seconds - (before?.seconds ?? 0))];
  });
  return lineChart(`A batch of ${patients.toLocaleString('en')} patients, with single deletions beside it`, [
    { label: 'patients per second', points: rate },
    {
      label: 'resident memory of the service, MB',
      points: samples.map(({ seconds, rss }): Point => [seconds, rss / MEGABYTE]),
    },
  ]);
}

function barOf(contender: Contender, value: number): Bar {
  const isOurs = !['plain', 'plain-pgbench', 'floor', 'pgbench', 'softRemove'].includes(contender);
  return { label: CONTENDERS[contender], value, isOurs };
}
