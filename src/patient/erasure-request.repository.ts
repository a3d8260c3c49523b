import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline } from '../postgres/index.js';
import { namesOfChanged, PATIENT_ID } from '../shards/index.js';
import { type StandingRequest, standingRequests } from './erasure-request.states.js';
import type { ErasureRequest } from './erasure-request.entity.js';
import { writeRecord } from './kept.record.js';
import { lockedStateOf } from './patient.lock.js';

const TABLE = 'sharded_erasure_request';
const REQUESTS = `patient.${TABLE}`;

const KEY = [PATIENT_ID, 'erasure_request_id'];
const RECORDED = ['received_on', 'channel', 'recorded_by', 'recorded_event_id'];
const EXTENSION = ['extension_reason', 'extended_by', 'extended_at', 'extended_event_id'];
const CLOSING = ['closed_as', 'closing_ground', 'closed_by', 'closed_at', 'closed_event_id'];

const INSERTED = [...KEY, 'recorded_at', ...RECORDED, ...EXTENSION, ...CLOSING];
const RECORD = `INSERT INTO ${REQUESTS} (${INSERTED.join(', ')}) VALUES (${INSERTED.map((_, at) => `$${at + 1}`).join(', ')})
  RETURNING ${namesOfChanged(INSERTED)}`;
/** The same but for when it was recorded: that may be finer than a time of JavaScript. */
const ANSWERED = INSERTED.filter((column) => column !== 'recorded_at');
const answer = (columns: readonly string[]) => {
  const set = ANSWERED.flatMap((column, at) => (columns.includes(column) ? [`${column} = $${at + 1}`] : []));
  return `UPDATE ${REQUESTS} SET ${set.join(', ')} WHERE ${PATIENT_ID} = $1 AND erasure_request_id = $2
    RETURNING ${namesOfChanged(ANSWERED)}`;
};
const EXTEND = answer(EXTENSION);
const CLOSE = answer(CLOSING);

/** One after the other, also where the patient is hidden and his row cannot be locked: until this transaction ends. */
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('silgi erasure requests ' || $1, 0))`;

/** What is known of the patient under the lock, which a hidden one does not have; `deletionId` where a deletion of Silgi's hides him. */
export interface AskedPatient {
  readonly isThere: boolean;
  readonly isHidden: boolean;
  readonly deletionId: string | null;
}

/** Records requests of data subjects, and what is answered to them but for a deletion. */
@Injectable()
export class ErasureRequestRepository {
  /**
   * Takes the lock that a deletion takes (RELIABILITY rule 1): one that names a request finds it as it is, or is there when
   * it is answered.
   */
  async lock(manager: EntityManager, patientId: string): Promise<AskedPatient> {
    await runInPipeline(manager, [{ text: TAKE_TURNS, values: [patientId], table: TABLE }]);
    const state = await lockedStateOf(manager, patientId, 'FOR NO KEY UPDATE');
    const [isDeleted, deletionId] = state ?? [];
    const isHidden = isDeleted === 't';
    return { isThere: state !== undefined, isHidden, deletionId: isHidden ? (deletionId ?? null) : null };
  }

  /** Every request of the patient, closed ones too, the oldest first. */
  ofPatient(manager: EntityManager, patientId: string, today: string): Promise<StandingRequest[]> {
    const text = standingRequests(`WHERE ${PATIENT_ID} = $2 ORDER BY erasure_request_id`);
    return manager.query<StandingRequest[]>(text, [today, patientId]);
  }

  /** @throws TableFailure where it was not kept, or otherwise than it was written */
  async record(manager: EntityManager, request: Readonly<ErasureRequest>): Promise<void> {
    await keep(manager, RECORD, INSERTED, request);
  }

  /**
   * @param request as it is to be, with its extension
   * @throws TableFailure where it was not kept so
   */
  async extend(manager: EntityManager, request: Readonly<ErasureRequest>): Promise<void> {
    await keep(manager, EXTEND, ANSWERED, request);
  }

  /**
   * @param request as it is to be, refused or withdrawn
   * @throws TableFailure where it was not kept so
   */
  async close(manager: EntityManager, request: Readonly<ErasureRequest>): Promise<void> {
    await keep(manager, CLOSE, ANSWERED, request);
  }

  /**
   * Learns whether what was written with a COMMIT that was never acknowledged has committed (RELIABILITY rule 11): the
   * lock waits until the server knows. The caller rolls this transaction back.
   *
   * @param eventId of the audit event that went with it
   */
  async hasCommitted(manager: EntityManager, patientId: string, eventId: string): Promise<boolean> {
    await this.lock(manager, patientId);
    const [[found] = []] = await runInPipeline(manager, [
      {
        text: `SELECT FROM ${REQUESTS} WHERE ${PATIENT_ID} = $1 AND $2 IN (recorded_event_id, extended_event_id, closed_event_id)`,
        values: [patientId, eventId],
        table: TABLE,
      },
    ]);
    return found !== undefined;
  }
}

async function keep(
  manager: EntityManager,
  text: string,
  columns: readonly string[],
  request: Readonly<ErasureRequest>,
): Promise<void> {
  const written: Readonly<Record<string, string | null>> = {
    [PATIENT_ID]: request.patientId,
    erasure_request_id: request.erasureRequestId,
    received_on: request.receivedOn,
    channel: request.channel,
    recorded_by: request.recordedBy,
    recorded_at: request.recordedAt.toISOString(),
    recorded_event_id: request.recordedEventId,
    extension_reason: request.extensionReason,
    extended_by: request.extendedBy,
    extended_at: request.extendedAt?.toISOString() ?? null,
    extended_event_id: request.extendedEventId,
    closed_as: request.closedAs,
    closing_ground: request.closingGround,
    closed_by: request.closedBy,
    closed_at: request.closedAt?.toISOString() ?? null,
    closed_event_id: request.closedEventId,
  };
  const values = columns.map((column) => written[column] ?? null);
  await writeRecord(manager, { text, values, table: TABLE, what: 'The erasure request' });
}
