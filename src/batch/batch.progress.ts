import type { EntityManager } from 'typeorm';
import { BATCH_COLUMNS, BATCHES, type BatchRow, ITEMS } from './batch.records.js';
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

/**
 * Adds ended items to the figures of a locked batch, and ends the batch with its last one.
 *
 * @param seqs how many numbers were given out
 * @returns whether the batch has ended with this
 */
export async function addEnded(
  manager: EntityManager,
  batch: BatchRow,
  ended: readonly Ended[],
  seqs: number,
): Promise<boolean> {
  const counts = countsWith(batch.counts, ended);
  const rows = ended.reduce((sum, { totalRows }) => sum + Number(totalRows ?? 0), 0);
  const finished = batch.finished + ended.length;
  const ends = finished === batch.lines && batch.endedAt === null;
  await manager.query(
    `UPDATE ${BATCHES} SET finished = $2, counts = $3, total_rows = total_rows + $4, last_seq = last_seq + $5,
       state = CASE WHEN $6 AND state <> 'CANCELLED' THEN 'COMPLETED' ELSE state END,
       ended_at = CASE WHEN $6 THEN clock_timestamp() ELSE ended_at END
     WHERE batch_id = $1`,
    [batch.batchId, finished, JSON.stringify(counts), rows, seqs, ends],
  );
  return ends;
}

export function countsWith(counts: Counts, ended: readonly Ended[]): Counts {
  const sum: Partial<Record<Outcome, number>> = { ...counts };
  for (const { state } of ended) sum[state] = (sum[state] ?? 0) + 1;
  return sum;
}

/** Lines that a worker has in hand. */
export async function runningItems(manager: EntityManager, batchId: string): Promise<number> {
  const [row] = await manager.query<{ running: string }[]>(
    `SELECT count(*) AS running FROM ${ITEMS} WHERE batch_id = $1 AND state = 'RUNNING'`,
    [batchId],
  );
  return Number(row?.running);
}

/** How many outcomes are looked back at. */
const LOOK_BACK = 1_000;

/** Patients a minute over the newest outcomes, of the last minute at most; null where there are too few. */
export async function rateOf(manager: EntityManager, batch: BatchRow): Promise<number | null> {
  const [row] = await manager.query<{ ended: string; seconds: string | null }[]>(
    `SELECT count(*) AS ended, extract(epoch FROM clock_timestamp() - min(finished_at)) AS seconds FROM ${ITEMS}
     WHERE batch_id = $1 AND seq > $2::bigint - $3 AND finished_at > clock_timestamp() - interval '1 minute'
       AND state NOT IN ('INVALID', 'DUPLICATE', 'CANCELLED')`,
    [batch.batchId, batch.lastSeq, LOOK_BACK],
  );
  const ended = Number(row?.ended ?? 0);
  const seconds = Number(row?.seconds ?? 0);
  return ended < 2 || seconds <= 0 ? null : Math.round((ended / seconds) * 60);
}
