import { table, whole } from './markdown.js';
import type { CellFigures, Results } from './results.js';
import { figure, ratioText } from './figure.js';

/** Between these two stands what a reader wants to know first. */
export const ANSWER = ['<!-- answer: begin -->', '<!-- answer: end -->'] as const;

const TABLES = 14;
const FEW = 5;
const MANY = 50;

/** Whether it is fast enough, for somebody who runs a hospital: from the results of a full run. */
export function answerOf({ comparison, bulk, growth, millionRows, machine, rounds }: Results): string {
  const cellOf = (rows: number, clients: number): CellFigures | undefined =>
    comparison?.cells.find(
      (cell) => cell.contender === 'http' && cell.rows === rows && cell.clients === clients,
    );
  const single = [FEW, MANY].flatMap((rows) => {
    const alone = cellOf(rows, 1);
    const eight = cellOf(rows, 8);
    if (alone === undefined || eight === undefined) return [];
    const patient = `a patient of ${rowsOf(rows)} rows`;
    return [
      [
        patient,
        'one client',
        `half within ${figure(alone.p50)} ms, 99 of 100 within ${figure(alone.p99)} ms`,
      ],
      [
        patient,
        'eight clients at once',
        `${figure(eight.throughput.median)} a second; half within ${figure(eight.p50)} ms, 99 of 100 within ${figure(eight.p99)} ms`,
      ],
    ];
  });
  const large = bulk?.large;
  const many =
    large === undefined
      ? []
      : [
          [
            `a batch of ${whole(large.patients)} patients of ${rowsOf(large.rows)} rows`,
            'others delete meanwhile',
            `${figure(large.milliseconds / 1000)} s; 99 of 100 of the others’ deletions within ${figure(large.single.beside.p99)} ms`,
          ],
        ];
  const million =
    millionRows === null
      ? []
      : [
          [
            `a patient of ${whole(millionRows.rows)} rows`,
            'one client',
            `${figure(millionRows.milliseconds / 1000)} s`,
          ],
        ];
  const against = comparison?.ratios.some((ratio) => ratio.against === 'plain') ? 'plain' : 'floor';
  const ratio = comparison?.ratios.find(
    (each) =>
      each.contender === 'http' && each.against === against && each.rows === MANY && each.clients === 8,
  );
  return [
    table(['What is deleted over HTTP', 'By whom', 'It takes'], [...single, ...many, ...million]),
    `On ${machine.cores} cores, which the clients, the service and PostgreSQL share, with every commit on the disk. ` +
      (ratio === undefined
        ? ''
        : `Eight clients are served ${ratioText(ratio.throughput)} times as many patients of ${rowsOf(MANY)} rows as bare SQL ` +
          'deletes that checks nothing and proves nothing; ') +
      `in brackets the middle half of ${rounds} rounds. Others used the machine too (its load before the run: ` +
      `${machine.loadAtStart}), so that milliseconds may be lower on yours; ratios are taken within a round, where that ` +
      'weighs on both sides.',
    ...(growth ? grownOf(growth) : []),
  ].join('\n\n');
}

/** What becomes of a deletion and of the search for a patient as the hospital grows. */
function grownOf({ sizes, level }: NonNullable<Results['growth']>): string[] {
  const said = ['a deletion', 'search by a rare surname'].flatMap((name) =>
    level.filter((cost) => cost.name === name).map(({ ratio }) => `${name} ${ratioText(ratio)} times`),
  );
  const [smallest = 0, largest = 0] = [sizes[0], sizes.at(-1)];
  return [
    `With ${whole(largest)} patients instead of ${whole(smallest)}, it takes: ${said.join(', ')} as long.`,
  ];
}

/** With the row of demographics. */
const rowsOf = (rows: number) => whole(TABLES * rows + 1);
