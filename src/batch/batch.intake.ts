import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { IdempotencyKeyReused } from '../orchestrator/index.js';
import { RequestInProgress } from '../patient/index.js';
import { sqlstateOf } from '../common/index.js';
import { BatchStateConflict, ListUnreadable } from './batch.errors.js';
import { addEnded, lockBatch, viewOf } from './batch.progress.js';
import { BATCHES, type BatchOrder, type BatchView, ITEMS } from './batch.records.js';
import { ofPseudonyms } from './list.of.keys.js';
import { onList } from './list.transaction.js';
import type { Entry, PatientList } from './patient.list.js';
import { PATIENT_ID } from '../shards/index.js';

const PIECE = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** A batch that is there now. */
export interface Taken {
  readonly batchId: string;
  /** Read before the commit: what cannot be shown is not made either (RELIABILITY rule 30). */
  readonly batch: BatchView;
  /** Whether an earlier request had made it. */
  readonly replayed: boolean;
}

/** Stores new batches: whole, or not at all. */
@Injectable()
export class BatchIntake {
  constructor(private readonly manager: EntityManager) {}

  /**
   * Makes a batch of a list of ids or of keys. Lines without one, keys that nobody has and repeated patients are outcomes
   * from the start.
   *
   * @throws ListUnreadable where the list is empty, or of keys where no declaration is in force
   * @throws IdempotencyKeyReused, RequestInProgress
   */
  async take(order: BatchOrder, given: PatientList): Promise<Taken> {
    if (given.length === 0) throw new ListUnreadable('it is empty');
    const list = await ofPseudonyms(this.manager, given);
    const digest = order.idempotencyKey === undefined ? null : await digestOf(order, list);
    return onList(this.manager, async (manager) => {
      const batchId = await insertBatch(manager, order, { lines: list.length, digest });
      if (batchId === undefined) return taken(manager, await earlier(manager, order, digest), true);
      const unusable = { INVALID: 0, DUPLICATE: 0 };
      for (const piece of list.pieces(PIECE)) await insertPiece(manager, batchId, piece, unusable);
      await addUnusable(manager, batchId, unusable);
      return taken(manager, batchId, false);
    });
  }

  /**
   * Makes the batch that carries out a dry run, with the same list. A dry run is carried out once: asked again, the
   * batch that is there is found.
   *
   * @throws BatchNotFound
   * @throws BatchStateConflict where this is no dry run, or it has not been completed
   */
  async execute(
    dryRunId: string,
    order: Omit<BatchOrder, 'reason' | 'legalBasis' | 'dryRun'>,
  ): Promise<Taken> {
    return onList(this.manager, async (manager) => {
      const rehearsal = await lockBatch(manager, dryRunId);
      if (!rehearsal.dryRun) throw new BatchStateConflict('This batch is no dry run: it deletes by itself.');
      // Read under the lock, by a statement of its own: the one that waited for it sees what was before.
      const [execution] = await manager.query<{ batchId: string }[]>(
        `SELECT batch_id AS "batchId" FROM ${BATCHES} WHERE dry_run_id = $1`,
        [dryRunId],
      );
      if (execution !== undefined) return taken(manager, execution.batchId, true);
      if (rehearsal.state !== 'COMPLETED')
        throw new BatchStateConflict(
          `The dry run is ${rehearsal.state}; only one that is COMPLETED can be carried out.`,
        );
      const { reason, legalBasis, lines, counts } = rehearsal;
      const batchId =
        (await insertBatch(manager, { ...order, reason, legalBasis, dryRun: false }, { lines, dryRunId })) ??
        '';
      await copyItems(manager, dryRunId, batchId);
      const { INVALID = 0, DUPLICATE = 0 } = counts;
      await addUnusable(manager, batchId, { INVALID, DUPLICATE });
      return taken(manager, batchId, false);
    });
  }
}

async function taken(manager: EntityManager, batchId: string, replayed: boolean): Promise<Taken> {
  return { batchId, replayed, batch: await viewOf(manager, batchId) };
}

/** @returns undefined where the requester has a batch under the same idempotency key */
async function insertBatch(
  manager: EntityManager,
  order: BatchOrder,
  { lines, digest, dryRunId }: { lines: number; digest?: string | null; dryRunId?: string },
): Promise<string | undefined> {
  // A request that holds the key is waited for a quarter of a second, as a deletion is.
  await manager.query(`SET LOCAL lock_timeout = '250ms'`);
  try {
    const [row] = await manager.query<{ batchId: string }[]>(
      `INSERT INTO ${BATCHES} (batch_id, state, dry_run, dry_run_id, reason, legal_basis, requested_by,
         requested_role, requested_via, requested_at, request_id, idempotency_key, request_digest, lines, finished,
         counts, total_rows, last_seq)
       VALUES ($1, 'RUNNING', $2, $3, $4, $5, $6, $7, $8, now(), $9, $10, $11, $12, 0, '{}', 0, 0)
       ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING batch_id AS "batchId"`,
      [
        uuidv7(),
        order.dryRun,
        dryRunId ?? null,
        order.reason,
        order.legalBasis,
        order.requestedBy,
        order.requestedRole,
        order.requestedVia,
        order.requestId,
        order.idempotencyKey ?? null,
        digest ?? null,
        lines,
      ],
    );
    return row?.batchId;
  } catch (error) {
    throw sqlstateOf(error) === LOCK_NOT_AVAILABLE ? new RequestInProgress() : error;
  }
}

async function earlier(manager: EntityManager, order: BatchOrder, digest: string | null): Promise<string> {
  const [row] = await manager.query<{ batchId: string; digest: string | null }[]>(
    `SELECT batch_id AS "batchId", request_digest AS digest FROM ${BATCHES}
     WHERE requested_by = $1 AND idempotency_key = $2`,
    [order.requestedBy, order.idempotencyKey],
  );
  if (row?.digest !== digest) throw new IdempotencyKeyReused();
  return row.batchId;
}

/** How many lines of a new batch name nobody, or one that stands on an earlier line. */
interface Unusable {
  INVALID: number;
  DUPLICATE: number;
}

async function addUnusable(manager: EntityManager, batchId: string, counts: Unusable): Promise<void> {
  const batch = await lockBatch(manager, batchId);
  await addEnded(manager, batch, { counts, totalRows: 0 }, counts.INVALID + counts.DUPLICATE);
}

/**
 * Adds lines; those that name a patient for the second time meet the first in the database itself. The first is looked
 * up by the patient alone: IS NOT DISTINCT FROM keeps the planner from reading the batch for it.
 */
async function insertPiece(
  manager: EntityManager,
  batchId: string,
  piece: readonly Entry[],
  unusable: Unusable,
): Promise<void> {
  const named = piece.filter(({ patientId }) => patientId !== null);
  const inserted = await manager.query<{ line: number }[]>(
    `INSERT INTO ${ITEMS} (batch_id, line, ${PATIENT_ID}, state, attempts, due_at)
     SELECT $1, line, ${PATIENT_ID}, 'PENDING', 0, now() FROM unnest($2::int[], $3::uuid[]) AS given (line, ${PATIENT_ID})
     ORDER BY line ON CONFLICT (${PATIENT_ID}, batch_id) DO NOTHING RETURNING line`,
    [batchId, named.map(({ line }) => line), named.map(({ patientId }) => patientId)],
  );
  if (inserted.length === piece.length) return;
  const first = new Set(inserted.map(({ line }) => line));
  const others = piece.filter(({ line }) => !first.has(line));
  await manager.query(
    `INSERT INTO ${ITEMS} (batch_id, line, first_line, state, detail, attempts, due_at, seq, finished_at)
     SELECT $1, given.line,
       (SELECT f.line FROM ${ITEMS} f
        WHERE f.${PATIENT_ID} = given.${PATIENT_ID} AND f.batch_id IS NOT DISTINCT FROM $1), CASE WHEN given.${PATIENT_ID} IS NULL THEN 'INVALID' ELSE 'DUPLICATE' END,
       nullif(given.reason, ''), 0, now(), $2::bigint + position, now()
     FROM unnest($3::int[], $4::uuid[], $5::text[]) WITH ORDINALITY AS given (line, ${PATIENT_ID}, reason, position)`,
    [
      batchId,
      unusable.INVALID + unusable.DUPLICATE,
      others.map(({ line }) => line),
      others.map(({ patientId }) => patientId),
      others.map(({ reason }) => reason),
    ],
  );
  for (const { patientId } of others) unusable[patientId === null ? 'INVALID' : 'DUPLICATE'] += 1;
}

/** What could not be used keeps its number: it was given out first. */
async function copyItems(manager: EntityManager, from: string, to: string): Promise<void> {
  const [last] = await manager.query<{ line: number | null }[]>(
    `SELECT max(line) AS line FROM ${ITEMS} WHERE batch_id = $1`,
    [from],
  );
  for (let line = 0; line <= (last?.line ?? 0); line += PIECE)
    await manager.query(
      `INSERT INTO ${ITEMS} (batch_id, line, ${PATIENT_ID}, first_line, state, detail, attempts, due_at, seq, finished_at)
       SELECT $2, line, ${PATIENT_ID}, first_line, CASE WHEN unusable THEN state ELSE 'PENDING' END,
         CASE WHEN unusable THEN detail END, 0, now(), CASE WHEN unusable THEN seq END,
         CASE WHEN unusable THEN now() END
       FROM (SELECT *, state IN ('INVALID', 'DUPLICATE') AS unusable FROM ${ITEMS}) i
       WHERE batch_id = $1 AND line > $3 AND line <= $4 ORDER BY line`,
      [from, to, line, line + PIECE],
    );
}

/** What tells a repeat from another request with the same key. Others have their turn between the pieces. */
async function digestOf({ reason, legalBasis, dryRun }: BatchOrder, list: PatientList): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([reason, legalBasis, dryRun]));
  for (const piece of list.pieces(PIECE)) {
    hash.update(JSON.stringify(piece.map(({ line, patientId }) => [line, patientId])));
    await setImmediate();
  }
  return hash.digest('hex');
}
