import { PATIENT_ID } from '../shards/index.js';
import type { ErasureRequest } from './erasure-request.entity.js';

/** DEFERRED waits for a legal hold. The others are final, as long as no deletion is undone. */
export const REQUEST_STATES = ['OPEN', 'DEFERRED', 'FULFILLED', 'REFUSED', 'WITHDRAWN'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** A request as it stands on some day. */
export interface StandingRequest extends ErasureRequest {
  readonly state: RequestState;
  /** The day by which it has to be answered, as 2026-12-30. */
  readonly dueOn: string;
  /** Open, and that day is over. */
  readonly overdue: boolean;
  /** The deletion that hides the patient, whether it names the request or not; null where none does. */
  readonly deletionId: string | null;
  readonly deletedAt: Date | null;
}

/** Which day it is, and in which zone days begin. */
export interface Today {
  readonly today: string;
  readonly zone: string;
}

const HOLDS = 'patient.sharded_legal_hold';
const DELETIONS = 'patient.sharded_patient_deletion';
const DATA = [
  ...[`${PATIENT_ID} AS "patientId"`, 'erasure_request_id AS "erasureRequestId"', 'channel'],
  ...['received_on::text AS "receivedOn"', 'recorded_by AS "recordedBy"', 'recorded_at AS "recordedAt"'],
  ...['recorded_event_id AS "recordedEventId"', 'extension_reason AS "extensionReason"'],
  ...['extended_by AS "extendedBy"', 'extended_at AS "extendedAt"', 'extended_event_id AS "extendedEventId"'],
  ...['closed_as AS "closedAs"', 'closing_ground AS "closingGround"', 'closed_by AS "closedBy"'],
  ...['closed_at AS "closedAt"', 'closed_event_id AS "closedEventId"'],
];

/**
 * Requests, with what has become of them. Nothing of it is stored: a request is fulfilled while a deletion hides the
 * patient, whether it names the request or not, and open again once that is undone, unless he has withdrawn it. It waits
 * while a hold stands, and is due again, on the day of the release at the earliest, where the hold kept it from being
 * answered in time.
 *
 * @param rest conditions and order: a request is `r`, its state `state`, its day `due`, and `overdue` says whether it is.
 *   Parameters: $1 the zone, $2 the day
 */
export const standingRequests = (rest: string): string => `
  SELECT ${DATA.map((column) => `r.${column}`).join(', ')},
    state, due::text AS "dueOn", overdue, "deletionId", "deletedAt"
  FROM (
    SELECT r.*, s.state, s.due, s.state = 'OPEN' AND s.due < $2::date AS overdue,
      d.deletion_id AS "deletionId", d.deleted_at AS "deletedAt"
    FROM patient.sharded_erasure_request r
    LEFT JOIN LATERAL (SELECT deletion_id, deleted_at FROM ${DELETIONS}
      WHERE ${PATIENT_ID} = r.${PATIENT_ID} AND state = 'DELETED' ORDER BY deletion_id DESC LIMIT 1) d ON true
    CROSS JOIN LATERAL (SELECT coalesce(bool_or(released_at IS NULL), false) AS stands,
        max((released_at AT TIME ZONE $1)::date) FILTER (WHERE (placed_at AT TIME ZONE $1)::date <= r.due_on) AS released_on
      FROM ${HOLDS} WHERE ${PATIENT_ID} = r.${PATIENT_ID}) h
    CROSS JOIN LATERAL (SELECT greatest(r.due_on, h.released_on) AS due, CASE
        WHEN r.closed_as IS NOT NULL THEN r.closed_as
        WHEN d.deletion_id IS NOT NULL THEN 'FULFILLED'
        WHEN EXISTS (SELECT FROM ${DELETIONS} WHERE ${PATIENT_ID} = r.${PATIENT_ID}
          AND restoration_reason = 'REQUEST_WITHDRAWN' AND restored_at >= r.recorded_at) THEN 'WITHDRAWN'
        WHEN h.stands THEN 'DEFERRED' ELSE 'OPEN' END AS state) s
  ) r ${rest}`;
