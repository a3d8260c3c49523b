import { Injectable, Logger } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { inTransaction, isOpen } from '../postgres/index.js';
import { BatchMetrics } from './batch.metrics.js';
import { BATCHES, ITEMS } from './batch.records.js';
import { onList } from './list.transaction.js';

/** Batches that one transaction removes at most. */
const MOST_BATCHES = 100;
/** Lines that one transaction removes at most. */
const PIECE = 5_000;

/** The batch that carries out the dry run `b`. */
const EXECUTION = `SELECT FROM ${BATCHES} e WHERE e.dry_run_id = b.batch_id`;
/** The dry run that the batch `b` carries out. */
const DRY_RUN = `SELECT FROM ${BATCHES} d WHERE d.batch_id = b.dry_run_id`;
/** Parameter 2: days. By the clock of the database alone, which has written the end as well. */
const isDue = (batch: string) => `(${batch}.ended_at < now() - $2::int * interval '1 day')`;

/** A batch that has been removed. */
interface RemovedBatch {
  readonly batchId: string;
  readonly endedAt: Date;
  readonly lines: number;
}

/**
 * Removes batches whose retention is over, each with its list of patients and what is said of them (GDPR 5(1)(e), KVKK
 * 4(2)(d)). The records and audit events of the deletions are not its own, and stay.
 *
 * The batch goes first, so that nobody is shown a list of which lines are missing; its lines follow in pieces. Lines
 * without a batch are what a sweep that was cut off has left, and the next one removes them. Several services may sweep
 * at once: what one has locked the others pass over.
 */
@Injectable()
export class BatchRetention {
  private readonly log = new Logger('Batch');

  constructor(
    private readonly manager: EntityManager,
    private readonly metrics: BatchMetrics,
  ) {}

  /** Whether there is a database to sweep: it is opened behind the start of the service. */
  get isOpen(): boolean {
    return isOpen(this.manager);
  }

  /**
   * Removes what is due now, some at a time.
   *
   * @param days after its end for which a batch is kept
   * @param signal ends the sweep behind the transaction that is under way
   */
  async sweep(days: number, signal: AbortSignal): Promise<void> {
    for (const batchId of await this.leftBehind()) await this.removeLines(batchId, signal);
    for (let isOver = false; !isOver && !signal.aborted;) {
      const removed = await this.removeDue(days);
      for (const batch of removed) this.log.log('batch removed: its retention is over', { ...batch });
      this.metrics.batchesRemoved(removed.length);
      for (const { batchId } of removed) await this.removeLines(batchId, signal);
      isOver = removed.length === 0;
    }
    if (!signal.aborted) this.metrics.swept();
  }

  /** Batches that are not there any more, of which there are lines; each found by one look into the primary key. */
  private async leftBehind(): Promise<string[]> {
    const rows = await onList(this.manager, (manager) =>
      manager.query<{ batchId: string }[]>(
        `WITH RECURSIVE listed (batch_id) AS (
           (SELECT batch_id FROM ${ITEMS} ORDER BY batch_id LIMIT 1)
           UNION ALL
           SELECT (SELECT i.batch_id FROM ${ITEMS} i WHERE i.batch_id > listed.batch_id ORDER BY i.batch_id LIMIT 1)
           FROM listed WHERE listed.batch_id IS NOT NULL)
         SELECT batch_id AS "batchId" FROM listed WHERE batch_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM ${BATCHES} b WHERE b.batch_id = listed.batch_id)`,
      ),
    );
    return rows.map(({ batchId }) => batchId);
  }

  /**
   * A dry run and the batch that carries it out go together: without the latter, the former could be carried out for a
   * second time.
   */
  private removeDue(days: number): Promise<RemovedBatch[]> {
    return inTransaction(this.manager, async (manager) => {
      const due = await manager.query<{ batchId: string }[]>(
        `SELECT b.batch_id AS "batchId" FROM ${BATCHES} b WHERE ${isDue('b')}
         AND NOT EXISTS (${EXECUTION} AND ${isDue('e')} IS NOT TRUE)
         AND NOT EXISTS (${DRY_RUN} AND ${isDue('d')} IS NOT TRUE)
         ORDER BY coalesce(b.dry_run_id, b.batch_id) LIMIT $1 FOR UPDATE OF b SKIP LOCKED`,
        [MOST_BATCHES, days],
      );
      // By a statement of its own: one that had begun before the locks were had does not see who came in between.
      const [removed] = await manager.query<[RemovedBatch[], number]>(
        `DELETE FROM ${BATCHES} b WHERE b.batch_id = ANY ($1::uuid[])
         AND NOT EXISTS (${EXECUTION} AND e.batch_id <> ALL ($1::uuid[]))
         AND NOT EXISTS (${DRY_RUN} AND d.batch_id <> ALL ($1::uuid[]))
         RETURNING b.batch_id AS "batchId", b.ended_at AS "endedAt", b.lines`,
        [due.map(({ batchId }) => batchId)],
      );
      return removed;
    });
  }

  /** The lines of a batch that is not there any more. */
  private async removeLines(batchId: string, signal: AbortSignal): Promise<void> {
    for (let after = 0; !signal.aborted;) {
      const [removed] = await onList(this.manager, (manager) =>
        manager.query<[{ line: number }[], number]>(
          `DELETE FROM ${ITEMS} i WHERE i.batch_id = $1 AND i.line = ANY (ARRAY(
             SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND line > $2 ORDER BY line LIMIT $3
             FOR UPDATE SKIP LOCKED))
           AND NOT EXISTS (SELECT FROM ${BATCHES} WHERE batch_id = $1) RETURNING i.line`,
          [batchId, after, PIECE],
        ),
      );
      if (removed.length === 0) return;
      this.metrics.linesRemoved(removed.length);
      after = removed.reduce((last, { line }) => Math.max(last, line), after);
    }
  }
}
