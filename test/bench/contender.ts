/** Who deletes patients side by side, in the order of the tables. */
export const CONTENDERS = {
  plain: 'the plain floor: bare SQL on plain tables by raw pg',
  'plain-pgbench': 'the plain floor by pgbench',
  floor: 'the floor: bare SQL by raw pg',
  pgbench: 'the floor by pgbench',
  http: 'Silgi over HTTP',
  'http-key': 'Silgi over HTTP with an Idempotency-Key',
  orchestrator: 'Silgi’s orchestrator without HTTP',
  softRemove: 'TypeORM softRemove with cascades',
} as const;
export type Contender = keyof typeof CONTENDERS;

/** Patients with so many rows in each of the 14 child tables, deleted by so many clients at once. */
export interface Cell {
  readonly rows: number;
  readonly clients: number;
}

export const ROWS = [5, 50, 500] as const;
export const CLIENTS = [1, 8, 32] as const;

/** Deletions of one contender in one round, by rows and clients. */
const BLOCKS: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  5: { 1: 64, 8: 240, 32: 480 },
  50: { 1: 48, 8: 160, 32: 320 },
  500: { 1: 10, 8: 32, 32: 64 },
};
/** The same where every row is a statement of its own. */
const SLOW_BLOCKS: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  5: { 1: 12, 8: 32, 32: 64 },
  50: { 1: 3, 8: 8, 32: 32 },
  500: { 1: 1 },
};
/** Rounds in which `softRemove` deletes a patient of 500 rows per table: one takes many seconds. */
const SLOWEST_ROUNDS = 3;

/**
 * How many patients a contender deletes in one round of a cell; 0 where it does not take part.
 *
 * @param round from 0
 */
export function blockOf(contender: Contender, { rows, clients }: Cell, round: number): number {
  const blocks = contender === 'softRemove' ? SLOW_BLOCKS : BLOCKS;
  if (contender === 'softRemove' && rows === 500 && round >= SLOWEST_ROUNDS) return 0;
  if (contender === 'http-key' && rows !== 50) return 0;
  return blocks[rows]?.[clients] ?? 0;
}
