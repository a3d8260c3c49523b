import type { QueryRunner } from 'typeorm';

/** Owns every schema and table. */
export const OWNER_ROLE = 'silgi_owner';
/** What the service works as: it marks rows and appends audit events, and can do no more. */
export const SERVICE_ROLE = 'silgi_service';
/** What the hospital's own applications read through: live rows only. */
export const RELEVANT_USER_ROLE = 'relevant_user';

const ROLES = [OWNER_ROLE, SERVICE_ROLE, RELEVANT_USER_ROLE];
const SCHEMAS = ['patient', 'clinical', 'finance', 'audit'];
/** Tables that are not patient-owned, and what the service may do with them. */
const RECORDS: Readonly<Record<string, string>> = {
  'patient.sharded_patient_deletion': 'SELECT, INSERT, UPDATE',
  'patient.sharded_legal_hold': 'SELECT, INSERT, UPDATE',
  'patient.sharded_deletion_batch': 'SELECT, INSERT, UPDATE',
  'patient.sharded_deletion_batch_item': 'SELECT, INSERT, UPDATE',
  'audit.sharded_audit_event': 'SELECT, INSERT',
  'audit.audit_log_leaf': 'SELECT, INSERT',
  'audit.audit_log_node': 'SELECT, INSERT',
  'audit.audit_log_checkpoint': 'SELECT, INSERT',
  'audit.audit_log_key': 'SELECT, INSERT',
  'public.silgi_migration': 'SELECT',
};
/** All that anybody could have been granted something on; it is granted anew from nothing. */
const OBJECTS = [
  `SCHEMA ${SCHEMAS.join(', ')}`,
  ...['TABLES', 'SEQUENCES', 'ROUTINES'].map((kind) => `ALL ${kind} IN SCHEMA ${SCHEMAS.join(', ')}`),
  'TABLE public.silgi_migration',
  'SEQUENCE public.silgi_migration_id_seq',
];
const INSUFFICIENT_PRIVILEGE = '42501';

interface OwnedTable {
  readonly name: string;
  readonly owned: boolean;
  readonly secured: boolean;
  /** Those that say what they ought to. */
  readonly policies: string[];
  readonly patientOwned: boolean;
}

/**
 * Creates the roles where they are missing and brings privileges and row-level security of every table in line,
 * new tables included. It locks a table only where that one differs, so that it can run at every start. Where the
 * login may not create roles, it says what is missing and what is lost by it, and leaves the tables as they are. A
 * role that was made stronger than its grants is left as it is and named.
 *
 * @param queryRunner of the login that migrates, under the migration lock
 * @param log receives one line for what is missing or too strong
 */
export async function ensureDatabaseRoles(
  queryRunner: QueryRunner,
  log: (line: string) => void,
): Promise<void> {
  const missing = await createRoles(queryRunner);
  if (missing.length > 0) {
    log(
      `This login may not create the roles ${missing.join(', ')}. Without them the database itself does not keep ` +
        'deleted patients out of reach of other logins, nor the audit log from being changed. A database ' +
        `administrator can make up for it: ${missing.map((role) => `CREATE ROLE ${role};`).join(' ')} then start again.`,
    );
    return;
  }
  for (const role of await rolesTooStrong(queryRunner))
    log(
      `The role ${role} is a superuser, passes over row-level security or is a member of ${OWNER_ROLE}: the database ` +
        'does not keep it to what it is granted. A database administrator can make up for it: ' +
        `ALTER ROLE ${role} NOSUPERUSER NOBYPASSRLS; REVOKE ${OWNER_ROLE} FROM ${role};`,
    );
  await queryRunner.startTransaction();
  try {
    await secure(queryRunner);
    await queryRunner.commitTransaction();
  } catch (error) {
    // The first error counts: on a lost connection this one fails as well (RELIABILITY rule 6).
    await queryRunner.rollbackTransaction().catch(() => undefined);
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    log(
      'This login may not hand the tables over to silgi_owner or grant on them: privileges were left as they are.',
    );
  }
}

/** Roles belong to the whole server: another database may be creating them at this moment. */
async function createRoles(queryRunner: QueryRunner): Promise<string[]> {
  const missing: string[] = [];
  for (const role of ROLES) {
    const [found] = await rows<{ found: boolean }>(
      queryRunner,
      'SELECT to_regrole($1) IS NOT NULL AS found',
      [role],
    );
    if (found?.found === true) continue;
    try {
      await queryRunner.query(`DO $$ BEGIN CREATE ROLE ${role} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    } catch {
      missing.push(role);
    }
  }
  return missing;
}

/** Those that what is granted on the tables does not bind. A superuser has every role. */
async function rolesTooStrong(queryRunner: QueryRunner): Promise<string[]> {
  const found = await rows<{ name: string }>(
    queryRunner,
    `SELECT rolname AS name FROM pg_roles
     WHERE rolname = ANY ($1) AND (rolbypassrls OR pg_has_role(oid, '${OWNER_ROLE}', 'MEMBER')) ORDER BY 1`,
    [[SERVICE_ROLE, RELEVANT_USER_ROLE]],
  );
  return found.map(({ name }) => name);
}

async function secure(queryRunner: QueryRunner): Promise<void> {
  const run = (sql: string) => queryRunner.query(sql);
  const [self] = await rows<{ super: boolean; member: boolean }>(
    queryRunner,
    `SELECT rolsuper AS super, pg_has_role(current_user, '${OWNER_ROLE}', 'MEMBER') AS member
     FROM pg_roles WHERE rolname = current_user`,
  );
  if (self?.super === false && !self.member) await run(`GRANT ${OWNER_ROLE} TO CURRENT_USER`);
  if (self?.super === false)
    await run(
      `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${OWNER_ROLE}', current_database()); END $$`,
    );

  const schemas = await rows<{ name: string }>(
    queryRunner,
    `SELECT nspname AS name FROM pg_namespace WHERE nspname = ANY ($1) AND nspowner <> '${OWNER_ROLE}'::regrole`,
    [SCHEMAS],
  );
  for (const { name } of schemas) await run(`ALTER SCHEMA ${name} OWNER TO ${OWNER_ROLE}`);
  for (const objects of OBJECTS)
    await run(`REVOKE ALL ON ${objects} FROM PUBLIC, ${SERVICE_ROLE}, ${RELEVANT_USER_ROLE} CASCADE`);
  await run(`GRANT USAGE ON SCHEMA ${SCHEMAS.join(', ')} TO ${SERVICE_ROLE}`);
  await run(`GRANT USAGE ON SCHEMA patient, clinical, finance TO ${RELEVANT_USER_ROLE}`);
  for (const [table, privileges] of Object.entries(RECORDS))
    await run(`GRANT ${privileges} ON ${table} TO ${SERVICE_ROLE}`);
  for (const table of await ownedTables(queryRunner)) await securePatientOwned(run, table);
}

async function securePatientOwned(run: (sql: string) => Promise<unknown>, table: OwnedTable): Promise<void> {
  const { name, owned, secured, policies, patientOwned } = table;
  // Only where needed: it locks the table against everybody.
  if (!owned) await run(`ALTER TABLE ${name} OWNER TO ${OWNER_ROLE}`);
  if (!patientOwned) return;
  await run(`GRANT SELECT, UPDATE (is_deleted, deleted_at, deletion_id) ON ${name} TO ${SERVICE_ROLE}`);
  await run(`GRANT SELECT ON ${name} TO ${RELEVANT_USER_ROLE}`);
  if (!secured) await run(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`);
  if (!policies.includes('silgi_service_sees_all')) {
    await run(`DROP POLICY IF EXISTS silgi_service_sees_all ON ${name}`);
    await run(
      `CREATE POLICY silgi_service_sees_all ON ${name} TO ${SERVICE_ROLE} USING (true) WITH CHECK (true)`,
    );
  }
  if (!policies.includes('relevant_user_sees_live')) {
    await run(`DROP POLICY IF EXISTS relevant_user_sees_live ON ${name}`);
    await run(
      `CREATE POLICY relevant_user_sees_live ON ${name} FOR SELECT TO ${RELEVANT_USER_ROLE} USING (NOT is_deleted)`,
    );
  }
}

function ownedTables(queryRunner: QueryRunner): Promise<OwnedTable[]> {
  return rows<OwnedTable>(
    queryRunner,
    `SELECT c.oid::regclass::text AS name, c.relowner = '${OWNER_ROLE}'::regrole AS owned, c.relrowsecurity AS secured,
       ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid AND CASE polname
         WHEN 'silgi_service_sees_all' THEN polcmd = '*' AND polroles = ARRAY['${SERVICE_ROLE}'::regrole::oid]
           AND pg_get_expr(polqual, polrelid) = 'true' AND pg_get_expr(polwithcheck, polrelid) = 'true'
         ELSE polcmd = 'r' AND polroles = ARRAY['${RELEVANT_USER_ROLE}'::regrole::oid]
           AND pg_get_expr(polqual, polrelid) ~ '^[(]?NOT is_deleted[)]?$' END) AS policies,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'is_deleted') AS "patientOwned"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') ORDER BY 1`,
    [SCHEMAS],
  );
}

function rows<Row>(queryRunner: QueryRunner, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  return queryRunner.query(sql, parameters) as Promise<Row[]>;
}
