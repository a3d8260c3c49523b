import {
  DELETION_RECORDS,
  DESTROYER_ROLE,
  ERASURE_REQUESTS,
  LEGAL_HOLDS,
  RELEVANT_USER_ROLE,
  RELEVANT_WRITER_ROLE,
  RESTORER_ROLE,
  SERVICE_ROLE,
} from './role.policies.js';

/** Every role. */
const EVERYBODY = 'public';

/** A policy of row-level security as it is made, and as the catalogue is held to it. */
export interface Policy {
  readonly name: string;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly role: string;
  /** Which rows it admits; null for INSERT. */
  readonly using: string | null;
  /** What a row may become; null for SELECT and DELETE. */
  readonly check: string | null;
}

const isTold = (columns: readonly string[]) => columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
/** What a record that is undone has to say. */
const TOLD = ['restored_at', 'restored_by', 'restoration_reason', 'restoration_event_id'];
const LIVE_ROW = 'NOT is_deleted';
const HIDDEN_ROW = 'is_deleted';
const ROW_OF_A_DELETION = 'is_deleted AND deletion_id IS NOT NULL';
const UNMARKED_ROW = 'NOT is_deleted AND deleted_at IS NULL AND deletion_id IS NULL';

/**
 * Of every patient-owned table. Marks are one-way for the service: it changes live rows only (RELIABILITY 35a). Whoever
 * restores changes what a deletion hides, and into nothing but a row without a mark; whoever destroys removes hidden rows
 * only, and what he empties stays hidden.
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
  { name: 'silgi_destroyer_sees_all', command: 'SELECT', role: DESTROYER_ROLE, using: 'true', check: null },
  {
    name: 'silgi_destroyer_removes',
    command: 'DELETE',
    role: DESTROYER_ROLE,
    using: HIDDEN_ROW,
    check: null,
  },
  {
    name: 'silgi_destroyer_empties',
    command: 'UPDATE',
    role: DESTROYER_ROLE,
    using: ROW_OF_A_DELETION,
    check: ROW_OF_A_DELETION,
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
  { name: 'silgi_destroyer_sees_all', command: 'SELECT', role: DESTROYER_ROLE, using: 'true', check: null },
  {
    name: 'silgi_destroyer_ends',
    command: 'UPDATE',
    role: DESTROYER_ROLE,
    using: `state = 'DELETED'::text`,
    check: `state = 'DESTROYED'::text`,
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
  const commands = { SELECT: 'r', INSERT: 'a', UPDATE: 'w', DELETE: 'd' };
  const words = (expression: string | null) => text((expression ?? '').replaceAll(/[() ]/g, ''));
  const rows = policies.map(
    ({ name, command, role, using, check }) =>
      `(${text(name)}, ${text(commands[command])}, ${text(role)}, ${words(using)}, ${words(check)})`,
  );
  return `(polpermissive AND cardinality(polroles) = 1 AND (polname::text, polcmd::text,
    coalesce((SELECT rolname::text FROM pg_roles WHERE oid = polroles[1]), '${EVERYBODY}'), ${bare('polqual')}, ${bare('polwithcheck')})
    IN (${rows.join(', ')}))`;
}
