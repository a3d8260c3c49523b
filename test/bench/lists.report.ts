import { table, whole } from './markdown.js';
import type { Lists } from './results.js';
import { figure } from './figure.js';

/** The part of the page about long lists. */
export function listTables({ sizes, tooLong }: Lists): string[] {
  const perLine = (milliseconds: number, lines: number) => figure((milliseconds * 1000) / lines);
  return [
    '### Lists of quick lines',
    table(
      ['Lines', 'Upload µs/line', 'Work µs/line', 'Paging µs/line', 'Longest answer of `/health/live`, ms'],
      sizes.map(({ lines, uploadMs, workMs, pagesMs, liveMs }) => [
        whole(lines),
        ...[uploadMs, workMs, pagesMs].map((milliseconds) => perLine(milliseconds, lines)),
        whole(liveMs),
      ]),
    ),
    'Dry runs of ids that are nobody’s, as CSV, with the planner’s statistics of the empty tables and nothing vacuumed. ' +
      `A list of ${whole(tooLong.lines)} lines, blank ones and ones without an id, was answered ${tooLong.status} ` +
      `(${tooLong.code}) in ${figure(tooLong.milliseconds / 1000)} s; the longest answer of \`/health/live\` took ` +
      `${whole(tooLong.liveMs)} ms meanwhile.`,
  ];
}
