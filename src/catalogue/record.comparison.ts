import type { EntityManager } from 'typeorm';
import { PATIENT_ID } from '../shards/index.js';

const RECORD = 'patient.sharded_patient_deletion';
const EVENT = 'audit.sharded_audit_event';

/** What the record of a deletion and its audit events both have: by the record's name, what differs between them. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  deletionId: 'd.deletion_id IS DISTINCT FROM e.deletion_id',
  patientId: `d.${PATIENT_ID} IS DISTINCT FROM e.${PATIENT_ID}`,
  reason: 'd.reason IS DISTINCT FROM e.reason',
  legalBasis: 'd.legal_basis IS DISTINCT FROM e.legal_basis',
  requestedBy: 'd.requested_by IS DISTINCT FROM e.actor',
  // An event from before it was kept says nothing of it.
  requestedAt: 'd.requested_at IS DISTINCT FROM coalesce(e.requested_at, d.requested_at)',
  requestId: 'd.request_id IS DISTINCT FROM e.request_id',
  deletedAt: 'd.deleted_at IS DISTINCT FROM e.occurred_at',
  shards: 'd.shards IS DISTINCT FROM e.purged',
  totalRows: `d.total_rows IS DISTINCT FROM (SELECT coalesce(sum(rows::text::numeric), 0)
    FROM jsonb_path_query(e.purged, '$[*].resources[*].rows ? (@.type() == "number")') AS rows)`,
  // By whichever event: one that the record does not name says all the same that the deletion was undone.
  state: `(d.state = 'RESTORED') IS DISTINCT FROM EXISTS (SELECT FROM ${EVENT} x WHERE x.${PATIENT_ID} = d.${PATIENT_ID}
    AND x.deletion_id = d.deletion_id AND x.action = 'SYSTEM_RESTORE_PATIENT')`,
  restoredAt: 'r.occurred_at IS NOT NULL AND d.restored_at IS DISTINCT FROM r.occurred_at',
  restoredBy: 'r.actor IS NOT NULL AND d.restored_by IS DISTINCT FROM r.actor',
  restorationReason: 'r.occurred_at IS NOT NULL AND d.restoration_reason IS DISTINCT FROM r.reason',
  restoredShards: 'r.occurred_at IS NOT NULL AND d.shards IS DISTINCT FROM r.purged',
  restoredDeletionId: 'r.deletion_id IS NOT NULL AND d.deletion_id IS DISTINCT FROM r.deletion_id',
  restoredPatientId: `r.${PATIENT_ID} IS NOT NULL AND d.${PATIENT_ID} IS DISTINCT FROM r.${PATIENT_ID}`,
};
const NAMES = Object.keys(DIFFERENCES);
const COLUMNS = Object.entries(DIFFERENCES).map(([name, differs]) => `${differs} AS "${name}"`);

/** A record is compared with the events that it names, be they those of another deletion. */
const COMPARED = `FROM ${RECORD} d JOIN ${EVENT} e ON e.audit_event_id = d.audit_event_id
  AND e.action = 'SYSTEM_DELETE_PATIENT'
  LEFT JOIN ${EVENT} r ON r.audit_event_id = d.restoration_event_id AND r.action = 'SYSTEM_RESTORE_PATIENT'`;

/** Names of the fields in which the record of one deletion contradicts its audit events (RELIABILITY rule 28). */
export async function contradictionsIn(
  manager: EntityManager,
  deletion: { readonly patientId: string; readonly deletionId: string },
): Promise<string[]> {
  const [row = {}] = await manager.query<Record<string, boolean>[]>(
    `SELECT ${COLUMNS.join(', ')} ${COMPARED} WHERE d.${PATIENT_ID} = $1 AND d.deletion_id = $2`,
    [deletion.patientId, deletion.deletionId],
  );
  return NAMES.filter((name) => row[name] === true);
}

/** How many records of the whole database contradict their events, and in which fields. */
export async function contradictingRecords(
  manager: EntityManager,
): Promise<{ readonly rows: number; readonly fields: string[] }> {
  const sums = NAMES.map((name) => `count(*) FILTER (WHERE c."${name}") AS "${name}"`);
  const any = NAMES.map((name) => `c."${name}"`).join(' OR ');
  const [row = {}] = await manager.query<Record<string, string>[]>(
    `SELECT count(*) FILTER (WHERE ${any}) AS rows, ${sums.join(', ')}
     FROM (SELECT ${COLUMNS.join(', ')} ${COMPARED}) c`,
  );
  return { rows: Number(row['rows']), fields: NAMES.filter((name) => Number(row[name]) > 0) };
}
