import { PATIENT_ID } from '../shards/index.js';
import type { ErasureRequest } from './erasure-request.entity.js';

/** DEFERRED waits for a legal hold. FULFILLED lasts as long as the deletion; REFUSED and WITHDRAWN are final. */
export const REQUEST_STATES = ['OPEN', 'DEFERRED', 'FULFILLED', 'REFUSED', 'WITHDRAWN'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** A request as it stands on some day. */
export interface StandingRequest extends ErasureRequest {
  readonly state: RequestState;
  /** The day by which it has to be answered, as 2026-12-30. */
  readonly dueOn: string;
  /** Open, and that day is over. One that waits for a hold is not. */
  readonly overdue: boolean;
  /** The deletion that hides the patient, whether it names the request or not; null where none does. */
  readonly deletionId: string | null;
  readonly deletedAt: Date | null;
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
 * patient, whether it names the request or not, and open again once that is undone, unless he has withdrawn it; it waits
 * while a hold stands, and is open again once that is released.
 *
 * @param rest conditions and order: a request is `r`, its state `state`, and `overdue` says whether it is. Parameter: $1
 *   the day in the zone of the controller
 */
export const standingRequests = (rest: string): string => `
  SELECT ${DATA.map((column) => `r.${column}`).join(', ')},
    state, due_on::text AS "dueOn", overdue, "deletionId", "deletedAt"
  FROM (
    SELECT r.*, s.state, s.state = 'OPEN' AND r.due_on < $1::date AS overdue,
      d.deletion_id AS "deletionId", d.deleted_at AS "deletedAt"
    FROM patient.sharded_erasure_request r
    LEFT JOIN LATERAL (SELECT deletion_id, deleted_at FROM ${DELETIONS}
      WHERE ${PATIENT_ID} = r.${PATIENT_ID} AND state IN ('DELETED', 'DESTROYED') ORDER BY deletion_id DESC LIMIT 1) d ON true
    CROSS JOIN LATERAL (SELECT CASE
        WHEN r.closed_as IS NOT NULL THEN r.closed_as
        WHEN EXISTS (SELECT FROM ${DELETIONS} WHERE ${PATIENT_ID} = r.${PATIENT_ID}
          AND restoration_reason = 'REQUEST_WITHDRAWN' AND restored_at >= r.recorded_at) THEN 'WITHDRAWN'
        WHEN d.deletion_id IS NOT NULL THEN 'FULFILLED'
        WHEN EXISTS (SELECT FROM ${HOLDS} WHERE ${PATIENT_ID} = r.${PATIENT_ID} AND released_at IS NULL) THEN 'DEFERRED'
        ELSE 'OPEN' END AS state) s
  ) r ${rest}`;
