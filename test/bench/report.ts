import { adoptedTables } from './adopted.report.js';
import { listTables } from './lists.report.js';
import { bulkTables } from './bulk.report.js';
import { catchUpTables, growthTables } from './growth.report.js';
import { type Contender, CONTENDERS } from './contender.js';
import { megabytes, table, whole } from './markdown.js';
import type { CellFigures, CellRatio, Comparison, Results, StepProfile } from './results.js';
import { figure, ratioText } from './figure.js';

/** Between these two the page is written by the run; around them by hand. */
export const BEGIN = '<!-- results: begin -->';
export const END = '<!-- results: end -->';

/** Puts new figures in the place of the old ones. @throws Error where the page has no place for them */
export function renewed(
  page: string,
  figures: string,
  [begin, end]: readonly [string, string] = [BEGIN, END],
): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The page has no ${begin} … ${end} to put the figures between.`);
  return `${before}${begin}\n\n${figures.trim()}\n\n${end}${after}`;
}

/** The tables of the page, from the results alone. */
export function tablesOf(results: Results): string {
  const { comparison, bulk, lists, growth, catchUp, adopted, profile } = results;
  const { millionRows, largerTables, stockServer, importSpeed, startTime } = results;
  return [
    summaryOf(results),
    table(
      ['Target', 'Wanted', 'Measured', ''],
      results.targets.map(({ name, wanted, figure: measured, reached }) => [
        name,
        wanted,
        measured,
        reached ? 'reached' : '**not reached**',
      ]),
    ),
    ...(comparison === null ? [] : comparisonOf(comparison)),
    ...(bulk === null ? [] : bulkTables(bulk)),
    ...(lists ? listTables(lists) : []),
    ...(growth ? growthTables(growth) : []),
    ...(catchUp ? catchUpTables(catchUp) : []),
    ...(adopted ? adoptedTables(adopted) : []),
    ...(profile === null ? [] : profile.map(profileOf)),
    '### Beside it',
    table(
      ['What', 'Figure'],
      [
        ...(millionRows === null
          ? []
          : [
              [
                `a patient of ${whole(millionRows.rows)} rows, over HTTP`,
                `${figure(millionRows.milliseconds / 1000)} s; memory of the service ${megabytes(millionRows.rssBefore)} before, ` +
                  `${megabytes(millionRows.rssPeak)} at most, ${megabytes(millionRows.rssAfter)} after ` +
                  `(${whole(millionRows.deletionsBefore)} small deletions came first)`,
              ],
            ]),
        ...(largerTables === null
          ? []
          : [
              [
                `a patient of ${largerTables.rowsPerPatientTable} rows per table in tables of ${whole(largerTables.smallTableRows)} rows, ` +
                  `and of ${whole(largerTables.largeTableRows)}`,
                `p50 ${figure(largerTables.small.median)} ms and ${figure(largerTables.large.median)} ms ` +
                  `(${whole(largerTables.pairs)} deletions each, in turns)`,
              ],
            ]),
        ...(stockServer === null ? [] : [stockRow(stockServer)]),
        ...(importSpeed === null ? [] : [['`npm run import`', importText(importSpeed)]]),
        ...(startTime === null
          ? []
          : [
              [
                'start of the service on an existing database until it is ready',
                `${whole(startTime.milliseconds.median)} ms (${startTime.starts} starts)`,
              ],
            ]),
      ],
    ),
  ].join('\n\n');
}

function importText(speed: NonNullable<Results['importSpeed']>): string {
  if ('skipped' in speed) return `not measured: ${speed.skipped}`;
  const { rows, patients, seconds, rowsPerSecond, costs } = speed;
  const spent =
    costs === undefined
      ? ''
      : `; processor time ${figure(costs.commandCpuSeconds)} s of the command and ${figure(costs.serverCpuSeconds)} s of the ` +
        `server, ${whole(costs.peakMegabytes)} MB of memory`;
  return (
    `${whole(rowsPerSecond.median)} rows/s (${whole(rows)} rows of ${whole(patients)} patients in ` +
    `${figure(seconds.median)} s, start of the command included${spent})`
  );
}

function stockRow(stock: NonNullable<Results['stockServer']>): string[] {
  const what = 'a patient on PostgreSQL as Debian ships it, without HTTP';
  if ('skipped' in stock) return [what, `not measured: ${stock.skipped}`];
  const { postgres, withoutCompiler, asItComes, rowsPerPatientTable, pairs } = stock;
  return [
    what,
    `p50 ${figure(asItComes.median)} ms with its defaults and ${figure(withoutCompiler.median)} ms with \`jit=off\` ` +
      `(PostgreSQL ${postgres}; ${rowsPerPatientTable} rows per table, ${whole(pairs)} deletions each, in turns)`,
  ];
}

function summaryOf({ machine, takenOn, rounds, seed, short, seconds }: Results): string {
  const settings = Object.entries(machine.serverSettings).map(([name, value]) => `\`${name}=${value}\``);
  return (
    `Taken on ${takenOn} by ${short ? 'a short run' : 'a full run'} of ${rounds} rounds (seed ${seed}, ` +
    `${Math.round(seconds / 60)} minutes) on ${machine.cores} cores of ${machine.model}, ${machine.memoryGb} GB, ` +
    `${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres} with ${settings.join(', ')} and all else ` +
    `at its defaults. Load of the machine before the run: ${machine.loadAtStart}.`
  );
}

/** What the tables compare with: results from before there were plain tables know the floor alone. */
const BASES = { plain: 'the plain floor', floor: 'the floor' } as const;
type Base = keyof typeof BASES;

function comparisonOf({ cells, ratios, pgbench, hotShare }: Comparison): string[] {
  const sizes = [...new Set(cells.map(({ rows }) => rows))];
  const base: Base = cells.some(({ contender }) => contender === 'plain') ? 'plain' : 'floor';
  const costs = base === 'plain' ? ['WAL kB', `WAL to ${BASES[base]}`, 'Server CPU ms'] : [];
  const note = pgbench === 'not installed' ? ['pgbench was not installed.'] : [];
  const hot =
    hotShare === undefined
      ? []
      : [
          `Of all updates of a child table ${percent(hotShare.silgi)} stayed on the page of their row (HOT) in the database of ` +
            `the service, and ${percent(hotShare.plain)} on the plain tables.`,
        ];
  return [
    ...note,
    ...hot,
    ...sizes.flatMap((rows) => [
      `### ${rows} rows in each of 14 tables`,
      table(
        [
          'Clients',
          'Contender',
          'Deletions/s',
          'p50 ms',
          'p95 ms',
          'p99 ms',
          `Throughput to ${BASES[base]}`,
          `p50 to ${BASES[base]}`,
          ...costs,
        ],
        cells.filter((cell) => cell.rows === rows).map((cell) => rowOf(cell, ratios, base)),
      ),
    ]),
  ];
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

function rowOf(cell: CellFigures, ratios: readonly CellRatio[], base: Base): string[] {
  const { clients, contender, throughput, p50, p95, p99, walBytes, serverCpuMs } = cell;
  const own = ratioIn(ratios, cell, contender, base);
  const turned = ratioIn(ratios, cell, base, 'softRemove');
  const columns = [String(clients), CONTENDERS[contender], figure(throughput.median)];
  const latencies = [p50, p95, p99].map(figure);
  const costs = (wal: string) =>
    walBytes === undefined
      ? []
      : [figure(walBytes / 1000), wal, typeof serverCpuMs === 'number' ? figure(serverCpuMs) : ''];
  const inverse = ({ median, q1, q3 }: CellRatio['p50']) =>
    ratioText({ median: 1 / median, q1: 1 / q3, q3: 1 / q1 });
  const row = (throughputTo: string, p50To: string, walTo: string) =>
    [...columns, ...latencies, throughputTo, p50To].concat(costs(walTo));
  const text = (ratio: CellRatio['p50'] | undefined, write: (ratio: CellRatio['p50']) => string) =>
    ratio === undefined ? '' : write(ratio);
  if (own !== undefined)
    return row(ratioText(own.throughput), ratioText(own.p50), text(own.walBytes, ratioText));
  if (contender === base || turned === undefined) return row('1', '1', '1');
  return row(inverse(turned.throughput), inverse(turned.p50), text(turned.walBytes, inverse));
}

function ratioIn(
  ratios: readonly CellRatio[],
  { rows, clients }: CellFigures,
  contender: Contender,
  against: Contender,
) {
  return ratios.find(
    (ratio) =>
      ratio.rows === rows &&
      ratio.clients === clients &&
      ratio.contender === contender &&
      ratio.against === against,
  );
}

function profileOf({
  rows,
  clients,
  deletions,
  clientMs,
  deletionMs,
  serviceCpuMs,
  steps,
  phases,
  hot,
}: StepProfile) {
  const inSteps = steps?.reduce((sum, { milliseconds }) => sum + milliseconds, 0) ?? deletionMs;
  const share = (milliseconds: number) => [
    figure(milliseconds),
    `${Math.round((milliseconds / inSteps) * 100)} %`,
  ];
  return [
    `### Where the time goes: ${rows} rows per table, ${clients} ${clients === 1 ? 'client' : 'clients'}`,
    `${whole(deletions)} deletions over HTTP took ${figure(clientMs)} ms in the mean as the client saw it, of which ` +
      `${figure(deletionMs)} ms inside the protocol; the rest is HTTP, sign-in, checks, log, the way there and back. ` +
      `The service used ${figure(serviceCpuMs)} ms of CPU time for each. ` +
      (steps === undefined
        ? 'From the first question to a shard in a phase to its last answer (`silgi_phase_duration_seconds`); shards ' +
          'share their messages, so that their times overlap:'
        : 'One in twenty, but no more than one a second, took its steps one by one, each in a message of its own, and ' +
          'was timed:'),
    ...(steps === undefined
      ? []
      : [
          table(
            ['Phase', 'Shard', 'Step', 'ms', 'of all steps'],
            [
              ...steps.map(({ phase, shard, step, milliseconds }) => [
                phase,
                shard,
                step,
                ...share(milliseconds),
              ]),
              ['', '', '**all steps, one by one**', ...share(inSteps)],
            ],
          ),
        ]),
    table(
      ['Phase', 'Shard', 'ms', steps === undefined ? 'of the deletion' : 'of all steps'],
      phases.map(({ phase, shard, milliseconds }) => [phase, shard, ...share(milliseconds)]),
    ),
    ...(hot === undefined ? [] : hotPlacesOf(hot)),
  ].join('\n\n');
}

function hotPlacesOf({ functions, packages }: NonNullable<StepProfile['hot']>): string[] {
  const rows = Array.from({ length: Math.max(functions.length, packages.length) }, (_, index) =>
    [packages[index], functions[index]].flatMap((place) =>
      place === undefined ? ['', ''] : [place.name, `${(place.share * 100).toFixed(1)} %`],
    ),
  );
  return [
    'Where V8 found the process, idle time left out, in as many deletions more: by package with what it calls of Node, ' +
      'and by function. It looks by the clock, so that a moment in which the process waits for a core counts where it stood:',
    table(['Package', 'Share', 'Function', 'Share'], rows),
  ];
}
