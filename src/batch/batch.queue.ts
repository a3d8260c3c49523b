import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { inTransaction, isOpen } from '../postgres/index.js';
import { RESOLVE_WITHIN_MS } from '../protocol/index.js';
import { addEnded, type Ended, lockBatch } from './batch.progress.js';
import { BATCH_COLUMNS, BATCHES, type BatchRow, ITEMS, keyOf } from './batch.records.js';
import type { Counts } from './batch.states.js';
import type { ItemEnd } from './item.end.js';
import { PATIENT_ID } from '../shards/index.js';

const SWEEP = 5_000;
/** A worker whose lease ran out may still be inside a deletion; after so long what the server says of it is final. */
const SETTLED_AFTER_MS = RESOLVE_WITHIN_MS;

/**
 * Has this transaction's commit not waited for the disk. A claim that a crash of the server takes away was of no
 * consequence: whatever was committed behind it has carried it to the disk.
 */
const NO_WAIT = `set_config('synchronous_commit', 'off', true)`;

/** A line that this process has in hand. */
export interface Claimed {
  readonly batch: BatchRow;
  readonly line: number;
  readonly patientId: string;
  /** This one included. */
  readonly attempts: number;
}

/** What a claimed line has come to. */
export interface Settled {
  readonly item: Claimed;
  readonly end: ItemEnd;
}

/** A batch that has ended. */
export interface EndedBatch {
  readonly batch: BatchRow;
  readonly counts: Counts;
}

/** What came of writing outcomes down. */
export interface Settlement {
  /** Lines that were still this worker's own; the others have been taken over, and their new owner speaks for them. */
  readonly own: ReadonlySet<number>;
  /** The batch, where it has ended with this. */
  readonly ended: EndedBatch | undefined;
}

/**
 * The table of items as a queue that several processes share (docs/adr/0013-batches.md). Lines are always named as an
 * array, by which the primary key is searched: of a list that has just been stored there are no statistics, and a
 * join might read all of it for each handful.
 */
@Injectable()
export class BatchQueue {
  constructor(private readonly manager: EntityManager) {}

  /** Whether there is a database to ask: it is opened behind the start of the service. */
  get isOpen(): boolean {
    return isOpen(this.manager);
  }

  /** Batches that have not ended, oldest first. @param only of these, the one with this id */
  async open(only?: string): Promise<BatchRow[]> {
    return this.manager.query<BatchRow[]>(
      `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b
       WHERE ended_at IS NULL AND ($1::uuid IS NULL OR batch_id = $1) ORDER BY batch_id`,
      [only ?? null],
    );
  }

  /** Notes that a batch has begun. @returns whether it had not */
  async begin(batchId: string): Promise<boolean> {
    const [, begun] = await this.manager.query<[unknown[], number]>(
      `UPDATE ${BATCHES} SET started_at = clock_timestamp() WHERE batch_id = $1 AND started_at IS NULL`,
      [batchId],
    );
    return begun === 1;
  }

  /** Takes lines that are due, and that nobody else is taking, for as long as the lease. */
  async claim(batch: BatchRow, by: string, leaseMs: number, limit: number): Promise<Claimed[]> {
    const [rows] = await this.manager.query<[Omit<Claimed, 'batch'>[], number]>(
      `UPDATE ${ITEMS} i SET state = 'RUNNING', attempts = i.attempts + 1, leased_by = $2,
         leased_until = clock_timestamp() + $3 * interval '1 ms'
       WHERE i.batch_id = $1 AND (SELECT ${NO_WAIT}) = 'off' AND i.line = ANY (ARRAY(
         SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING' AND due_at <= now()
         ORDER BY due_at, line LIMIT $4 FOR UPDATE SKIP LOCKED))
       RETURNING i.line, i.${PATIENT_ID} AS "patientId", i.attempts`,
      [batch.batchId, by, leaseMs, limit],
    );
    return rows.map((row) => ({ batch, ...row }));
  }

  /**
   * Holds on to lines for another lease. Only to those that are named: others may have been lost on the way here.
   *
   * @returns of these, which are still this worker's own
   */
  async renew(items: readonly Claimed[], by: string, leaseMs: number): Promise<Claimed[]> {
    const [rows] = await this.manager.query<[(Line & { batchId: string })[], number]>(
      `UPDATE ${ITEMS} i SET leased_until = clock_timestamp() + $4 * interval '1 ms'
       FROM unnest($1::uuid[], $2::int[]) AS held (batch_id, line)
       WHERE i.batch_id = held.batch_id AND i.line = held.line AND i.state = 'RUNNING' AND i.leased_by = $3
         AND i.batch_id = ANY ($1) AND i.line = ANY ($2)
       RETURNING i.batch_id AS "batchId", i.line`,
      [items.map(({ batch }) => batch.batchId), items.map(({ line }) => line), by, leaseMs],
    );
    const own = new Set(rows.map(({ batchId, line }) => `${batchId} ${line}`));
    return items.filter(({ batch, line }) => own.has(`${batch.batchId} ${line}`));
  }

  /** Puts lines back whose worker has died: whether it had deleted the patient, the same key tells. */
  async takeBack(batchId: string): Promise<number> {
    const [, lines] = await this.manager.query<[unknown[], number]>(
      `UPDATE ${ITEMS} i SET state = 'PENDING', due_at = clock_timestamp(), leased_by = NULL, leased_until = NULL
       WHERE i.batch_id = $1 AND i.line = ANY (ARRAY(
         SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'RUNNING'
         AND leased_until < now() FOR UPDATE SKIP LOCKED))`,
      [batchId],
    );
    return lines;
  }

  /**
   * Writes down what lines of one batch have come to, all at once. A line that was taken back in the meantime is left to
   * its new owner, so that this may be repeated where the answer was lost; nothing is its own then.
   */
  async settle(batchId: string, settled: readonly Settled[], by: string): Promise<Settlement> {
    return inTransaction(this.manager, async (manager) => {
      const batch = await lockBatch(manager, batchId);
      const later = settled.flatMap(({ item, end }) => (end.kind === 'later' ? [{ item, end }] : []));
      const over = settled.flatMap(({ item, end }) => (end.kind === 'over' ? [{ item, end }] : []));
      const back = later.length > 0 ? await putBack(manager, batchId, later, by) : [];
      if (over.length === 0) return { own: linesOf(back), ended: undefined };
      const [ended] = await manager.query<[(Ended & Line)[], number]>(
        `UPDATE ${ITEMS} i SET state = g.state, code = g.code, detail = g.detail, deletion_id = g.deletion_id,
           total_rows = g.total_rows, seq = $3::bigint + g.position, finished_at = clock_timestamp(),
           leased_by = NULL, leased_until = NULL
         FROM unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::bigint[])
           WITH ORDINALITY AS g (line, state, code, detail, deletion_id, total_rows, position)
         WHERE i.batch_id = $1 AND i.line = g.line AND i.line = ANY ($4) AND i.state = 'RUNNING'
           AND i.leased_by = $2
         RETURNING i.line, i.state, i.total_rows AS "totalRows"`,
        [
          batchId,
          by,
          batch.lastSeq,
          over.map(({ item }) => item.line),
          over.map(({ end }) => end.state),
          over.map(({ end }) => end.code ?? null),
          over.map(({ end }) => end.detail ?? null),
          over.map(({ end }) => end.deletionId ?? null),
          over.map(({ end }) => end.totalRows ?? null),
        ],
      );
      const own = linesOf([...back, ...ended]);
      return { own, ended: await endedWith(manager, batch, ended, over.length) };
    });
  }

  /**
   * Ends lines of a cancelled batch that were not begun, some at a time, and those whose worker has died, by what is
   * on record of them: nobody is deleted after the cancellation but by a worker that had begun.
   *
   * @returns the batch, where it has ended with this; and whether there may be more to end now
   */
  async sweep(batchId: string): Promise<{ ended: EndedBatch | undefined; more: boolean }> {
    return inTransaction(this.manager, async (manager) => {
      const batch = await lockBatch(manager, batchId);
      if (batch.state !== 'CANCELLED' || batch.endedAt !== null) return { ended: undefined, more: false };
      const lines = await manager.query<{ line: number }[]>(
        `SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING'
         ORDER BY due_at, line LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [batchId, SWEEP],
      );
      const lost = await manager.query<{ line: number }[]>(
        `SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'RUNNING'
         AND leased_until < now() - $2 * interval '1 ms' FOR UPDATE SKIP LOCKED`,
        [batchId, SETTLED_AFTER_MS],
      );
      const [ended] = await manager.query<[Ended[], number]>(
        `UPDATE ${ITEMS} i SET state = CASE WHEN d.deletion_id IS NULL THEN 'CANCELLED' ELSE 'DELETED' END,
           deletion_id = d.deletion_id, total_rows = d.total_rows, seq = $2::bigint + g.position,
           finished_at = clock_timestamp(), code = NULL, detail = NULL, leased_by = NULL, leased_until = NULL
         FROM unnest($3::int[]) WITH ORDINALITY AS g (line, position)
         JOIN ${ITEMS} o ON o.batch_id = $1 AND o.line = g.line AND o.line = ANY ($3)
         LEFT JOIN patient.sharded_patient_deletion d ON d.${PATIENT_ID} = o.${PATIENT_ID} AND d.idempotency_key = $4
           AND d.state = 'DELETED'
         WHERE i.batch_id = $1 AND i.line = g.line AND i.line = ANY ($3)
         RETURNING i.state, i.total_rows AS "totalRows"`,
        [batchId, batch.lastSeq, [...lines, ...lost].map(({ line }) => line), keyOf(batchId)],
      );
      return { ended: await endedWith(manager, batch, ended, ended.length), more: lines.length === SWEEP };
    });
  }
}

interface Line {
  readonly line: number;
}

function linesOf(rows: readonly Line[]): ReadonlySet<number> {
  return new Set(rows.map(({ line }) => line));
}

async function endedWith(
  manager: EntityManager,
  batch: BatchRow,
  ended: readonly Ended[],
  seqs: number,
): Promise<EndedBatch | undefined> {
  if (ended.length === 0 || !(await addEnded(manager, batch, ended, seqs))) return undefined;
  const row = await lockBatch(manager, batch.batchId);
  return { batch: row, counts: row.counts };
}

async function putBack(
  manager: EntityManager,
  batchId: string,
  later: readonly { item: Claimed; end: Extract<ItemEnd, { kind: 'later' }> }[],
  by: string,
): Promise<Line[]> {
  const [rows] = await manager.query<[Line[], number]>(
    `UPDATE ${ITEMS} i SET state = 'PENDING', due_at = clock_timestamp() + g.wait * interval '1 ms',
       attempts = i.attempts - g.uncounted, code = g.code, leased_by = NULL, leased_until = NULL
     FROM unnest($3::int[], $4::int[], $5::int[], $6::text[]) AS g (line, wait, uncounted, code)
     WHERE i.batch_id = $1 AND i.line = g.line AND i.line = ANY ($3) AND i.state = 'RUNNING' AND i.leased_by = $2
     RETURNING i.line`,
    [
      batchId,
      by,
      later.map(({ item }) => item.line),
      later.map(({ end }) => end.waitMs),
      later.map(({ end }) => (end.isAttempt ? 0 : 1)),
      later.map(({ end }) => end.code ?? null),
    ],
  );
  return rows;
}
