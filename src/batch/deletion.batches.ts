import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { inTransaction } from '../postgres/index.js';
import { BatchNotFound, BatchStateConflict } from './batch.errors.js';
import { BatchIntake, type Taken } from './batch.intake.js';
import { lockBatch, rateOf, runningItems } from './batch.progress.js';
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
  ITEMS_WITH_FIRST,
  type ItemView,
} from './batch.records.js';
import type { BatchState, ItemState } from './batch.states.js';
import { BatchWakeUp } from './batch.wake-up.js';
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
    return this.view(await this.rowOf(batchId));
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
    for (const row of rows) views.push(await this.view(row));
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
    await this.rowOf(batchId);
    const rows = await this.manager.query<ItemRow[]>(
      `SELECT ${ITEM_COLUMNS} FROM ${ITEMS_WITH_FIRST}
       WHERE i.batch_id = $1 AND i.line > $2 AND ($3::text[] IS NULL OR i.state = ANY ($3))
       ORDER BY i.line LIMIT $4`,
      [batchId, filter.after ?? 0, filter.states ?? null, filter.limit],
    );
    return rows.map(itemOf);
  }

  /** Outcomes in the order in which they came, from behind this number on. None is ever added before one that was seen. */
  async outcomesAfter(batchId: string, seq: number, limit: number): Promise<ItemView[]> {
    const rows = await this.manager.query<ItemRow[]>(
      `SELECT ${ITEM_COLUMNS} FROM ${ITEMS_WITH_FIRST}
       WHERE i.batch_id = $1 AND i.seq > $2 ORDER BY i.seq LIMIT $3`,
      [batchId, seq, limit],
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
    while ((await this.retrySome(batchId)) === PIECE);
    this.wakeUp.call();
    return this.get(batchId);
  }

  private async retrySome(batchId: string): Promise<number> {
    return inTransaction(this.manager, async (manager) => {
      const { state, counts } = await lockBatch(manager, batchId);
      if (state === 'CANCELLED')
        throw new BatchStateConflict('The batch is CANCELLED; make a new one of what is left.');
      const [, again] = await manager.query<[unknown[], number]>(
        `UPDATE ${ITEMS} i SET state = 'PENDING', attempts = 0, due_at = now(), seq = NULL, finished_at = NULL
         WHERE i.batch_id = $1 AND i.line = ANY (ARRAY(
           SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'FAILED' ORDER BY line LIMIT $2))`,
        [batchId, PIECE],
      );
      if (again === 0) return 0;
      const left = { ...counts, FAILED: (counts.FAILED ?? 0) - again };
      await manager.query(
        `UPDATE ${BATCHES} SET finished = finished - $2, counts = $3, ended_at = NULL,
           state = CASE state WHEN 'COMPLETED' THEN 'RUNNING' ELSE state END
         WHERE batch_id = $1`,
        [batchId, again, JSON.stringify(left)],
      );
      return again;
    });
  }

  /** A batch that is there already is left as it is. */
  private async turn(batchId: string, to: BatchState, from: readonly BatchState[]): Promise<BatchView> {
    await inTransaction(this.manager, async (manager) => {
      const { state } = await lockBatch(manager, batchId);
      if (state === to) return;
      if (!from.includes(state))
        throw new BatchStateConflict(
          `The batch is ${state}; only one that is ${from.join(' or ')} can be made ${to}.`,
        );
      await manager.query(`UPDATE ${BATCHES} SET state = $2 WHERE batch_id = $1`, [batchId, to]);
    });
    this.wakeUp.call();
    return this.get(batchId);
  }

  private async rowOf(batchId: string): Promise<BatchRow> {
    const [row] = await this.manager.query<BatchRow[]>(
      `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b WHERE batch_id = $1`,
      [batchId],
    );
    if (row === undefined) throw new BatchNotFound();
    return row;
  }

  private async view(row: BatchRow): Promise<BatchView> {
    if (row.endedAt !== null) return { ...row, running: 0, ratePerMinute: null, secondsLeft: null };
    const running = await runningItems(this.manager, row.batchId);
    const ratePerMinute = row.state === 'RUNNING' ? await rateOf(this.manager, row) : null;
    const left = row.lines - row.finished;
    const secondsLeft =
      ratePerMinute === null || ratePerMinute === 0 ? null : Math.ceil((left / ratePerMinute) * 60);
    return { ...row, running, ratePerMinute, secondsLeft };
  }
}
