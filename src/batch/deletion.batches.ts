import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { BatchStateConflict } from './batch.errors.js';
import { BatchIntake, type Taken } from './batch.intake.js';
import { lockBatch, rowOf, viewOf, viewOfRow } from './batch.progress.js';
import {
  BATCH_COLUMNS,
  BATCHES,
  type BatchOrder,
  type BatchRow,
  type BatchView,
  ITEM_COLUMNS,
  type ItemRow,
  itemOf,
  ITEMS,
  type ItemView,
} from './batch.records.js';
import type { BatchState, ItemState } from './batch.states.js';
import { BatchWakeUp } from './batch.wake-up.js';
import { onList } from './list.transaction.js';
import type { PatientList } from './patient.list.js';

const PIECE = 5_000;

/** Batches of deletions: makes, shows and steers them. The work itself is the worker's, in whatever process. */
@Injectable()
export class DeletionBatches {
  constructor(
    private readonly manager: EntityManager,
    private readonly intake: BatchIntake,
    private readonly wakeUp: BatchWakeUp,
  ) {}

  /** Makes a batch of a list. @throws as {@link BatchIntake.take} */
  async create(order: BatchOrder, list: PatientList): Promise<Taken> {
    const taken = await this.intake.take(order, list);
    this.wakeUp.call();
    return taken;
  }

  /** Carries out a dry run. @throws as {@link BatchIntake.execute} */
  async execute(
    dryRunId: string,
    order: Omit<BatchOrder, 'reason' | 'legalBasis' | 'dryRun'>,
  ): Promise<Taken> {
    const taken = await this.intake.execute(dryRunId, order);
    this.wakeUp.call();
    return taken;
  }

  /** @throws BatchNotFound */
  async get(batchId: string): Promise<BatchView> {
    return onList(this.manager, (manager) => viewOf(manager, batchId));
  }

  /**
   * Batches, newest first.
   *
   * @param filter.before only batches older than this one (the cursor)
   */
  async page(filter: { state?: BatchState; before?: string; limit: number }): Promise<BatchView[]> {
    const rows = await this.manager.query<BatchRow[]>(
      `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b
       WHERE ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR batch_id < $3)
       ORDER BY batch_id DESC LIMIT $1`,
      [filter.limit, filter.state ?? null, filter.before ?? null],
    );
    const views: BatchView[] = [];
    for (const row of rows) views.push(await onList(this.manager, (manager) => viewOfRow(manager, row)));
    return views;
  }

  /**
   * Lines of a batch in their order.
   *
   * @param filter.after only lines behind this one (the cursor)
   * @throws BatchNotFound
   */
  async items(
    batchId: string,
    filter: { states?: readonly ItemState[]; after?: number; limit: number },
  ): Promise<ItemView[]> {
    await rowOf(this.manager, batchId);
    const { states, after = 0, limit } = filter;
    const page = (where: string) =>
      `SELECT ${ITEM_COLUMNS} FROM ${ITEMS} i WHERE i.batch_id = $1 AND i.line > $2 ${where} ORDER BY i.line LIMIT $3`;
    // Of each state by itself as many as the page takes: a state may be that of one line in a million.
    const rows = await onList(this.manager, (manager) =>
      states === undefined
        ? manager.query<ItemRow[]>(page(''), [batchId, after, limit])
        : manager.query<ItemRow[]>(
            `SELECT found.* FROM unnest($4::text[]) AS wanted (state)
             CROSS JOIN LATERAL (${page('AND i.state = wanted.state')}) AS found ORDER BY found.line LIMIT $3`,
            [batchId, after, limit, states],
          ),
    );
    return rows.map(itemOf);
  }

  /** Outcomes in the order in which they came, from behind this number on. None is ever added before one that was seen. */
  async outcomesAfter(batchId: string, seq: number, limit: number): Promise<ItemView[]> {
    const rows = await onList(this.manager, (manager) =>
      manager.query<ItemRow[]>(
        `SELECT ${ITEM_COLUMNS} FROM ${ITEMS} i
         WHERE i.batch_id = $1 AND i.seq > $2 ORDER BY i.seq LIMIT $3`,
        [batchId, seq, limit],
      ),
    );
    return rows.map(itemOf);
  }

  /** What is begun comes to its end; nothing more is begun. @throws BatchNotFound, BatchStateConflict */
  async pause(batchId: string): Promise<BatchView> {
    return this.turn(batchId, 'PAUSED', ['RUNNING']);
  }

  /** @throws BatchNotFound, BatchStateConflict */
  async resume(batchId: string): Promise<BatchView> {
    return this.turn(batchId, 'RUNNING', ['PAUSED']);
  }

  /** What is begun comes to its end; what is not is never begun. @throws BatchNotFound, BatchStateConflict */
  async cancel(batchId: string): Promise<BatchView> {
    return this.turn(batchId, 'CANCELLED', ['RUNNING', 'PAUSED']);
  }

  /** Puts every failed line back into the queue. @throws BatchNotFound, BatchStateConflict */
  async retry(batchId: string): Promise<BatchView> {
    for (let after: number | undefined = 0; after !== undefined;)
      after = await this.retrySome(batchId, after);
    this.wakeUp.call();
    return this.get(batchId);
  }

  /** @returns the last line that was put back; undefined where none behind this one has failed */
  private async retrySome(batchId: string, after: number): Promise<number | undefined> {
    return onList(this.manager, async (manager) => {
      const { state, counts } = await lockBatch(manager, batchId);
      if (state === 'CANCELLED')
        throw new BatchStateConflict('The batch is CANCELLED; make a new one of what is left.');
      const [again] = await manager.query<[{ line: number }[], number]>(
        `UPDATE ${ITEMS} i SET state = 'PENDING', attempts = 0, due_at = now(), seq = NULL, finished_at = NULL
         WHERE i.batch_id = $1 AND i.line = ANY (ARRAY(
           SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'FAILED' AND line > $3 ORDER BY line LIMIT $2))
         RETURNING i.line`,
        [batchId, PIECE, after],
      );
      if (again.length === 0) return undefined;
      const left = { ...counts, FAILED: (counts.FAILED ?? 0) - again.length };
      await manager.query(
        `UPDATE ${BATCHES} SET finished = finished - $2, counts = $3, ended_at = NULL,
           state = CASE state WHEN 'COMPLETED' THEN 'RUNNING' ELSE state END
         WHERE batch_id = $1`,
        [batchId, again.length, JSON.stringify(left)],
      );
      return again.reduce((last, { line }) => Math.max(last, line), after);
    });
  }

  /** A batch that is there already is left as it is. */
  private async turn(batchId: string, to: BatchState, from: readonly BatchState[]): Promise<BatchView> {
    const batch = await onList(this.manager, async (manager) => {
      const { state } = await lockBatch(manager, batchId);
      if (state === to) return viewOf(manager, batchId);
      if (!from.includes(state))
        throw new BatchStateConflict(
          `The batch is ${state}; only one that is ${from.join(' or ')} can be made ${to}.`,
        );
      await manager.query(`UPDATE ${BATCHES} SET state = $2 WHERE batch_id = $1`, [batchId, to]);
      return viewOf(manager, batchId);
    });
    this.wakeUp.call();
    return batch;
  }
}
