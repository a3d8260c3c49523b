import { type Adopted, MOVERS } from './adopted.figures.js';
import { figure, many, ratioText } from './figure.js';
import { table, whole } from './markdown.js';
import type { Target } from './results.js';

const CLIENTS = 8;
const TO_BARE = 0.8;
const WAITS_AT_MOST_MS = 500;

/** The tables of a hospital's own tables. */
export function adoptedTables({ rowsPerTable, tables, movers, apply }: Adopted): string[] {
  return [
    `### A hospital’s own tables: ${rowsPerTable} rows in each of ${tables}, and the patient’s`,
    table(
      ['Clients', 'Who moves the rows', 'Deletions/s', 'p50 ms', 'p99 ms', 'Throughput to bare SQL'],
      movers.map(({ mover, clients, throughput, p50, p99, ratio }) => [
        String(clients),
        MOVERS[mover],
        figure(throughput.median),
        figure(p50),
        figure(p99),
        mover === 'bare' ? '1' : ratioText(ratio),
      ]),
    ),
    `\`silgi adopt apply\` took ${figure(apply.seconds)} s where one table of ${whole(apply.rows)} rows got an index and a ` +
      `foreign key, while ${apply.writers} sessions wrote to it and to the table of patients without a pause:`,
    table(
      ['Statements of the writers', 'Number', 'p99 ms', 'Longest ms'],
      (['before', 'during'] as const).map((when) => [
        when === 'during' ? 'while it ran' : 'as many without it',
        whole(apply[when].statements),
        figure(apply[when].p99),
        figure(apply[when].longest),
      ]),
    ),
  ];
}

/** What was promised of them. */
export function adoptedTargets({ movers, apply }: Adopted): Target[] {
  const moving = movers.filter(({ mover, clients }) => mover !== 'bare' && clients === CLIENTS);
  return [
    ...moving.map(({ mover, ratio }) => ({
      name: `moving rows out of a hospital’s own tables at ${CLIENTS} clients, ${MOVERS[mover]}, to bare SQL`,
      wanted: `≥ ${TO_BARE}`,
      figure: ratioText(ratio),
      reached: ratio.median >= TO_BARE,
    })),
    {
      name: `longest wait of a writer while \`adopt apply\` alters a table of ${many(apply.rows)} rows`,
      wanted: `≤ ${WAITS_AT_MOST_MS} ms`,
      figure: `${many(apply.during.longest)} ms`,
      reached: apply.during.longest <= WAITS_AT_MOST_MS,
    },
  ];
}
