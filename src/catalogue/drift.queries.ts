import {
  BOUND_ROLES,
  columnsToGrant,
  DESTROYER_RECORDS,
  DESTROYER_ROLE,
  type GrantedTable,
  grantTo,
  GUARDED_SCHEMAS,
  isOneOf,
  OWNER_ROLE,
  PATIENT_OWNED_POLICIES,
  patientOwnedGrants,
  POLICIES_OF_RECORDS,
  type Policy,
  RECORDS,
  RESTORER_RECORDS,
  RESTORER_ROLE,
  SERVICE_ROLE,
  TAKEN_ROLES,
} from '../postgres/index.js';
import { IS_DELETED, literal, LIVE, type StatementTable, VAULT_SCHEMA } from '../shards/index.js';
import { GENERATED_LIVE } from './catalogue.queries.js';

/** A privilege that a role may have on a table; on one column where one is named. */
interface Granted {
  readonly table: string;
  readonly role: string;
  readonly privilege: string;
  readonly column: string | null;
}

/**
 * What may be granted on the tables.
 *
 * @param owned those with marks, with their columns
 * @param vaults those that rows of a hospital's own tables leave for
 */
export function grantedOn(owned: readonly GrantedTable[], vaults: readonly StatementTable[]): Granted[] {
  return [
    ...vaults.flatMap(({ schema, table }) => [
      ...privilegesIn('SELECT, INSERT', `${schema}.${table}`, SERVICE_ROLE),
      ...privilegesIn('SELECT, DELETE', `${schema}.${table}`, RESTORER_ROLE),
    ]),
    ...Object.entries(RECORDS).flatMap(([table, text]) => privilegesIn(text, table, SERVICE_ROLE)),
    ...Object.entries(RESTORER_RECORDS).flatMap(([table, text]) => privilegesIn(text, table, RESTORER_ROLE)),
    ...Object.entries(DESTROYER_RECORDS).flatMap(([table, text]) =>
      privilegesIn(text, table, DESTROYER_ROLE),
    ),
    ...owned.flatMap((table) =>
      Object.entries(patientOwnedGrants(table)).flatMap(([role, text]) =>
        privilegesIn(text, table.name, role),
      ),
    ),
  ];
}

/** `SELECT, UPDATE (a, b)` as three privileges. */
function privilegesIn(text: string, table: string, role: string): Granted[] {
  return [...text.matchAll(/(\w+)(?: \(([^)]*)\))?(?:, |$)/g)].flatMap(([, privilege = '', columns]) =>
    (columns?.split(', ') ?? [null]).map((column) => ({ table, role, privilege, column })),
  );
}

/** The declared tables that are there, with their columns. Parameter: their names. */
export const COLUMNS_OF_TABLES = `
  SELECT name, owned.* FROM unnest($1::text[]) AS name
  CROSS JOIN LATERAL (${columnsToGrant('to_regclass(name)')}) owned WHERE to_regclass(name) IS NOT NULL`;

/** Those of the tables that rows leave for, too. */
const SCHEMAS = [...GUARDED_SCHEMAS, VAULT_SCHEMA];
const list = (names: readonly string[]) => names.map(literal).join(', ');
const namesOf = (policies: readonly { name: string }[]) => list(policies.map(({ name }) => name));
const WITH_POLICIES = [
  { which: 't.is_owned', its: PATIENT_OWNED_POLICIES },
  ...Object.entries(POLICIES_OF_RECORDS).map(([name, its]) => ({ which: `t.name = ${literal(name)}`, its })),
];
const byTable = (of: (its: readonly Policy[]) => string) =>
  `CASE ${WITH_POLICIES.map(({ which, its }) => `WHEN ${which} THEN ${of(its)}`).join(' ')} END`;
const HAS_POLICIES = `(${WITH_POLICIES.map(({ which }) => which).join(' OR ')})`;
const POLICY_IS_KNOWN = byTable((its) => `p.polname IN (${namesOf(its)})`);
const POLICY_IS_RIGHT = byTable(isOneOf);
const policies = (condition: string) =>
  `(SELECT string_agg(p.polname, ', ' ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = t.oid AND ${condition})`;

/**
 * What is not as the migrations and the start have made it, of every table of the shards: the generated column,
 * row-level security and its policies, the owner, and grants beyond those that are meant. Another role may be granted reading by whoever administers the database; row-level security shows
 * it nothing of a patient.
 *
 * Parameters: what is granted, as JSON; the names of the patient-owned tables.
 */
export const TABLE_DRIFT = `
  WITH granted AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS g ("table" text, role text, privilege text, "column" text)
  ), guarded AS (
    SELECT c.oid, n.nspname, n.nspname || '.' || c.relname AS name, c.relkind, c.relowner, c.relacl, c.relrowsecurity,
      c.relforcerowsecurity, n.nspname || '.' || c.relname = ANY ($2::text[]) AS is_owned
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v')
      AND (n.nspname IN (${list(SCHEMAS)}) OR n.nspname || '.' || c.relname IN (${list(Object.keys(RECORDS))}))
  ), held AS (
    SELECT t.name, g.grantee, g.privilege_type AS privilege, NULL AS "column" FROM guarded t, aclexplode(t.relacl) g
    WHERE g.grantee <> t.relowner
    UNION ALL
    SELECT t.name, g.grantee, g.privilege_type, quote_ident(a.attname) FROM guarded t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped, aclexplode(a.attacl) g
    WHERE g.grantee <> t.relowner
  ), excess AS (
    SELECT h.name, coalesce(r.rolname, 'everybody') AS who, h.privilege = 'SELECT' AS reads,
      string_agg(DISTINCT concat(h.privilege, ' of ' || h.column), ', ') AS privileges
    FROM held h LEFT JOIN pg_roles r ON r.oid = h.grantee
    WHERE (h.grantee = 0 OR r.rolname IN (${list(BOUND_ROLES)}) OR h.privilege <> 'SELECT')
      AND r.rolname IS DISTINCT FROM ${literal(OWNER_ROLE)}
      AND NOT EXISTS (SELECT FROM granted g WHERE g.table = h.name AND g.role = r.rolname AND g.privilege = h.privilege
        AND (g.column IS NULL OR g.column = h.column))
    GROUP BY 1, 2, 3
  ), found (name, place, why) AS (
    SELECT name, 1, '${LIVE} is not generated from ${IS_DELETED}' FROM guarded t
    WHERE is_owned AND oid NOT IN (${GENERATED_LIVE})
    UNION ALL
    SELECT name, 2, 'row-level security is off' FROM guarded t WHERE ${HAS_POLICIES} AND NOT relrowsecurity
    UNION ALL
    SELECT name, 3, 'row-level security is forced upon its owner' FROM guarded WHERE relforcerowsecurity
    UNION ALL
    SELECT name, 4, 'a policy is missing' FROM guarded t WHERE ${HAS_POLICIES}
      AND ${byTable((its) => String(its.length))} > (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND ${POLICY_IS_KNOWN})
    UNION ALL
    SELECT name, 5, 'a policy was added: ' || ${policies(`NOT (${HAS_POLICIES} AND ${POLICY_IS_KNOWN})`)} FROM guarded t
    UNION ALL
    SELECT name, 6, 'a policy was changed: ' || ${policies(`${POLICY_IS_KNOWN} AND NOT ${POLICY_IS_RIGHT}`)}
    FROM guarded t WHERE ${HAS_POLICIES}
    UNION ALL
    SELECT name, 7, 'its owner is ' || relowner::regrole || ' and not ${OWNER_ROLE}' FROM guarded
    WHERE relowner <> to_regrole('${OWNER_ROLE}') AND nspname <> 'public'
    UNION ALL
    SELECT name, 8, who || CASE WHEN reads THEN ' may read' ELSE ' may write' END || ' (' || privileges || ')' FROM excess
    UNION ALL
    SELECT name, 11, 'a rule was added: ' || w.rulename FROM guarded t JOIN pg_rewrite w ON w.ev_class = t.oid
    WHERE t.relkind IN ('r', 'p') AND name NOT IN (${list(Object.keys(RECORDS))})
    UNION ALL
    SELECT 'schema ' || nspname, 12, 'its owner is ' || nspowner::regrole || ' and not ${OWNER_ROLE}' FROM pg_namespace
    WHERE nspname IN (${list(SCHEMAS)}) AND nspowner <> to_regrole('${OWNER_ROLE}')
    UNION ALL
    SELECT 'schema ' || nspname, 13, coalesce(r.rolname, 'everybody') || ' may make objects in it'
    FROM pg_namespace CROSS JOIN aclexplode(nspacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
    WHERE nspname IN (${list(SCHEMAS)}) AND g.privilege_type = 'CREATE' AND g.grantee <> nspowner
  )
  SELECT name AS table, string_agg(why, '; ' ORDER BY place, why) AS why FROM found WHERE why IS NOT NULL
  GROUP BY name ORDER BY name`;

/** The service may not take a role that it takes for single transactions, or has what that may do without taking it. */
function grantDrift([role, lost]: readonly [string, string]): string {
  return `SELECT ${literal(SERVICE_ROLE)}, 4, CASE
      WHEN inherited THEN format('%I has what %I may do without taking that role; take it back: REVOKE %2$I FROM %1$I',
        ${literal(SERVICE_ROLE)}, ${literal(role)})
      ELSE format('%I may not take %I, so that ${lost}; mend it: GRANT %2$I TO %1$I', ${literal(SERVICE_ROLE)}, ${literal(role)}) END
    FROM (${grantTo(role)}) AS "grant" WHERE inherited OR NOT granted`;
}

/** Roles that what is granted on the tables does not bind, and roles that were granted to each other or others to them. */
export const ROLE_DRIFT = `
  SELECT '*' AS table, why FROM (
    SELECT rolname, 1 AS place, 'row-level security does not bind ' || rolname || '; take it back: ALTER ROLE ' || rolname
      || ' NOSUPERUSER NOBYPASSRLS' AS why
    FROM pg_roles WHERE rolname IN (${list(BOUND_ROLES)}) AND (rolbypassrls OR rolsuper)
    UNION ALL
    SELECT rolname, 2, rolname || ' may make and change roles; take it back: ALTER ROLE ' || rolname || ' NOCREATEROLE'
    FROM pg_roles WHERE rolname IN (${list(BOUND_ROLES)}) AND rolcreaterole
    UNION ALL
    SELECT m.rolname, 3, format('%I is a member of %I, and may do whatever that role may; take it back: REVOKE %2$I FROM %1$I',
      m.rolname, g.rolname)
    FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
    WHERE m.rolname IN (${list([OWNER_ROLE, ...BOUND_ROLES])})
      AND NOT (m.rolname = ${literal(SERVICE_ROLE)} AND g.rolname IN (${list(Object.keys(TAKEN_ROLES))}))
    UNION ALL
    ${Object.entries(TAKEN_ROLES).map(grantDrift).join(' UNION ALL ')}
  ) role ORDER BY rolname, place, why`;
