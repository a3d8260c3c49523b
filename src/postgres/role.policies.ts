/** Owns every schema and table. */
export const OWNER_ROLE = 'silgi_owner';
/** What the service works as: it marks rows and appends audit events, and can do no more. */
export const SERVICE_ROLE = 'silgi_service';
/** What the service takes for the one transaction that takes marks back, or places or releases a legal hold. */
export const RESTORER_ROLE = 'silgi_restorer';
/** What the service takes for the one transaction that destroys what was deleted before. */
export const DESTROYER_ROLE = 'silgi_destroyer';
/** What the hospital's own applications read through: live rows only. */
export const RELEVANT_USER_ROLE = 'relevant_user';
/** What the hospital's own applications write through: live rows only, and no mark of a deletion. */
export const RELEVANT_WRITER_ROLE = 'relevant_writer';

/** The roles that are held to what they are granted. */
export const BOUND_ROLES = [
  SERVICE_ROLE,
  RESTORER_ROLE,
  DESTROYER_ROLE,
  RELEVANT_USER_ROLE,
  RELEVANT_WRITER_ROLE,
];
/** The schema of the pseudonyms, where patients stand in tables of the hospital's own. */
const ANCHOR_SCHEMA = 'silgi';
const ANCHOR = `${ANCHOR_SCHEMA}.patient_anchor`;
/** The schemas that these privileges are about; which of them a database has rests on where its patients stand. */
export const GUARDED_SCHEMAS = ['patient', 'clinical', 'finance', 'audit', ANCHOR_SCHEMA];
/** Those in which the hospital's own applications have something to do. */
export const SHARED_SCHEMAS = ['patient', 'clinical', 'finance'];

/** The record of a deletion. */
export const DELETION_RECORDS = 'patient.sharded_patient_deletion';
/** The record of a legal hold. */
export const LEGAL_HOLDS = 'patient.sharded_legal_hold';
/** The record of a destruction. */
export const DESTRUCTIONS = 'patient.sharded_patient_destruction';
/** A data subject's request that his data be erased. */
export const ERASURE_REQUESTS = 'patient.sharded_erasure_request';
const AUDIT_EVENTS = 'audit.sharded_audit_event';
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/** Tables that are not patient-owned, and what the service may do with them. */
export const RECORDS: Readonly<Record<string, string>> = {
  // Written once and completed once; who may complete which stands in RECORD_POLICIES.
  'patient.sharded_patient_deletion':
    'SELECT, INSERT, UPDATE (state, deleted_at, shards, total_rows, audit_event_id, answer)',
  // The service reads them.
  'patient.sharded_legal_hold': 'SELECT',
  'patient.sharded_patient_destruction': 'SELECT',
  // Recorded once, answered once; which may be answered stands in REQUEST_POLICIES.
  'patient.sharded_erasure_request':
    'SELECT, INSERT, UPDATE (extension_reason, extended_by, extended_at, extended_event_id, closed_as, closing_ground, ' +
    'closed_by, closed_at, closed_event_id)',
  // What these hold is removed when its retention is over (BATCH_RETENTION_DAYS).
  'patient.sharded_deletion_batch': 'SELECT, INSERT, UPDATE, DELETE',
  'patient.sharded_deletion_batch_item': 'SELECT, INSERT, UPDATE, DELETE',
  'audit.sharded_audit_event': 'SELECT, INSERT',
  'audit.audit_log_leaf': 'SELECT, INSERT',
  'audit.audit_log_node': 'SELECT, INSERT',
  'audit.audit_log_checkpoint': 'SELECT, INSERT',
  'audit.audit_log_key': 'SELECT, INSERT',
  'public.silgi_migration': 'SELECT',
};

/** What of them the role that restores may do. */
export const RESTORER_RECORDS: Readonly<Record<string, string>> = {
  // Undone once; which of them stands in RECORD_POLICIES.
  [DELETION_RECORDS]:
    'SELECT, UPDATE (state, restored_at, restored_by, restoration_reason, restoration_event_id, restoration_key, ' +
    'restoration_digest, restoration_answer)',
  // Placed once and released once; who may what stands in HOLD_POLICIES.
  [LEGAL_HOLDS]: 'SELECT, INSERT, UPDATE (released_by, released_at, release_ground, released_event_id)',
  [AUDIT_EVENTS]: 'SELECT, INSERT',
};

/** What of them the role that destroys may do. */
export const DESTROYER_RECORDS: Readonly<Record<string, string>> = {
  // Ended once; which of them stands in RECORD_POLICIES.
  [DELETION_RECORDS]:
    'SELECT, UPDATE (state, idempotency_key, request_digest, answer, restoration_key, restoration_digest, ' +
    'restoration_answer)',
  [DESTRUCTIONS]: 'SELECT, INSERT',
  [LEGAL_HOLDS]: 'SELECT',
  [AUDIT_EVENTS]: 'SELECT, INSERT',
};

const MARKS = ['is_deleted', 'deleted_at', 'deletion_id'];
/** What the service reads of a patient-owned row: its ids and its marks. */
const KEYS_AND_MARKS = ['patient_id', 'id', ...MARKS, 'live'];
/** What a search for patients shows beside them. */
const SHOWN = ['record_number', 'given_name', 'family_name', 'birth_date', 'folded_name'];

/** What a shard's own vetoes read (DELETION_VETOES): that an examination is not ended, or an invoice not paid. */
const READ_BY_VETOES: Readonly<Record<string, readonly string[]>> = {
  'clinical.sharded_muayene': ['ended_at'],
  'finance.sharded_fatura': ['primary_outstanding', 'secondary_outstanding', 'patient_outstanding'],
};

/** A table that the roles are granted something on; its columns as a statement names them. */
export interface GrantedTable {
  /** Schema and name. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Those of them that hold a date or a time: what periods of retention are counted from. */
  readonly dates: readonly string[];
  /** Those that the database computes from others. */
  readonly generated: readonly string[];
}

/** The columns of a {@link GrantedTable} by their kinds. @param table SQL for its oid */
export const columnsToGrant = (table: string): string => `
  SELECT coalesce(array_agg(quote_ident(attname) ORDER BY attnum), '{}') AS columns,
    coalesce(array_agg(quote_ident(attname) ORDER BY attnum) FILTER (WHERE atttypid = ANY
      ('{date,timestamp,timestamptz}'::regtype[])), '{}') AS dates,
    coalesce(array_agg(quote_ident(attname) ORDER BY attnum) FILTER (WHERE attgenerated <> ''), '{}') AS generated
  FROM pg_attribute WHERE attrelid = ${table} AND attnum > 0 AND NOT attisdropped`;

/** What the roles may do with a patient-owned table. */
export function patientOwnedGrants({
  name: table,
  columns,
  dates,
  generated,
}: GrantedTable): Record<string, string> {
  const among = (names: readonly string[]) => names.filter((column) => columns.includes(column)).join(', ');
  const more = table === DEMOGRAPHICS ? SHOWN : (READ_BY_VETOES[table] ?? []);
  const read = among([...KEYS_AND_MARKS, ...more]);
  const marks = `UPDATE (${MARKS.join(', ')})`;
  if (table === ANCHOR) return { [SERVICE_ROLE]: `SELECT, ${marks}`, [RESTORER_ROLE]: `SELECT, ${marks}` };
  return {
    [SERVICE_ROLE]: `SELECT (${read}), ${marks}`,
    [RESTORER_ROLE]: `SELECT (${among(KEYS_AND_MARKS)}), ${marks}`,
    [DESTROYER_ROLE]:
      table === DEMOGRAPHICS
        ? // Emptied, and read back; the row stays.
          `SELECT, UPDATE (${columns.filter((column) => ![...KEYS_AND_MARKS, ...generated].includes(column)).join(', ')})`
        : `SELECT (${[...new Set([...among(KEYS_AND_MARKS).split(', '), ...dates])].join(', ')}), DELETE`,
    [RELEVANT_USER_ROLE]: 'SELECT',
    [RELEVANT_WRITER_ROLE]: 'SELECT, INSERT, UPDATE',
  };
}
