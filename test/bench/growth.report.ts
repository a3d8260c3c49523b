import { figure, many, ratioText } from './figure.js';
import type { CatchUp, Growth, LinearCost } from './growth.figures.js';
import { linearRatio } from './growth.targets.js';
import { megabytes, table, whole } from './markdown.js';

/** The part of the page about a hospital that grows. */
export function growthTables(growth: Growth): string[] {
  const { sizes, rowsOfAPatient, level, linear, fillSeconds } = growth;
  const patients = sizes.map((size) => `${many(size)} patients`);
  return [
    '### As the hospital grows',
    `Hospitals of so many live patients and as many deleted ones, ${rowsOfAPatient} rows each, filled in ` +
      `${fillSeconds.map((seconds) => whole(seconds)).join(', ')} s. What is asked for one thing, p50 in milliseconds, in turns:`,
    table(
      ['What', ...patients, 'Largest to smallest'],
      level.map(({ name, milliseconds, ratio, isPromised }) => [
        isPromised ? name : `${name} (not promised to be level)`,
        ...milliseconds.map(figure),
        ratioText(ratio),
      ]),
    ),
    'Work on all there is, one client deleting patients meanwhile, one every 50 ms, and just before on the idle service:',
    table(
      [
        'Work',
        'Patients',
        'Seconds',
        'µs for each',
        'To the least of the smaller',
        'p50 of deletions before it and beside it, ms',
        'Longest answer of `/health/live`, ms',
        'Memory of the service grew by',
        'Memory of the command',
      ],
      linear.flatMap((cost) => linearRows(cost, sizes)),
    ),
  ];
}

function linearRows(cost: LinearCost, patients: readonly number[]): string[][] {
  return cost.sizes.map(({ milliseconds, idleMs, deletionMs, liveMs, growth, commandMegabytes }, at) => {
    const size = patients[at] ?? NaN;
    const isLast = at === cost.sizes.length - 1;
    return [
      `${cost.name}, by ${cost.unit}`,
      many(size),
      figure(milliseconds / 1_000),
      figure((milliseconds * 1_000) / size),
      isLast ? figure(linearRatio(cost, patients)) : '',
      `${figure(idleMs)}, ${figure(deletionMs)}`,
      whole(liveMs),
      megabytes(growth),
      commandMegabytes === undefined ? '' : `${whole(commandMegabytes)} MB`,
    ];
  });
}

/** The part about work that has waited. */
export function catchUpTables({ backlog, checkpoints }: CatchUp): string[] {
  const { api, command } = checkpoints;
  const memory = ({ rssBefore, rssPeak }: { rssBefore: number; rssPeak: number }) =>
    `${megabytes(rssBefore)} before, ${megabytes(rssPeak)} at most`;
  const { count } = checkpoints;
  return [
    '### Work that has waited',
    table(
      ['What', 'Seconds', 'A second', 'Longest answer of `/health/live`, ms', 'Memory'],
      [
        [
          `a start finds ${many(backlog.events)} events that are not sealed`,
          whole(backlog.seconds),
          many(backlog.events / backlog.seconds),
          whole(backlog.liveMs),
          memory(backlog),
        ],
        [
          `verification over the API of a log with a checkpoint for each of ${many(count)} events`,
          whole(api.seconds),
          many(count / api.seconds),
          whole(api.liveMs),
          memory(api),
        ],
        [
          'the same by `silgi verify-audit`',
          whole(command.seconds),
          many(count / command.seconds),
          '',
          `${whole(command.peakMegabytes)} MB at most`,
        ],
      ],
    ),
    `That log was made in ${whole(checkpoints.madeInSeconds)} s by the product’s own functions.`,
  ];
}
