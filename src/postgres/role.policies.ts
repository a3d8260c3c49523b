/** Owns every schema and table. */
export const OWNER_ROLE = 'silgi_owner';
/** What the service works as: it marks rows and appends audit events, and can do no more. */
export const SERVICE_ROLE = 'silgi_service';
/** What the service takes for the one transaction that takes marks back, or places or releases a legal hold. */
export const RESTORER_ROLE = 'silgi_restorer';
/** What the hospital's own applications read through: live rows only. */
export const RELEVANT_USER_ROLE = 'relevant_user';
/** What the hospital's own applications write through: live rows only, and no mark of a deletion. */
export const RELEVANT_WRITER_ROLE = 'relevant_writer';

/** The roles that are held to what they are granted. */
export const BOUND_ROLES = [SERVICE_ROLE, RESTORER_ROLE, RELEVANT_USER_ROLE, RELEVANT_WRITER_ROLE];
/** The schema of the pseudonyms, where patients stand in tables of the hospital's own. */
const ANCHOR_SCHEMA = 'silgi';
const ANCHOR = `${ANCHOR_SCHEMA}.patient_anchor`;
/** The schemas that these privileges are about; which of them a database has rests on where its patients stand. */
export const GUARDED_SCHEMAS = ['patient', 'clinical', 'finance', 'audit', ANCHOR_SCHEMA];
/** Those in which the hospital's own applications have something to do. */
export const SHARED_SCHEMAS = ['patient', 'clinical', 'finance'];

/** The record of a deletion. */
const DELETION_RECORDS = 'patient.sharded_patient_deletion';
/** The record of a legal hold. */
const LEGAL_HOLDS = 'patient.sharded_legal_hold';
/** A data subject's request that his data be erased. */
const ERASURE_REQUESTS = 'patient.sharded_erasure_request';
const AUDIT_EVENTS = 'audit.sharded_audit_event';
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/** Tables that are not patient-owned, and what the service may do with them. */
export const RECORDS: Readonly<Record<string, string>> = {
  // Written once and completed once; who may complete which stands in RECORD_POLICIES.
  'patient.sharded_patient_deletion':
    'SELECT, INSERT, UPDATE (state, deleted_at, shards, total_rows, audit_event_id, answer)',
  // The service reads them.
  'patient.sharded_legal_hold': 'SELECT',
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

/** What the roles may do with a patient-owned table. @param columns those that it has */
export function patientOwnedGrants(table: string, columns: readonly string[]): Record<string, string> {
  const among = (names: readonly string[]) => names.filter((column) => columns.includes(column)).join(', ');
  const more = table === DEMOGRAPHICS ? SHOWN : (READ_BY_VETOES[table] ?? []);
  const read = among([...KEYS_AND_MARKS, ...more]);
  const marks = `UPDATE (${MARKS.join(', ')})`;
  if (table === ANCHOR) return { [SERVICE_ROLE]: `SELECT, ${marks}`, [RESTORER_ROLE]: `SELECT, ${marks}` };
  return {
    [SERVICE_ROLE]: `SELECT (${read}), ${marks}`,
    [RESTORER_ROLE]: `SELECT (${among(KEYS_AND_MARKS)}), ${marks}`,
    [RELEVANT_USER_ROLE]: 'SELECT',
    [RELEVANT_WRITER_ROLE]: 'SELECT, INSERT, UPDATE',
  };
}

/** Every role. */
const EVERYBODY = 'public';

/** A policy of row-level security as it is made, and as the catalogue is held to it. */
export interface Policy {
  readonly name: string;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE';
  readonly role: string;
  /** Which rows it admits; null for INSERT. */
  readonly using: string | null;
  /** What a row may become; null for SELECT. */
  readonly check: string | null;
}

const isTold = (columns: readonly string[]) => columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
/** What a record that is undone has to say. */
const TOLD = ['restored_at', 'restored_by', 'restoration_reason', 'restoration_event_id'];
const LIVE_ROW = 'NOT is_deleted';
const ROW_OF_A_DELETION = 'is_deleted AND deletion_id IS NOT NULL';
const UNMARKED_ROW = 'NOT is_deleted AND deleted_at IS NULL AND deletion_id IS NULL';

/**
 * Of every patient-owned table. Marks are one-way for the service: it changes live rows only (RELIABILITY 35a). Whoever
 * restores changes what a deletion hides, and into nothing but a row without a mark.
 */
export const PATIENT_OWNED_POLICIES: readonly Policy[] = [
  { name: 'silgi_service_sees_all', command: 'SELECT', role: SERVICE_ROLE, using: 'true', check: null },
  { name: 'silgi_service_marks_live', command: 'UPDATE', role: SERVICE_ROLE, using: LIVE_ROW, check: 'true' },
  { name: 'silgi_restorer_sees_all', command: 'SELECT', role: RESTORER_ROLE, using: 'true', check: null },
  {
    name: 'silgi_restorer_unmarks',
    command: 'UPDATE',
    role: RESTORER_ROLE,
    using: ROW_OF_A_DELETION,
    check: UNMARKED_ROW,
  },
  {
    name: 'relevant_user_sees_live',
    command: 'SELECT',
    role: RELEVANT_USER_ROLE,
    using: LIVE_ROW,
    check: null,
  },
  {
    name: 'relevant_writer_sees_live',
    command: 'SELECT',
    role: RELEVANT_WRITER_ROLE,
    using: LIVE_ROW,
    check: null,
  },
  {
    name: 'relevant_writer_adds_live',
    command: 'INSERT',
    role: RELEVANT_WRITER_ROLE,
    using: null,
    check: UNMARKED_ROW,
  },
  {
    name: 'relevant_writer_changes_live',
    command: 'UPDATE',
    role: RELEVANT_WRITER_ROLE,
    using: LIVE_ROW,
    check: UNMARKED_ROW,
  },
];

/**
 * Of the records of deletions: a claim is completed once, by the transaction that has made it, and a deletion undone
 * once, by one that says who did it and why.
 */
const RECORD_POLICIES: readonly Policy[] = [
  { name: 'silgi_service_sees_all', command: 'SELECT', role: SERVICE_ROLE, using: 'true', check: null },
  {
    name: 'silgi_service_claims',
    command: 'INSERT',
    role: SERVICE_ROLE,
    using: null,
    check: `state = 'CLAIMED'::text AND deleted_at IS NULL AND audit_event_id IS NULL`,
  },
  {
    name: 'silgi_service_completes',
    command: 'UPDATE',
    role: SERVICE_ROLE,
    using: `state = 'CLAIMED'::text`,
    check: `state = 'DELETED'::text`,
  },
  { name: 'silgi_restorer_sees_all', command: 'SELECT', role: RESTORER_ROLE, using: 'true', check: null },
  {
    name: 'silgi_restorer_undoes',
    command: 'UPDATE',
    role: RESTORER_ROLE,
    using: `state = 'DELETED'::text`,
    check: `state = 'RESTORED'::text AND ${isTold(TOLD)}`,
  },
];

/** What a hold that was placed has to say, and one that is released. */
const PLACED = ['reference', 'placed_event_id'];
const RELEASED = ['released_at', 'released_by', 'release_ground', 'released_event_id'];

/** Of legal holds: each is placed with its case and its event, and released once, by one that says who did it and why. */
const HOLD_POLICIES: readonly Policy[] = [
  // Whoever is granted reading reads, as before there were policies.
  { name: 'silgi_readers_see_all', command: 'SELECT', role: EVERYBODY, using: 'true', check: null },
  {
    name: 'silgi_restorer_places',
    command: 'INSERT',
    role: RESTORER_ROLE,
    using: null,
    check: [isTold(PLACED), ...RELEASED.map((column) => `${column} IS NULL`)].join(' AND '),
  },
  {
    name: 'silgi_restorer_releases',
    command: 'UPDATE',
    role: RESTORER_ROLE,
    using: 'released_at IS NULL',
    check: isTold(RELEASED),
  },
];

/** Of requests: each is recorded without an answer, and what is answered stays. */
const REQUEST_POLICIES: readonly Policy[] = [
  { name: 'silgi_readers_see_all', command: 'SELECT', role: EVERYBODY, using: 'true', check: null },
  {
    name: 'silgi_service_records',
    command: 'INSERT',
    role: SERVICE_ROLE,
    using: null,
    check: 'extended_at IS NULL AND closed_at IS NULL',
  },
  {
    name: 'silgi_service_answers',
    command: 'UPDATE',
    role: SERVICE_ROLE,
    using: 'closed_at IS NULL',
    check: 'true',
  },
];

/** The policies of tables that are no patient-owned ones. */
export const POLICIES_OF_RECORDS: Readonly<Record<string, readonly Policy[]>> = {
  [DELETION_RECORDS]: RECORD_POLICIES,
  [LEGAL_HOLDS]: HOLD_POLICIES,
  [ERASURE_REQUESTS]: REQUEST_POLICIES,
};

/** The statement that makes a policy. */
export function policyText({ name, command, role, using, check }: Policy, table: string): string {
  const admits = using === null ? '' : ` USING (${using})`;
  const becomes = check === null ? '' : ` WITH CHECK (${check})`;
  return `CREATE POLICY ${name} ON ${table} FOR ${command} TO ${role}${admits}${becomes}`;
}

/** An expression of pg_policy without the parentheses and blanks that PostgreSQL prints into it. */
const bare = (expression: string) =>
  `coalesce(translate(pg_get_expr(${expression}, polrelid), '() ', ''), '')`;

/**
 * A condition on a row of pg_policy: it is one of these, word for word.
 *
 * @param policies their conditions are joined by AND alone, so that parentheses say nothing
 */
export function isOneOf(policies: readonly Policy[]): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const commands = { SELECT: 'r', INSERT: 'a', UPDATE: 'w' };
  const words = (expression: string | null) => text((expression ?? '').replaceAll(/[() ]/g, ''));
  const rows = policies.map(
    ({ name, command, role, using, check }) =>
      `(${text(name)}, ${text(commands[command])}, ${text(role)}, ${words(using)}, ${words(check)})`,
  );
  return `(polpermissive AND cardinality(polroles) = 1 AND (polname::text, polcmd::text,
    coalesce((SELECT rolname::text FROM pg_roles WHERE oid = polroles[1]), '${EVERYBODY}'), ${bare('polqual')}, ${bare('polwithcheck')})
    IN (${rows.join(', ')}))`;
}
