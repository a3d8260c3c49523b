import type { Contender } from './contender.js';
import type {
  Bulk,
  CellRatio,
  LargerTables,
  MillionRows,
  Results,
  StockServerFigures,
  Target,
} from './results.js';
import type { Spread } from './statistics.js';

export const MEGABYTE = 1024 * 1024;
const ROWS = 50;
const TIMES_SOFT_REMOVE = 15;

/** Holds what was measured against what was promised; what was not measured is not in it. */
export function targetsOf({
  comparison,
  bulk,
  millionRows,
  largerTables,
  stockServer,
}: Pick<Results, 'comparison' | 'bulk' | 'millionRows' | 'largerTables' | 'stockServer'>): Target[] {
  const ratios = comparison?.ratios ?? [];
  const http = (clients: number, against: Contender, judge: (ratio: CellRatio) => Target) =>
    ratios
      .filter((ratio) => ratio.contender === 'http' && ratio.against === against)
      .filter((ratio) => ratio.rows === ROWS && ratio.clients === clients)
      .map(judge);
  return [
    ...http(8, 'floor', ({ throughput }) =>
      least(`throughput over HTTP at 8 clients, ${ROWS} rows per table, to the floor’s`, 0.8, throughput),
    ),
    ...http(1, 'floor', ({ p50 }) =>
      most(`p50 over HTTP at 1 client, ${ROWS} rows per table, to the floor’s`, 1.6, p50),
    ),
    ...http(8, 'floor', ({ p99 }) =>
      most(`p99 over HTTP at 8 clients, ${ROWS} rows per table, to the floor’s`, 2, p99),
    ),
    ...[1, 8, 32].flatMap((clients) =>
      http(clients, 'softRemove', ({ throughput }) =>
        least(
          `throughput over HTTP at ${clients} ${clients === 1 ? 'client' : 'clients'}, ${ROWS} rows per table, to softRemove’s`,
          TIMES_SOFT_REMOVE,
          throughput,
        ),
      ),
    ),
    ...(bulk === null ? [] : bulkTargets(bulk)),
    ...(millionRows === null ? [] : [memoryTarget(millionRows)]),
    ...(largerTables === null ? [] : [tablesTarget(largerTables)]),
    ...(stockServer === null || 'skipped' in stockServer ? [] : [stockTarget(stockServer)]),
  ];
}

function least(name: string, wanted: number, figure: Spread): Target {
  return { name, wanted: `≥ ${wanted}`, figure: ratioText(figure), reached: figure.median >= wanted };
}

function most(name: string, wanted: number, figure: Spread): Target {
  return { name, wanted: `≤ ${wanted}`, figure: ratioText(figure), reached: figure.median <= wanted };
}

function bulkTargets({ throughput, large }: Bulk): Target[] {
  const { patients, rows, clients, ratio } = throughput;
  const { idle, beside } = large.single;
  const slower = beside.p99 / idle.p99;
  const { before, after } = large.collected;
  const growth = (after.rss - before.rss) / MEGABYTE;
  const held = (after.heapUsed - before.heapUsed) / MEGABYTE;
  const many = large.patients.toLocaleString('en');
  return [
    least(
      `throughput of a batch of ${patients.toLocaleString('en')} patients, ${rows} rows per table, to the floor’s at ${clients} clients`,
      0.8,
      ratio,
    ),
    {
      name: `p99 of single deletions while a batch of ${many} patients runs, to the idle service’s`,
      wanted: '< 3',
      figure: figure(slower),
      reached: slower < 3,
    },
    {
      name: `growth of the service’s memory from before a batch of ${many} patients to after it`,
      wanted: '< 50 MB',
      figure: `${growth.toFixed(1)} MB`,
      reached: growth < 50,
    },
    {
      name: 'of it in the heap',
      wanted: '< 5 MB',
      figure: `${held.toFixed(1)} MB`,
      reached: held < 5,
    },
  ];
}

function memoryTarget({ rows, rssBefore, rssPeak }: MillionRows): Target {
  const growth = (rssPeak - rssBefore) / MEGABYTE;
  return {
    name: `growth of the service’s memory while a patient of ${rows.toLocaleString('en')} rows is deleted`,
    wanted: '< 50 MB',
    figure: `${growth.toFixed(1)} MB`,
    reached: growth < 50,
  };
}

function tablesTarget({ smallTableRows, largeTableRows, ratio, ratioByRound }: LargerTables): Target {
  return {
    name: `time of a deletion in tables ${largeTableRows / smallTableRows} times larger`,
    wanted: '≤ 1.3',
    figure: `${figure(ratio)}; by rounds ${ratioText(ratioByRound)}`,
    reached: ratio <= 1.3,
  };
}

function stockTarget({ ratio, ratioByRound }: StockServerFigures): Target {
  return {
    name: 'time of a deletion on a stock server with its defaults, to that with its compiler off',
    wanted: '≤ 1.2',
    figure: `${figure(ratio)}; by rounds ${ratioText(ratioByRound)}`,
    reached: ratio <= 1.2,
  };
}

/** A ratio with the middle half of its rounds. */
export function ratioText({ median, q1, q3 }: Spread): string {
  return `${figure(median)} (${figure(q1)}–${figure(q3)})`;
}

/** Three digits that count. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}
