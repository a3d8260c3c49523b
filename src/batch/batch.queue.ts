import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { isOpen } from '../postgres/index.js';
import { RESOLVE_WITHIN_MS } from '../protocol/index.js';
import { addEnded, type Ended, figuresOf, lockBatch } from './batch.progress.js';
import { BATCH_COLUMNS, BATCHES, type BatchRow, ITEMS, keyOf } from './batch.records.js';
import type { Counts } from './batch.states.js';
import type { ItemEnd } from './item.end.js';
import { onList } from './list.transaction.js';
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
 * array, by which the primary key is searched, and what they come to is looked up in a JSON object by their number: a
 * join may be planned so that it reads all of a list, or of an array, for each line (RELIABILITY rule 35).
 */
@Injectable()
export class BatchQueue {
  /** Of each batch: the line behind which the next ones are looked for. */
  private readonly searched = new Map<string, Place>();

  constructor(private readonly manager: EntityManager) {}

  /** Whether there is a database to ask: it is opened behind the start of the service. */
  get isOpen(): boolean {
    return isOpen(this.manager);
  }

  /** Batches that have not ended, oldest first. @param only of these, the one with this id */
  async open(only?: string): Promise<BatchRow[]> {
    const open = await this.manager.query<BatchRow[]>(
      `SELECT ${BATCH_COLUMNS} FROM ${BATCHES} b
       WHERE ended_at IS NULL AND ($1::uuid IS NULL OR batch_id = $1) ORDER BY batch_id`,
      [only ?? null],
    );
    for (const batchId of this.searched.keys())
      if (open.every((batch) => batch.batchId !== batchId)) this.searched.delete(batchId);
    return open;
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
    const { batchId } = batch;
    const { dueAt, line } = this.placeIn(batchId);
    const rows = await onList(this.manager, (manager) =>
      manager.query<(Omit<Claimed, 'batch'> & Place)[]>(
        `WITH claimed AS (UPDATE ${ITEMS} i SET state = 'RUNNING', attempts = i.attempts + 1, leased_by = $2,
           leased_until = clock_timestamp() + $3 * interval '1 ms'
         WHERE i.batch_id = $1 AND (SELECT ${NO_WAIT}) = 'off' AND i.line = ANY (ARRAY(
           SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING' AND due_at <= now()
           AND (due_at, line) > ($5::timestamptz, $6::int) ORDER BY due_at, line LIMIT $4 FOR UPDATE SKIP LOCKED))
         RETURNING i.line, i.${PATIENT_ID}, i.attempts, i.due_at)
       SELECT line, ${PATIENT_ID} AS "patientId", attempts, due_at::text AS "dueAt" FROM claimed ORDER BY due_at, line`,
        [batchId, by, leaseMs, limit, dueAt, line],
      ),
    );
    this.goOn(batchId, rows, limit);
    return rows.map(({ dueAt: _, ...row }) => ({ batch, ...row }));
  }

  /**
   * Holds on to lines for another lease. Only to those that are named: others may have been lost on the way here.
   *
   * @returns of these, which are still this worker's own
   */
  async renew(items: readonly Claimed[], by: string, leaseMs: number): Promise<Claimed[]> {
    const own: Claimed[] = [];
    for (const batchId of new Set(items.map(({ batch }) => batch.batchId))) {
      const held = items.filter(({ batch }) => batch.batchId === batchId);
      const [rows] = await this.manager.query<[Line[], number]>(
        `UPDATE ${ITEMS} i SET leased_until = clock_timestamp() + $4 * interval '1 ms'
         WHERE i.batch_id = $1 AND i.line = ANY ($2) AND i.leased_by = $3 RETURNING i.line`,
        [batchId, held.map(({ line }) => line), by, leaseMs],
      );
      const lines = linesOf(rows);
      own.push(...held.filter(({ line }) => lines.has(line)));
    }
    return own;
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
    return onList(this.manager, async (manager) => {
      const batch = await lockBatch(manager, batchId);
      const later = settled.flatMap(({ item, end }) => (end.kind === 'later' ? [{ item, end }] : []));
      const over = settled.flatMap(({ item, end }) => (end.kind === 'over' ? [{ item, end }] : []));
      const back = later.length > 0 ? await putBack(manager, batchId, later, by) : [];
      if (over.length === 0) return { own: linesOf(back), ended: undefined };
      const [ended] = await manager.query<[(Ended & Line)[], number]>(
        `UPDATE ${ITEMS} i SET state = ${endOf('state')}, code = ${endOf('code')}, detail = ${endOf('detail')},
           deletion_id = (${endOf('deletionId')})::uuid, total_rows = (${endOf('totalRows')})::bigint,
           seq = $3::bigint + (${endOf('position')})::bigint, finished_at = clock_timestamp(),
           leased_by = NULL, leased_until = NULL
         WHERE i.batch_id = $1 AND i.line = ANY ($4) AND i.leased_by = $2
         RETURNING i.line, i.state, i.total_rows AS "totalRows"`,
        [
          batchId,
          by,
          batch.lastSeq,
          over.map(({ item }) => item.line),
          byLine(over, ({ end }, index) => ({ ...end, position: index + 1 })),
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
    const { dueAt, line } = this.placeIn(batchId);
    const { ended, lines } = await onList(this.manager, async (manager) => {
      const batch = await lockBatch(manager, batchId);
      if (batch.state !== 'CANCELLED' || batch.endedAt !== null) return { ended: undefined, lines: [] };
      const lines = await manager.query<Place[]>(
        `SELECT line, due_at::text AS "dueAt" FROM ${ITEMS} WHERE batch_id = $1 AND state = 'PENDING'
         AND (due_at, line) > ($3::timestamptz, $4::int) ORDER BY due_at, line LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [batchId, SWEEP, dueAt, line],
      );
      const lost = await manager.query<Line[]>(
        `SELECT line FROM ${ITEMS} WHERE batch_id = $1 AND state = 'RUNNING'
         AND leased_until < now() - $2 * interval '1 ms' FOR UPDATE SKIP LOCKED`,
        [batchId, SETTLED_AFTER_MS],
      );
      const open = [...lines, ...lost];
      const [ended] = await manager.query<[Ended[], number]>(
        `UPDATE ${ITEMS} i SET state = CASE WHEN EXISTS (${ON_RECORD}) THEN 'DELETED' ELSE 'CANCELLED' END,
           (deletion_id, total_rows) = (${ON_RECORD}), seq = $2::bigint + (${endOf('position')})::bigint,
           finished_at = clock_timestamp(), code = NULL, detail = NULL, leased_by = NULL, leased_until = NULL
         WHERE i.batch_id = $1 AND i.line = ANY ($4)
         RETURNING i.state, i.total_rows AS "totalRows"`,
        [
          batchId,
          batch.lastSeq,
          keyOf(batchId),
          open.map(({ line }) => line),
          byLine(
            open.map((item) => ({ item })),
            (_, index) => ({ position: index + 1 }),
          ),
        ],
      );
      return { ended: await endedWith(manager, batch, ended, ended.length), lines };
    });
    this.goOn(batchId, lines, SWEEP);
    return { ended, more: lines.length === SWEEP };
  }

  private placeIn(batchId: string): Place {
    return this.searched.get(batchId) ?? FRONT;
  }

  /**
   * Has the next search begin where this one has ended. A line that has left the queue stays in its index until VACUUM
   * comes: whoever began at the front each time would step over all of them. What was locked here, or is put back with
   * an earlier place by another process, is found by the search behind the one that comes to the end.
   */
  private goOn(batchId: string, found: readonly Place[], limit: number): void {
    const last = found.at(-1);
    if (last === undefined || found.length < limit) this.searched.delete(batchId);
    else this.searched.set(batchId, { dueAt: last.dueAt, line: last.line });
  }
}

interface Line {
  readonly line: number;
}

/** A place in the queue of a batch, in whose order lines are taken. */
interface Place extends Line {
  /** As the database writes it, to the microsecond. */
  readonly dueAt: string;
}

const FRONT: Place = { dueAt: '-infinity', line: 0 };

/** What is on record of `item i` under the key of its batch, the third parameter. */
const ON_RECORD = `SELECT d.deletion_id, d.total_rows FROM patient.sharded_patient_deletion d
  WHERE d.${PATIENT_ID} = i.${PATIENT_ID} AND d.idempotency_key = $3 AND d.state = 'DELETED'`;

/** Something of what `item i` has come to, as {@link byLine} has put it into the fifth parameter. */
function endOf(name: string): string {
  return `$5::jsonb -> i.line::text ->> '${name}'`;
}

/** A JSON object with something for each line, by its number. */
function byLine<T extends { readonly item: Line }>(
  all: readonly T[],
  valueOf: (one: T, index: number) => object,
): string {
  return JSON.stringify(Object.fromEntries(all.map((one, index) => [one.item.line, valueOf(one, index)])));
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
  if (ended.length === 0 || !(await addEnded(manager, batch, figuresOf(ended), seqs))) return undefined;
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
    `UPDATE ${ITEMS} i SET state = 'PENDING', due_at = clock_timestamp() + (${endOf('waitMs')})::int * interval '1 ms',
       attempts = i.attempts - (${endOf('uncounted')})::int, code = ${endOf('code')}, leased_by = NULL,
       leased_until = NULL
     WHERE i.batch_id = $1 AND i.line = ANY ($4) AND i.leased_by = $2 AND $3::text IS NULL
     RETURNING i.line`,
    [
      batchId,
      by,
      null,
      later.map(({ item }) => item.line),
      byLine(later, ({ end }) => ({ waitMs: end.waitMs, uncounted: end.isAttempt ? 0 : 1, code: end.code })),
    ],
  );
  return rows;
}
