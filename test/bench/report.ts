import { bulkTables } from './bulk.report.js';
import { type Contender, CONTENDERS } from './contender.js';
import { megabytes, table, whole } from './markdown.js';
import type { CellFigures, CellRatio, Comparison, Results, StepProfile } from './results.js';
import { figure, ratioText } from './targets.js';

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
  const { comparison, bulk, millionRows, largerTables, stockServer, importSpeed, startTime, profile } =
    results;
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
        ...(importSpeed === null
          ? []
          : [
              [
                '`npm run import`',
                'skipped' in importSpeed
                  ? `not measured: ${importSpeed.skipped}`
                  : `${whole(importSpeed.rowsPerSecond.median)} rows/s (${whole(importSpeed.rows)} rows of ${whole(importSpeed.patients)} ` +
                    `patients in ${figure(importSpeed.seconds.median)} s, start of the command included)`,
              ],
            ]),
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

function comparisonOf({ cells, ratios, pgbench }: Comparison): string[] {
  const sizes = [...new Set(cells.map(({ rows }) => rows))];
  const note = pgbench === 'not installed' ? ['pgbench was not installed.'] : [];
  return [
    ...note,
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
          'Throughput to the floor',
          'p50 to the floor',
        ],
        cells.filter((cell) => cell.rows === rows).map((cell) => rowOf(cell, ratios)),
      ),
    ]),
  ];
}

function rowOf(cell: CellFigures, ratios: readonly CellRatio[]): string[] {
  const { clients, contender, throughput, p50, p95, p99 } = cell;
  const own = ratioIn(ratios, cell, contender, 'floor');
  const turned = ratioIn(ratios, cell, 'floor', 'softRemove');
  const columns = [String(clients), CONTENDERS[contender], figure(throughput.median)];
  const latencies = [p50, p95, p99].map(figure);
  if (own !== undefined) return [...columns, ...latencies, ratioText(own.throughput), ratioText(own.p50)];
  if (contender === 'floor' || turned === undefined) return [...columns, ...latencies, '1', '1'];
  const inverse = ({ median, q1, q3 }: CellRatio['p50']) =>
    ratioText({ median: 1 / median, q1: 1 / q3, q3: 1 / q1 });
  return [...columns, ...latencies, inverse(turned.throughput), inverse(turned.p50)];
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
  ].join('\n\n');
}
