import { adoptedTargets } from './adopted.report.js';
import type { Contender } from './contender.js';
import { figure, many, MEGABYTE, ratioText } from './figure.js';
import { catchUpTargets, growthTargets } from './growth.targets.js';
import type {
  Bulk,
  Comparison,
  LargerTables,
  Lists,
  MillionRows,
  Results,
  StepProfile,
  StockServerFigures,
  Target,
} from './results.js';
import type { Spread } from './statistics.js';

const ROWS = 50;
/** Rows per table of most patients of a clinic. */
const FEW_ROWS = 5;
/** From the first list to the last one (RELIABILITY rule 35). */
const LEVEL = 1.5;
const LIVE_WITHIN_MS = 1_000;
const STAGES_OF_LISTS = [
  ['uploadMs', 'upload'],
  ['workMs', 'work'],
  ['pagesMs', 'paging of items'],
] as const;
const IMPORTED_A_SECOND = 20_000;
const TIMES_SOFT_REMOVE = 30;
const CPU_MS = 2;
/** Of runs without plain tables. */
const TIMES_SOFT_REMOVE_BEFORE = 15;

/** What targets are about. */
type Measured = Pick<
  Results,
  | 'comparison'
  | 'bulk'
  | 'lists'
  | 'growth'
  | 'catchUp'
  | 'adopted'
  | 'millionRows'
  | 'largerTables'
  | 'stockServer'
  | 'profile'
> &
  Partial<Pick<Results, 'importSpeed'>>;

/** Holds what was measured against what was promised; what was not measured is not in it. */
export function targetsOf({
  comparison,
  bulk,
  lists,
  growth,
  catchUp,
  adopted,
  millionRows,
  largerTables,
  stockServer,
  profile,
  importSpeed,
}: Measured): Target[] {
  return [
    ...(comparison === null ? [] : comparisonTargets(comparison)),
    ...(profile ?? []).flatMap(cpuTarget),
    ...(bulk === null ? [] : bulkTargets(bulk)),
    ...(lists ? listTargets(lists) : []),
    ...(growth ? growthTargets(growth) : []),
    ...(catchUp ? catchUpTargets(catchUp) : []),
    ...(adopted ? adoptedTargets(adopted) : []),
    ...(millionRows === null ? [] : [memoryTarget(millionRows)]),
    ...(largerTables === null ? [] : [tablesTarget(largerTables)]),
    ...(stockServer === null || 'skipped' in stockServer ? [] : [stockTarget(stockServer)]),
    ...(importSpeed ? importTarget(importSpeed) : []),
  ];
}

/** Over HTTP, beside the plain floor; results from before there were plain tables are judged beside the floor. */
function comparisonTargets({ ratios }: Comparison): Target[] {
  const http = (rows: number, clients: number, against: Contender) =>
    ratios.filter(
      (ratio) =>
        ratio.contender === 'http' &&
        ratio.against === against &&
        ratio.rows === rows &&
        ratio.clients === clients,
    );
  const isPlain = ratios.some(({ against }) => against === 'plain');
  const softRemove = [1, 8, 32].flatMap((clients) =>
    http(ROWS, clients, 'softRemove').map(({ throughput }) =>
      least(
        `throughput over HTTP at ${of(clients)}, ${ROWS} rows per table, to softRemove’s`,
        isPlain ? TIMES_SOFT_REMOVE : TIMES_SOFT_REMOVE_BEFORE,
        throughput,
      ),
    ),
  );
  const throughput = (rows: number, clients: number, wanted: number, against: 'plain' | 'floor') =>
    http(rows, clients, against).map((ratio) =>
      least(
        `throughput over HTTP at ${of(clients)}, ${rows} rows per table, to ${whose(against)}`,
        wanted,
        ratio.throughput,
      ),
    );
  const latency = (figure: 'p50' | 'p99', clients: number, wanted: number, against: 'plain' | 'floor') =>
    http(ROWS, clients, against).map((ratio) =>
      most(
        `${figure} over HTTP at ${of(clients)}, ${ROWS} rows per table, to ${whose(against)}`,
        wanted,
        ratio[figure],
      ),
    );
  if (!isPlain)
    return [
      ...throughput(ROWS, 8, 0.8, 'floor'),
      ...latency('p50', 1, 1.6, 'floor'),
      ...latency('p99', 8, 2, 'floor'),
      ...softRemove,
    ];
  return [
    ...http(ROWS, 1, 'plain').flatMap(({ walBytes }) =>
      walBytes === undefined
        ? []
        : [most(`WAL for a deletion over HTTP, ${ROWS} rows per table, to ${whose('plain')}`, 1.1, walBytes)],
    ),
    ...throughput(ROWS, 8, 0.9, 'plain'),
    ...throughput(ROWS, 1, 0.85, 'plain'),
    ...latency('p50', 1, 1.15, 'plain'),
    ...latency('p99', 8, 1.5, 'plain'),
    ...throughput(FEW_ROWS, 1, 0.75, 'plain'),
    ...throughput(FEW_ROWS, 8, 0.8, 'plain'),
    ...throughput(ROWS, 32, 1, 'plain'),
    ...throughput(ROWS, 32, 1, 'floor'),
    ...softRemove,
  ];
}

const of = (clients: number) => (clients === 1 ? '1 client' : `${clients} clients`);
const whose = (against: 'plain' | 'floor') => (against === 'plain' ? 'the plain floor’s' : 'the floor’s');

function least(name: string, wanted: number, figure: Spread): Target {
  return { name, wanted: `≥ ${wanted}`, figure: ratioText(figure), reached: figure.median >= wanted };
}

function most(name: string, wanted: number, figure: Spread): Target {
  return { name, wanted: `≤ ${wanted}`, figure: ratioText(figure), reached: figure.median <= wanted };
}

/** Of runs that warm the service up for it. */
function cpuTarget({ clients, rows, serviceCpuMs, hot }: StepProfile): Target[] {
  if (hot === undefined) return [];
  const name = `CPU time of the service for a deletion over HTTP at ${of(clients)}, ${rows} rows per table`;
  return [
    { name, wanted: `≤ ${CPU_MS} ms`, figure: `${figure(serviceCpuMs)} ms`, reached: serviceCpuMs <= CPU_MS },
  ];
}

function bulkTargets({ throughput, large }: Bulk): Target[] {
  const { against = 'floor', patients, rows, clients, ratio } = throughput;
  const { idle, beside } = large.single;
  const slower = beside.p99 / idle.p99;
  const { before, after } = large.collected;
  const growth = (after.rss - before.rss) / MEGABYTE;
  const held = (after.heapUsed - before.heapUsed) / MEGABYTE;
  const patientsOfLarge = many(large.patients);
  return [
    least(
      `throughput of a batch of ${patients.toLocaleString('en')} patients, ${rows} rows per table, to ${whose(against)} at ${clients} clients`,
      against === 'plain' ? 0.95 : 0.8,
      ratio,
    ),
    {
      name: `p99 of single deletions while a batch of ${patientsOfLarge} patients runs, to the idle service’s`,
      wanted: '< 3',
      figure: figure(slower),
      reached: slower < 3,
    },
    {
      name: `growth of the service’s memory from before a batch of ${patientsOfLarge} patients to after it`,
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

/** Of imports of many patients: an earlier one, of few, was mostly the start of the command. */
function importTarget(speed: NonNullable<Results['importSpeed']>): Target[] {
  if ('skipped' in speed || speed.costs === undefined) return [];
  const { median } = speed.rowsPerSecond;
  return [
    {
      name: 'rows that `npm run import` takes in',
      wanted: `≥ ${many(IMPORTED_A_SECOND)} a second`,
      figure: `${many(median)} a second`,
      reached: median >= IMPORTED_A_SECOND,
    },
  ];
}

function listTargets({ sizes, tooLong }: Lists): Target[] {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const slowest = Math.max(tooLong.liveMs, ...sizes.map(({ liveMs }) => liveMs));
  return [
    ...STAGES_OF_LISTS.map(([stage, name]) => {
      const ratio = last[stage] / last.lines / (first[stage] / first.lines);
      return {
        name: `${name}: time per line of a list of ${many(last.lines)} lines, to that of ${many(first.lines)}`,
        wanted: `≤ ${LEVEL}`,
        figure: figure(ratio),
        reached: ratio <= LEVEL,
      };
    }),
    {
      name: 'longest answer of `/health/live` beside lists',
      wanted: '< 1,000 ms',
      figure: `${many(slowest)} ms`,
      reached: slowest < LIVE_WITHIN_MS,
    },
    {
      name: `${many(tooLong.lines)} lines, blank and malformed, are too many`,
      wanted: 'BATCH_LIST_UNREADABLE',
      figure: tooLong.code,
      reached: tooLong.code === 'BATCH_LIST_UNREADABLE',
    },
  ];
}
