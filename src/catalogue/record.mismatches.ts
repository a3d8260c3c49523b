import { IS_DELETED, PATIENT_ID } from '../shards/index.js';

const RECORDED = 'SYSTEM_RECORD_ERASURE_REQUEST';
const EXTENDED = 'SYSTEM_EXTEND_ERASURE_REQUEST';
const REFUSED = 'SYSTEM_REFUSE_ERASURE_REQUEST';
const WITHDRAWN = 'SYSTEM_WITHDRAW_ERASURE_REQUEST';

/** A condition: the event that a record `h` names of its placing, its release or whatever it is, is in the log, and says the same. */
const hasEvent = (of: string, action: string, ground: string) =>
  `EXISTS (SELECT FROM audit.sharded_audit_event e WHERE e.${PATIENT_ID} = h.${PATIENT_ID}
    AND e.audit_event_id = h.${of}_event_id AND e.action = '${action}' AND e.reason = h.${ground} AND e.actor = h.${of}_by
    AND e.occurred_at = h.${of}_at)`;

/** Records and events that do not match (RELIABILITY N1 to N3), each as a count. */
export const mismatchesWith = (marks: string) => `
  SELECT 'DELETION_WITHOUT_AUDIT_EVENT' AS what, count(*) AS rows FROM patient.sharded_patient_deletion d
  WHERE NOT EXISTS (SELECT FROM audit.sharded_audit_event e WHERE e.${PATIENT_ID} = d.${PATIENT_ID}
    AND e.deletion_id = d.deletion_id AND e.audit_event_id = d.audit_event_id AND e.action = 'SYSTEM_DELETE_PATIENT')
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_DELETION', count(*) FROM audit.sharded_audit_event e
  WHERE e.action = 'SYSTEM_DELETE_PATIENT' AND NOT EXISTS (SELECT FROM patient.sharded_patient_deletion d
    WHERE d.${PATIENT_ID} = e.${PATIENT_ID} AND d.deletion_id = e.deletion_id)
  UNION ALL
  SELECT 'HALF_DELETION', count(*) FROM patient.sharded_patient_deletion d
  WHERE d.state IN ('DELETED', 'DESTROYED') AND NOT EXISTS (SELECT FROM ${marks} p
    WHERE p.${PATIENT_ID} = d.${PATIENT_ID} AND p.deletion_id = d.deletion_id AND p.${IS_DELETED})
  UNION ALL
  SELECT 'RESTORATION_WITHOUT_AUDIT_EVENT', count(*) FROM patient.sharded_patient_deletion d
  WHERE d.state = 'RESTORED' AND NOT EXISTS (SELECT FROM audit.sharded_audit_event e WHERE e.${PATIENT_ID} = d.${PATIENT_ID}
    AND e.deletion_id = d.deletion_id AND e.audit_event_id = d.restoration_event_id AND e.action = 'SYSTEM_RESTORE_PATIENT')
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_RESTORATION', count(*) FROM audit.sharded_audit_event e
  WHERE e.action = 'SYSTEM_RESTORE_PATIENT' AND NOT EXISTS (SELECT FROM patient.sharded_patient_deletion d
    WHERE d.${PATIENT_ID} = e.${PATIENT_ID} AND d.deletion_id = e.deletion_id AND d.state = 'RESTORED'
      AND d.restoration_event_id = e.audit_event_id)
  UNION ALL
  SELECT 'LEGAL_HOLD_WITHOUT_AUDIT_EVENT', count(*) FROM patient.sharded_legal_hold h
  WHERE h.placed_event_id IS NOT NULL AND (NOT ${hasEvent('placed', 'SYSTEM_PLACE_LEGAL_HOLD', 'reason')}
      OR (h.released_at IS NULL) <> (h.released_event_id IS NULL))
    OR h.released_event_id IS NOT NULL AND NOT ${hasEvent('released', 'SYSTEM_RELEASE_LEGAL_HOLD', 'release_ground')}
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_LEGAL_HOLD', count(*) FROM audit.sharded_audit_event e
  WHERE e.action IN ('SYSTEM_PLACE_LEGAL_HOLD', 'SYSTEM_RELEASE_LEGAL_HOLD')
    AND (SELECT count(*) FROM patient.sharded_legal_hold h WHERE h.${PATIENT_ID} = e.${PATIENT_ID}
      AND e.audit_event_id = CASE e.action WHEN 'SYSTEM_PLACE_LEGAL_HOLD' THEN h.placed_event_id ELSE h.released_event_id END) <> 1
  UNION ALL
  SELECT 'ERASURE_REQUEST_WITHOUT_AUDIT_EVENT', count(*) FROM patient.sharded_erasure_request h
  WHERE NOT ${hasEvent('recorded', RECORDED, 'channel')}
    OR h.extended_event_id IS NOT NULL AND NOT ${hasEvent('extended', EXTENDED, 'extension_reason')}
    OR h.closed_as = 'REFUSED' AND NOT ${hasEvent('closed', REFUSED, 'closing_ground')}
    OR h.closed_as = 'WITHDRAWN' AND NOT ${hasEvent('closed', WITHDRAWN, 'closing_ground')}
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_ERASURE_REQUEST', count(*) FROM audit.sharded_audit_event e
  WHERE e.action IN ('${RECORDED}', '${EXTENDED}', '${REFUSED}', '${WITHDRAWN}')
    AND (SELECT count(*) FROM patient.sharded_erasure_request h WHERE h.${PATIENT_ID} = e.${PATIENT_ID}
      AND e.audit_event_id = CASE e.action WHEN '${RECORDED}' THEN h.recorded_event_id
        WHEN '${EXTENDED}' THEN h.extended_event_id ELSE h.closed_event_id END) <> 1
  UNION ALL
  SELECT 'DESTRUCTION_WITHOUT_AUDIT_EVENT', count(*) FROM patient.sharded_patient_destruction d
  WHERE NOT EXISTS (SELECT FROM audit.sharded_audit_event e WHERE e.${PATIENT_ID} = d.${PATIENT_ID}
    AND e.audit_event_id = d.audit_event_id AND e.action = 'SYSTEM_DESTROY_PATIENT' AND e.deletion_id = d.deletion_id
    AND e.actor = d.destroyed_by AND e.occurred_at = d.destroyed_at AND e.purged = d.shards)
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_DESTRUCTION', count(*) FROM audit.sharded_audit_event e
  WHERE e.action = 'SYSTEM_DESTROY_PATIENT' AND NOT EXISTS (SELECT FROM patient.sharded_patient_destruction d
    WHERE d.${PATIENT_ID} = e.${PATIENT_ID} AND d.audit_event_id = e.audit_event_id)
  UNION ALL
  SELECT 'DESTRUCTION_CONTRADICTS_DELETION', count(*) FROM patient.sharded_patient_deletion d
  FULL JOIN (SELECT * FROM patient.sharded_patient_destruction WHERE is_final) f USING (${PATIENT_ID}, deletion_id)
  WHERE (d.state = 'DESTROYED') IS DISTINCT FROM (f.destruction_id IS NOT NULL)
  UNION ALL
  SELECT 'RECORD_NOT_DELETED', count(*) FROM patient.sharded_patient_deletion
  WHERE state NOT IN ('DELETED', 'RESTORED', 'DESTROYED')`;
