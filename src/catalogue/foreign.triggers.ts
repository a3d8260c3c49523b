import type { EntityManager } from 'typeorm';
import type { UndeclaredTable } from './catalogue.guard.js';

/** The tables of records and of the sealed log, and whether the database itself refuses that a row of them changes. */
const KEPT: Readonly<Record<string, boolean>> = {
  'patient.sharded_patient_deletion': false,
  'patient.sharded_legal_hold': false,
  'patient.sharded_erasure_request': false,
  'audit.sharded_audit_event': true,
  'audit.audit_log_leaf': true,
  'audit.audit_log_node': true,
  'audit.audit_log_checkpoint': true,
  'audit.audit_log_key': true,
};

/** What the body of the function that refuses a change says, so that one with another body is not taken for it. */
const REFUSAL = 'is refused: the audit log is append-only';

/**
 * A trigger or a rule that is not Silgi's may write something else than what was asked (RELIABILITY rule 27). Silgi's
 * own is `append_only`: always on, for each statement, before UPDATE, DELETE and TRUNCATE (tgtype 58).
 */
const FINDINGS = `
  SELECT table_name AS table, concat_ws('; ',
    (SELECT 'the trigger ' || string_agg(t.tgname, ', ' ORDER BY t.tgname) || ' is not Silgi''s'
     FROM pg_trigger t WHERE t.tgrelid = k.oid AND NOT t.tgisinternal AND t.tgname <> ALL ($3)),
    (SELECT 'the rule ' || string_agg(r.rulename, ', ' ORDER BY r.rulename) || ' is not Silgi''s'
     FROM pg_rewrite r WHERE r.ev_class = k.oid),
    CASE WHEN k.append_only AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
      WHERE t.tgrelid = k.oid AND t.tgname = 'append_only' AND t.tgenabled = 'A' AND t.tgtype = 58
        AND t.tgqual IS NULL AND f.prosrc LIKE '%' || $4 || '%')
      THEN 'append_only, which refuses every change, is missing, off or another one' END) AS why
  FROM (SELECT table_name, to_regclass(table_name) AS oid, append_only
        FROM unnest($1::text[], $2::boolean[]) AS given (table_name, append_only)) k
  ORDER BY 1`;

/** The triggers that migrations of Silgi make on these tables. */
const OWN_TRIGGERS = ['append_only'];

/** Triggers and rules on records and log that are not Silgi's, and log tables that can be changed. */
export async function foreignTriggers(manager: EntityManager): Promise<UndeclaredTable[]> {
  const found = await manager.query<UndeclaredTable[]>(FINDINGS, [
    Object.keys(KEPT),
    Object.values(KEPT),
    OWN_TRIGGERS,
    REFUSAL,
  ]);
  return found.filter(({ why }) => why !== '');
}
