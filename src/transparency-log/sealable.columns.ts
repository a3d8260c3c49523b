import { PATIENT_ID } from '../shards/index.js';

/** A timestamptz in UTC, ISO 8601, with three digits of a second, or six where the last three are not 0. */
const moment = (column: string) => `CASE WHEN ${column} < '0001-01-01T00:00:00Z' THEN '-' ELSE '' END
    || regexp_replace(to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '000$', '') || 'Z'`;

/**
 * The columns of `audit.sharded_audit_event e` as a SealableEvent, with the time to the microsecond. `YYYY` has no
 * sign: without one, the same time before our era would read the same.
 */
export const SEALABLE_COLUMNS = `
  e.${PATIENT_ID} AS "patientId", e.audit_event_id AS "auditEventId", e.action, e.actor, e.actor_role AS "actorRole",
  e.reason, e.legal_basis AS "legalBasis", e.deletion_id AS "deletionId", e.purged, e.failure,
  e.request_id AS "requestId", e.salt, e.actor_source AS "actorSource",
  ${moment('e.requested_at')} AS "requestedAt", ${moment('e.occurred_at')} AS "occurredAt"`;
