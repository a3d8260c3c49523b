import { megabytes, table, whole } from './markdown.js';
import type { Bulk } from './results.js';
import { figure, ratioText } from './figure.js';

/** Where the progress of the large batch is drawn. */
export const BULK_CHART = 'batch.svg';

/** The part of the page about batches. */
export function bulkTables({ throughput, large }: Bulk): string[] {
  const { against, patients, rows, rounds, clients, batch, floor, ratio } = throughput;
  const cpuMs = throughput.serviceCpuMs.median;
  const { single, samples } = large;
  const { before, after } = large.collected;
  const seconds = large.milliseconds / 1000;
  const peak = Math.max(...samples.map(({ rss }) => rss));
  return [
    '### Deletion batches',
    table(
      ['Who', 'Patients', 'Rows per table', 'Patients/s', 'To the floor'],
      [
        [
          `the ${against === undefined ? '' : 'plain '}floor, ${clients} clients`,
          whole(patients),
          String(rows),
          figure(floor.median),
          '1',
        ],
        ['a batch over REST', whole(patients), String(rows), figure(batch.median), ratioText(ratio)],
      ],
    ),
    `In each of two turns of each of ${rounds} rounds; of the batch from the POST to its end. ` +
      `The service used ${figure(cpuMs)} ms of CPU time for each patient: ${figure((cpuMs * batch.median) / 1000)} cores.`,
    `One batch of ${whole(large.patients)} patients of ${large.rows} rows per table, with single ` +
      `deletions by one client beside it: ${figure(seconds)} s, ` +
      `${figure(large.patients / seconds)} patients/s. In the database every one is deleted and has exactly one audit ` +
      `event. Memory of the service with all garbage collected: ${megabytes(before.rss)} before, of it ` +
      `${megabytes(before.heapUsed)} in the heap, and ${megabytes(after.rss)} at the end, of it ` +
      `${megabytes(after.heapUsed)}; in between with garbage ${megabytes(peak)} at most (${samples.length} samples).`,
    table(
      ['Single deletions over HTTP', 'Done', 'Compared', 'p50 ms', 'p99 ms'],
      [
        ['on the idle service before', single.idle, single.doneIdle] as const,
        ['while the batch runs', single.beside, single.doneBeside] as const,
      ].map(([who, { p50, p99 }, done]) => [
        who,
        whole(done),
        whole(single.compared),
        figure(p50),
        figure(p99),
      ]),
    ),
    `![A batch of ${whole(large.patients)} patients over time](${BULK_CHART})`,
  ];
}
