import type { Point } from './statistics.js';
import { escaped, svg, WIDTH } from './svg.js';
import { figure } from './figure.js';

/** One figure over time, on a scale of its own that begins at 0. */
export interface LinePanel {
  readonly label: string;
  readonly points: readonly Point[];
}

const LEFT = 70;
const RIGHT = 24;
const PANEL = 120;
const HEAD = 30;
const TRACE =
  '.trace { fill: none; stroke: #0969da; stroke-width: 2 } ' +
  '@media (prefers-color-scheme: dark) { .trace { stroke: #4493f8 } }';

/** Panels one below the other over the same seconds, as SVG. */
export function lineChart(title: string, panels: readonly LinePanel[]): string {
  const longest = Math.max(1, ...panels.flatMap(({ points }) => points.map(([at]) => at)));
  const x = (at: number) => LEFT + (at / longest) * (WIDTH - LEFT - RIGHT);
  const parts = panels.flatMap(({ label, points }, index) => {
    const top = 46 + index * (PANEL + HEAD + 16) + HEAD;
    const bottom = top + PANEL;
    const most = Math.max(1, ...points.map(([, value]) => value));
    const y = (value: number) => bottom - (value / most) * PANEL;
    const line = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return [
      `<text class="head" x="16" y="${top - 12}">${escaped(label)}</text>`,
      ...[0, most].map(
        (value) =>
          `<line class="line" x1="${LEFT}" y1="${y(value)}" x2="${WIDTH - RIGHT}" y2="${y(value)}"/>` +
          `<text x="${LEFT - 8}" y="${y(value) + 5}" text-anchor="end">${value === 0 ? '0' : figure(value)}</text>`,
      ),
      `<polyline class="trace" points="${line}"/>`,
    ];
  });
  const height = 46 + panels.length * (PANEL + HEAD + 16) + 20;
  return svg(title, height, [
    `<style>${TRACE}</style>`,
    ...parts,
    `<text x="${LEFT}" y="${height - 14}">0 s</text>`,
    `<text x="${WIDTH - RIGHT}" y="${height - 14}" text-anchor="end">${figure(longest)} s</text>`,
  ]);
}
