import { type Contender, CONTENDERS } from './contender.js';
import type { Results } from './results.js';
import { figure } from './targets.js';

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

const WIDTH = 760;
const LABELS = 290;
const FIGURES = 70;
const ROW = 22;
const HEAD = 34;
/** Colours of text and bars that can be read on light and on dark. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .head { font-weight: 600 } .title { font-size: 16px }
  .ours { fill: #0969da } .other { fill: #8c959f } .line { stroke: #d0d7de } .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #6e7681 } .line { stroke: #3d444d } .ground { fill: #0d1117 }
  }`;

/** A chart of horizontal bars as SVG; each group has a scale of its own. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  let y = 46;
  const parts: string[] = [`<text class="head title" x="16" y="28">${escaped(title)}</text>`];
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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${y}" rx="6"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** The charts of a run, by file name. */
export function chartsOf({ comparison, profile }: Results): Record<string, string> {
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
    const inside = steps.map(({ step, milliseconds }) => ({
      label: step,
      value: milliseconds,
      isOurs: true,
    }));
    const around = { label: 'HTTP and what is around it', value: clientMs - deletionMs, isOurs: false };
    charts[`steps-${clients}.svg`] = barChart('Milliseconds of a deletion over HTTP, 50 rows per table', [
      { label: clients === 1 ? '1 client' : `${clients} clients`, bars: [...inside, around] },
    ]);
  }
  return charts;
}

function barOf(contender: Contender, value: number): Bar {
  const isOurs = !['floor', 'pgbench', 'softRemove'].includes(contender);
  return { label: CONTENDERS[contender], value, isOurs };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
