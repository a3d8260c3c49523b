import type { EntityManager } from 'typeorm';
import { BATCH_COLUMNS, BATCHES, type BatchRow, type BatchView, ITEMS } from './batch.records.js';
import type { Counts, Outcome } from './batch.states.js';
import { BatchNotFound } from './batch.errors.js';

/** What some items have come to. */
export interface Ended {
  readonly state: Outcome;
  readonly totalRows?: string | number | null;
}

/**
 * Locks a batch until the transaction ends. Outcomes are numbered under this lock, so that whoever has seen one has
 * seen all with lower numbers.
 *
 * @throws BatchNotFound
 */
export async function lockBatch(manager: EntityManager, batchId: string): Promise<BatchRow> {
  const [row] = await manager.query<BatchRow[]>(
    `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b WHERE batch_id = $1 FOR UPDATE OF b`,
    [batchId],
  );
  if (row === undefined) throw new BatchNotFound();
  return row;
}

/** The figures of some items that have ended. */
export interface EndedFigures {
  readonly counts: Counts;
  readonly totalRows: number;
}

/** Sums up what some items have come to. */
export function figuresOf(ended: readonly Ended[]): EndedFigures {
  const counts: Partial<Record<Outcome, number>> = {};
  let rows = 0;
  for (const { state, totalRows } of ended) {
    counts[state] = (counts[state] ?? 0) + 1;
    rows += Number(totalRows ?? 0);
  }
  return { counts, totalRows: rows };
}

/**
 * Adds ended items to the figures of a locked batch, and ends the batch with its last one.
 *
 * @param seqs how many numbers were given out
 * @returns whether the batch has ended with this
 */
export async function addEnded(
  manager: EntityManager,
  batch: BatchRow,
  { counts: added, totalRows }: EndedFigures,
  seqs: number,
): Promise<boolean> {
  const counts: Partial<Record<Outcome, number>> = { ...batch.counts };
  let { finished } = batch;
  for (const [outcome, count] of Object.entries(added) as [Outcome, number][]) {
    counts[outcome] = (counts[outcome] ?? 0) + count;
    finished += count;
  }
  const ends = finished === batch.lines && batch.endedAt === null;
  await manager.query(
    `UPDATE ${BATCHES} SET finished = $2, counts = $3, total_rows = total_rows + $4, last_seq = last_seq + $5,
       state = CASE WHEN $6 AND state <> 'CANCELLED' THEN 'COMPLETED' ELSE state END,
       ended_at = CASE WHEN $6 THEN clock_timestamp() ELSE ended_at END
     WHERE batch_id = $1`,
    [batch.batchId, finished, JSON.stringify(counts), totalRows, seqs, ends],
  );
  return ends;
}

/** A batch and how it goes. @throws BatchNotFound */
export async function viewOf(manager: EntityManager, batchId: string): Promise<BatchView> {
  return viewOfRow(manager, await rowOf(manager, batchId));
}

/** A batch as it is stored. @throws BatchNotFound */
export async function rowOf(manager: EntityManager, batchId: string): Promise<BatchRow> {
  const [row] = await manager.query<BatchRow[]>(
    `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b WHERE batch_id = $1`,
    [batchId],
  );
  if (row === undefined) throw new BatchNotFound();
  return row;
}

/** How a batch goes that was read before. @param manager of a transaction on lists */
export async function viewOfRow(manager: EntityManager, row: BatchRow): Promise<BatchView> {
  if (row.endedAt !== null) return { ...row, running: 0, ratePerMinute: null, secondsLeft: null };
  const running = await runningItems(manager, row.batchId);
  const ratePerMinute = row.state === 'RUNNING' ? await rateOf(manager, row) : null;
  const left = row.lines - row.finished;
  const secondsLeft =
    ratePerMinute === null || ratePerMinute === 0 ? null : Math.ceil((left / ratePerMinute) * 60);
  return { ...row, running, ratePerMinute, secondsLeft };
}

/** Lines that a worker has in hand. */
async function runningItems(manager: EntityManager, batchId: string): Promise<number> {
  const [row] = await manager.query<{ running: string }[]>(
    `SELECT count(*) AS running FROM ${ITEMS} WHERE batch_id = $1 AND state = 'RUNNING'`,
    [batchId],
  );
  return Number(row?.running);
}

/** How many outcomes are looked back at. */
const LOOK_BACK = 1_000;

/** Patients a minute over the newest outcomes, of the last minute at most; null where there are too few. */
async function rateOf(manager: EntityManager, batch: BatchRow): Promise<number | null> {
  const [row] = await manager.query<{ ended: string; seconds: string | null }[]>(
    `SELECT count(*) AS ended, extract(epoch FROM clock_timestamp() - min(finished_at)) AS seconds
       FROM (SELECT state, finished_at FROM ${ITEMS} WHERE batch_id = $1 AND seq IS NOT NULL
         ORDER BY seq DESC LIMIT $2) AS newest
       WHERE finished_at > clock_timestamp() - interval '1 minute'
         AND state NOT IN ('INVALID', 'DUPLICATE', 'CANCELLED')`,
    [batch.batchId, LOOK_BACK],
  );
  const ended = Number(row?.ended ?? 0);
  const seconds = Number(row?.seconds ?? 0);
  return ended < 2 || seconds <= 0 ? null : Math.round((ended / seconds) * 60);
}
