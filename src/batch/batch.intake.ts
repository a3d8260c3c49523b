import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { inTransaction } from '../postgres/index.js';
import { v7 as uuidv7 } from 'uuid';
import { IdempotencyKeyReused } from '../orchestrator/index.js';
import { RequestInProgress } from '../patient/index.js';
import { sqlstateOf } from '../common/index.js';
import { BatchStateConflict, ListUnreadable } from './batch.errors.js';
import { addEnded, type Ended, lockBatch } from './batch.progress.js';
import { BATCHES, type BatchOrder, ITEMS } from './batch.records.js';
import type { Entry, PatientList } from './patient.list.js';
import { PATIENT_ID } from '../shards/index.js';

const PIECE = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** A batch that is there now. */
export interface Taken {
  readonly batchId: string;
  /** Whether an earlier request had made it. */
  readonly replayed: boolean;
}

/** Stores new batches: whole, or not at all. */
@Injectable()
export class BatchIntake {
  constructor(private readonly manager: EntityManager) {}

  /**
   * Makes a batch of a list. Lines without an id and repeated ones are outcomes from the start.
   *
   * @throws ListUnreadable where the list is empty
   * @throws IdempotencyKeyReused, RequestInProgress
   */
  async take(order: BatchOrder, list: PatientList): Promise<Taken> {
    if (list.length === 0) throw new ListUnreadable('it is empty');
    const digest = order.idempotencyKey === undefined ? null : digestOf(order, list);
    return inTransaction(this.manager, async (manager) => {
      const batchId = await insertBatch(manager, order, { lines: list.length, digest });
      if (batchId === undefined) return { batchId: await earlier(manager, order, digest), replayed: true };
      const ended: Ended[] = [];
      for (const piece of list.pieces(PIECE)) await insertPiece(manager, batchId, piece, ended);
      await addEnded(manager, await lockBatch(manager, batchId), ended, ended.length);
      return { batchId, replayed: false };
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
    return inTransaction(this.manager, async (manager) => {
      const rehearsal = await lockBatch(manager, dryRunId);
      if (!rehearsal.dryRun) throw new BatchStateConflict('This batch is no dry run: it deletes by itself.');
      // Read under the lock, by a statement of its own: the one that waited for it sees what was before.
      const [execution] = await manager.query<{ batchId: string }[]>(
        `SELECT batch_id AS "batchId" FROM ${BATCHES} WHERE dry_run_id = $1`,
        [dryRunId],
      );
      if (execution !== undefined) return { ...execution, replayed: true };
      if (rehearsal.state !== 'COMPLETED')
        throw new BatchStateConflict(
          `The dry run is ${rehearsal.state}; only one that is COMPLETED can be carried out.`,
        );
      const { reason, legalBasis, lines, counts } = rehearsal;
      const unusable = (counts.INVALID ?? 0) + (counts.DUPLICATE ?? 0);
      const batchId =
        (await insertBatch(manager, { ...order, reason, legalBasis, dryRun: false }, { lines, dryRunId })) ??
        '';
      await copyItems(manager, dryRunId, batchId);
      const kept = [
        ...Array.from({ length: counts.INVALID ?? 0 }, () => ({ state: 'INVALID' as const })),
        ...Array.from({ length: counts.DUPLICATE ?? 0 }, () => ({ state: 'DUPLICATE' as const })),
      ];
      await addEnded(manager, await lockBatch(manager, batchId), kept, unusable);
      return { batchId, replayed: false };
    });
  }
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
         requested_role, requested_at, request_id, idempotency_key, request_digest, lines, finished, counts,
         total_rows, last_seq)
       VALUES ($1, 'RUNNING', $2, $3, $4, $5, $6, $7, now(), $8, $9, $10, $11, 0, '{}', 0, 0)
       ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING batch_id AS "batchId"`,
      [
        uuidv7(),
        order.dryRun,
        dryRunId ?? null,
        order.reason,
        order.legalBasis,
        order.requestedBy,
        order.requestedRole,
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

/** Adds lines; those that name a patient for the second time meet the first in the database itself. */
async function insertPiece(
  manager: EntityManager,
  batchId: string,
  piece: readonly Entry[],
  ended: Ended[],
): Promise<void> {
  const named = piece.filter(({ patientId }) => patientId !== null);
  const inserted = await manager.query<{ line: number }[]>(
    `INSERT INTO ${ITEMS} (batch_id, line, ${PATIENT_ID}, state, attempts, due_at)
     SELECT $1, line, ${PATIENT_ID}, 'PENDING', 0, now() FROM unnest($2::int[], $3::uuid[]) AS given (line, ${PATIENT_ID})
     ORDER BY line ON CONFLICT (batch_id, ${PATIENT_ID}) DO NOTHING RETURNING line`,
    [batchId, named.map(({ line }) => line), named.map(({ patientId }) => patientId)],
  );
  if (inserted.length === piece.length) return;
  const first = new Set(inserted.map(({ line }) => line));
  const others = piece.filter(({ line }) => !first.has(line));
  await manager.query(
    `INSERT INTO ${ITEMS} (batch_id, line, first_line, state, detail, attempts, due_at, seq, finished_at)
     SELECT $1, given.line, f.line, CASE WHEN given.${PATIENT_ID} IS NULL THEN 'INVALID' ELSE 'DUPLICATE' END,
       nullif(given.reason, ''), 0, now(), $2::bigint + position, now()
     FROM unnest($3::int[], $4::uuid[], $5::text[]) WITH ORDINALITY AS given (line, ${PATIENT_ID}, reason, position)
     LEFT JOIN ${ITEMS} f ON f.batch_id = $1 AND f.${PATIENT_ID} = given.${PATIENT_ID}`,
    [
      batchId,
      ended.length,
      others.map(({ line }) => line),
      others.map(({ patientId }) => patientId),
      others.map(({ reason }) => reason),
    ],
  );
  for (const { patientId } of others) ended.push({ state: patientId === null ? 'INVALID' : 'DUPLICATE' });
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

/** What tells a repeat from another request with the same key. */
function digestOf({ reason, legalBasis, dryRun }: BatchOrder, list: PatientList): string {
  const hash = createHash('sha256').update(JSON.stringify([reason, legalBasis, dryRun]));
  for (const piece of list.pieces(PIECE))
    hash.update(JSON.stringify(piece.map(({ line, patientId }) => [line, patientId])));
  return hash.digest('hex');
}
