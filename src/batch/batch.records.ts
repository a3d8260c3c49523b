import type { DeletionReason, LegalBasis, Requester } from '../common/index.js';
import { type BatchState, type Counts, type ItemState, SENTENCES } from './batch.states.js';
import { PATIENT_ID } from '../shards/index.js';

/** What is asked for, and who asks. */
export interface BatchOrder extends Requester {
  readonly reason: DeletionReason;
  readonly legalBasis: LegalBasis;
  /** Whether every patient is only previewed. */
  readonly dryRun: boolean;
  readonly requestId: string;
  /** Makes a repeat of the request safe: it gets the batch that is there. */
  readonly idempotencyKey?: string | undefined;
}

/** A batch as it is stored. */
export interface BatchRow extends Omit<BatchOrder, 'idempotencyKey'> {
  readonly batchId: string;
  readonly state: BatchState;
  /** The dry run that this batch carries out; null where it was made of a list. */
  readonly dryRunId: string | null;
  /** The batch that carries out this dry run; null where there is none. */
  readonly executionId: string | null;
  readonly requestedAt: Date;
  readonly lines: number;
  /** Lines that have come to an end. */
  readonly finished: number;
  readonly counts: Counts;
  /** Rows of all shards: deleted, or in a dry run to be deleted. A bigint in decimal. */
  readonly totalRows: string;
  /** Number of the newest outcome; a bigint in decimal. */
  readonly lastSeq: string;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** A batch and how it goes. */
export interface BatchView extends BatchRow {
  /** Lines that a worker has in hand. */
  readonly running: number;
  /** Patients a minute, of the last minute at most; null where nothing moves. */
  readonly ratePerMinute: number | null;
  /** At this rate; null where it is not known. */
  readonly secondsLeft: number | null;
}

/** One line of a batch. */
export interface ItemView {
  readonly line: number;
  /** Null where the line names no patient. */
  readonly patientId: string | null;
  /** Of a duplicate: the line on which the patient stands first. */
  readonly firstLine: number | null;
  readonly state: ItemState;
  /** Code of the error, where there was one. */
  readonly code: string | null;
  /** One sentence for people. */
  readonly detail: string;
  readonly deletionId: string | null;
  readonly totalRows: number | null;
  readonly attempts: number;
  readonly finishedAt: Date | null;
  /** Order in which the lines came to their ends; null before. A bigint in decimal. */
  readonly seq: string | null;
}

export const BATCHES = 'patient.sharded_deletion_batch';
export const ITEMS = 'patient.sharded_deletion_batch_item';

export const BATCH_COLUMNS = `b.batch_id AS "batchId", b.state, b.dry_run AS "dryRun", b.dry_run_id AS "dryRunId",
  (SELECT e.batch_id FROM ${BATCHES} e WHERE e.dry_run_id = b.batch_id) AS "executionId", b.reason,
  b.legal_basis AS "legalBasis", b.requested_by AS "requestedBy", b.requested_role AS "requestedRole",
  b.requested_via AS "requestedVia",
  b.requested_at AS "requestedAt", b.request_id AS "requestId", b.lines, b.finished, b.counts,
  b.total_rows AS "totalRows", b.last_seq AS "lastSeq", b.started_at AS "startedAt", b.ended_at AS "endedAt"`;

/**
 * Of `item i`. The patient of a duplicate stands on its first line, which is looked up by itself: joined, the whole list
 * might be read once for every line. By the order of the lines alone: whatever the planner takes the list for, only the
 * primary key has it (see onList), where another index of the batch would be read whole for each line.
 */
export const ITEM_COLUMNS = `i.line, coalesce(i.${PATIENT_ID}, (SELECT f.${PATIENT_ID} FROM ${ITEMS} f
    WHERE f.batch_id = i.batch_id AND f.line >= i.first_line ORDER BY f.line LIMIT 1)) AS "patientId", i.first_line AS "firstLine",
  i.state, i.code, i.detail, i.deletion_id AS "deletionId", i.total_rows AS "totalRows", i.attempts,
  i.finished_at AS "finishedAt", i.seq`;

/** An item as the database answers it. */
export type ItemRow = Omit<ItemView, 'detail' | 'totalRows'> & {
  readonly detail: string | null;
  readonly totalRows: string | null;
};

export function itemOf(row: ItemRow): ItemView {
  const { state, firstLine, totalRows } = row;
  const sentence =
    state === 'DUPLICATE' ? `The patient stands on line ${firstLine ?? 0} already.` : SENTENCES[state];
  return { ...row, detail: row.detail ?? sentence, totalRows: totalRows === null ? null : Number(totalRows) };
}

/** The idempotency key under which every patient of a batch is deleted; a key belongs to a patient (ADR 5). */
export function keyOf(batchId: string): string {
  return `batch:${batchId}`;
}

/** The requester of a batch. */
export function requesterOf({ requestedBy, requestedRole, requestedVia }: Requester): Requester {
  return { requestedBy, requestedRole, requestedVia };
}
