import type { QueryRunner } from 'typeorm';
import {
  BOUND_ROLES,
  columnsToGrant,
  DESTROYER_RECORDS,
  DESTROYER_ROLE,
  type GrantedTable,
  GUARDED_SCHEMAS,
  OWNER_ROLE,
  patientOwnedGrants,
  RECORDS,
  RELEVANT_USER_ROLE,
  RELEVANT_WRITER_ROLE,
  RESTORER_RECORDS,
  RESTORER_ROLE,
  SERVICE_ROLE,
  SHARED_SCHEMAS,
} from './role.policies.js';
import { isOneOf, PATIENT_OWNED_POLICIES, POLICIES_OF_RECORDS, policyText } from './row.policies.js';
import { letServiceTakeRoles, TAKEN_ROLES } from './taken.roles.js';

const ROLES = [OWNER_ROLE, ...BOUND_ROLES];
/** All that anybody could have been granted something on; it is granted anew from nothing. */
const objectsOf = (schemas: readonly string[]) => [
  `SCHEMA ${schemas.join(', ')}`,
  ...['TABLES', 'SEQUENCES', 'ROUTINES'].map((kind) => `ALL ${kind} IN SCHEMA ${schemas.join(', ')}`),
  'TABLE public.silgi_migration',
  'SEQUENCE public.silgi_migration_id_seq',
];
const INSUFFICIENT_PRIVILEGE = '42501';

interface OwnedTable extends GrantedTable {
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
  const absent = missing.filter((role) => role in TAKEN_ROLES);
  if (missing.length > absent.length) {
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
  // One that came with a release is made by hand there: all the others go on as before.
  for (const role of absent)
    log(
      `This login may not create the role ${role}: until somebody does, ${TAKEN_ROLES[role] ?? ''}. A database administrator ` +
        `can make up for it: CREATE ROLE ${role}; then start again.`,
    );
  await letServiceTakeRoles(queryRunner, absent, log);
  await queryRunner.startTransaction();
  try {
    await secure(queryRunner, absent);
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
    [BOUND_ROLES],
  );
  return found.map(({ name }) => name);
}

/** @param absent roles that are not there */
async function secure(queryRunner: QueryRunner, absent: readonly string[]): Promise<void> {
  const run = (sql: string) => queryRunner.query(sql);
  const there = (roles: readonly string[]) => roles.filter((role) => !absent.includes(role));
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

  const found = await rows<{ name: string; owned: boolean }>(
    queryRunner,
    `SELECT nspname AS name, nspowner = '${OWNER_ROLE}'::regrole AS owned FROM pg_namespace WHERE nspname = ANY ($1)
     ORDER BY 1`,
    [GUARDED_SCHEMAS],
  );
  for (const { name, owned } of found) if (!owned) await run(`ALTER SCHEMA ${name} OWNER TO ${OWNER_ROLE}`);
  const schemas = found.map(({ name }) => name);
  for (const objects of objectsOf(schemas))
    await run(`REVOKE ALL ON ${objects} FROM PUBLIC, ${there(BOUND_ROLES).join(', ')} CASCADE`);
  await run(
    `GRANT USAGE ON SCHEMA ${schemas.join(', ')} TO ${there([SERVICE_ROLE, RESTORER_ROLE, DESTROYER_ROLE]).join(', ')}`,
  );
  const shared = SHARED_SCHEMAS.filter((name) => schemas.includes(name)).join(', ');
  await run(`GRANT USAGE ON SCHEMA ${shared} TO ${RELEVANT_USER_ROLE}, ${RELEVANT_WRITER_ROLE}`);
  for (const [table, privileges] of Object.entries(RECORDS))
    await run(`GRANT ${privileges} ON ${table} TO ${SERVICE_ROLE}`);
  const taken: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    [RESTORER_ROLE]: RESTORER_RECORDS,
    [DESTROYER_ROLE]: DESTROYER_RECORDS,
  };
  for (const role of there(Object.keys(taken)))
    for (const [table, privileges] of Object.entries(taken[role] ?? {}))
      await run(`GRANT ${privileges} ON ${table} TO ${role}`);
  for (const table of await ownedTables(queryRunner)) await secureTable(run, table, absent);
}

async function secureTable(
  run: (sql: string) => Promise<unknown>,
  table: OwnedTable,
  absent: readonly string[],
): Promise<void> {
  const { name, owned, secured, policies, patientOwned } = table;
  // Only where needed: it locks the table against everybody.
  if (!owned) await run(`ALTER TABLE ${name} OWNER TO ${OWNER_ROLE}`);
  const wanted = patientOwned ? PATIENT_OWNED_POLICIES : POLICIES_OF_RECORDS[name];
  if (wanted === undefined) return;
  if (patientOwned) {
    for (const [role, privileges] of Object.entries(patientOwnedGrants(table)))
      if (!absent.includes(role)) await run(`GRANT ${privileges} ON ${name} TO ${role}`);
  }
  if (!secured) await run(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`);
  for (const policy of wanted) {
    if (policies.includes(policy.name) || absent.includes(policy.role)) continue;
    await run(`DROP POLICY IF EXISTS ${policy.name} ON ${name}`);
    await run(policyText(policy, name));
  }
}

/** A condition on a row of pg_policy, of the table with this oid: it says what it ought to. */
const POLICY_IS_RIGHT = Object.entries(POLICIES_OF_RECORDS)
  .map(([name, policies]) => `WHEN c.oid = to_regclass('${name}') THEN ${isOneOf(policies)}`)
  .join(' ');

function ownedTables(queryRunner: QueryRunner): Promise<OwnedTable[]> {
  return rows<OwnedTable>(
    queryRunner,
    `SELECT c.oid::regclass::text AS name, c.relowner = '${OWNER_ROLE}'::regrole AS owned, c.relrowsecurity AS secured,
       ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid
         AND CASE WHEN owned.columns @> '{is_deleted}' THEN ${isOneOf(PATIENT_OWNED_POLICIES)}
           ${POLICY_IS_RIGHT} END) AS policies,
       owned.columns @> '{is_deleted}' AS "patientOwned", owned.columns, owned.dates, owned.generated
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (${columnsToGrant('c.oid')}) owned
     WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') ORDER BY 1`,
    [GUARDED_SCHEMAS],
  );
}

function rows<Row>(queryRunner: QueryRunner, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  return queryRunner.query(sql, parameters) as Promise<Row[]>;
}
