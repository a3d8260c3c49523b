import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** Whose privileges are looked at. Those of a role include what PUBLIC and the roles that it is a member of have. */
const ROLES = [
  'silgi_owner',
  'silgi_service',
  'silgi_restorer',
  'silgi_destroyer',
  'relevant_user',
  'relevant_writer',
  'public',
];
const ORDER = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

const OWN_SCHEMAS = `nspname !~ '^pg_' AND nspname <> 'information_schema'`;

/** One row for each object, role and privilege, held or not. Which privileges there are is asked of the server. */
const PRIVILEGES = `
  WITH object (place, name, kind, id, owner, security) AS (
    SELECT 1, 'database', 'd'::"char", oid, datdba, NULL FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 2, format('schema %I', nspname), 'n', oid, nspowner, NULL FROM pg_namespace WHERE ${OWN_SCHEMAS}
    UNION ALL
    SELECT 3, concat(CASE relkind WHEN 'r' THEN '' WHEN 'p' THEN 'partitioned ' WHEN 'S' THEN 'sequence ' WHEN 'f' THEN
          'foreign ' ELSE 'view ' END, CASE WHEN relispartition THEN 'partition ' END, format('%I.%I', nspname, relname)),
      CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.oid, relowner,
      concat(CASE WHEN relrowsecurity THEN 'on' END, CASE WHEN relforcerowsecurity THEN ', forced' END,
        (SELECT ': ' || string_agg(polname, ', ' ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE ${OWN_SCHEMAS} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 4, format('routine %I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)), 'f', p.oid,
      proowner, CASE WHEN prosecdef THEN 'runs as its owner' END
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${OWN_SCHEMAS}
  )
  SELECT name, security, role::text AS role, owner::regrole::text = role::text AS owns, privilege, option <> '' AS may_grant,
    CASE kind WHEN 'd' THEN has_database_privilege(role, id, privilege || option)
      WHEN 'n' THEN has_schema_privilege(role, id, privilege || option)
      WHEN 'r' THEN has_table_privilege(role, id, privilege || option)
      WHEN 's' THEN has_sequence_privilege(role, id, privilege || option)
      WHEN 'f' THEN has_function_privilege(role, id, privilege || option) END AS held,
    ARRAY(SELECT attname::text FROM pg_attribute
      WHERE kind = 'r' AND privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND attrelid = id AND attnum > 0
        AND NOT attisdropped AND has_column_privilege(role, id, attnum, privilege || option) ORDER BY 1) AS columns
  FROM object
    CROSS JOIN LATERAL (SELECT DISTINCT privilege_type FROM aclexplode(acldefault(kind, owner))) a (privilege)
    CROSS JOIN unnest($1::name[]) WITH ORDINALITY AS r (role, position)
    CROSS JOIN (VALUES (''), (' WITH GRANT OPTION')) AS o (option)
  ORDER BY place, name, position, privilege, option`;

/** What a role is by itself, without any grant. Of its members nothing is said: every login of the service is one. */
const ATTRIBUTES = `
  SELECT rolname,
    (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_each(to_jsonb(r)) WHERE value = 'true'),
    (SELECT string_agg(roleid::regrole::text, ', ' ORDER BY roleid::regrole::text) FROM pg_auth_members WHERE member = r.oid),
    (SELECT string_agg(array_to_string(setconfig, ', '), ', ') FROM pg_db_role_setting WHERE setrole = r.oid)
  FROM pg_roles r WHERE rolname = ANY ($1) ORDER BY array_position($1, rolname)`;

/** Each policy once, however many tables have it. */
const POLICIES = `
  SELECT DISTINCT polname, CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END,
    CASE polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END,
    (SELECT string_agg(CASE one WHEN 0 THEN 'PUBLIC' ELSE one::regrole::text END, ', ') FROM unnest(polroles) one),
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
  FROM pg_policy ORDER BY 1, 2, 3, 4, 5, 6`;

/** What whoever makes an object grants on it at once. */
const FUTURE = `
  SELECT defaclrole::regrole::text, coalesce(nspname, 'every schema'), defaclobjtype::text, array_to_string(defaclacl, ', ')
  FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace ORDER BY 1, 2, 3`;

interface Privilege {
  readonly name: string;
  readonly security: string | null;
  readonly role: string;
  readonly owns: boolean;
  readonly privilege: string;
  readonly may_grant: boolean;
  readonly held: boolean;
  readonly columns: string[];
}

/**
 * Reads role × object × privilege from the catalogue of a database, with what lies behind it: the roles' own
 * attributes, the policies of row-level security, and what is granted on objects that are yet to be made.
 *
 * @returns the rows of the tables in `privileges.md`
 */
export async function privilegesIn(session: pg.Client): Promise<string[]> {
  const rows = async (sql: string, parameters: unknown[] = []) =>
    (await session.query<(string | null)[]>({ text: sql, values: parameters, rowMode: 'array' })).rows.map(
      rowOf,
    );
  const { rows: privileges } = await session.query<Privilege>(PRIVILEGES, [ROLES]);
  const names = [...new Set(privileges.map(({ name }) => name))];
  return [
    rowOf(['role', 'attributes', 'member of', 'settings']),
    ...(await rows(ATTRIBUTES, [ROLES])),
    rowOf(['object', ...ROLES, 'security']),
    ...names.map((name) => {
      const own = privileges.filter((one) => one.name === name);
      return rowOf([
        name,
        ...ROLES.map((role) => heldOf(own.filter((one) => one.role === role))),
        own[0]?.security,
      ]);
    }),
    rowOf(['policy', 'kind', 'command', 'roles', 'sees', 'writes']),
    ...(await rows(POLICIES)),
    rowOf(['future objects of', 'in', 'kind', 'privileges']),
    ...(await rows(FUTURE)),
  ];
}

/** The same rows as they are meant to be. */
export function expectedPrivileges(): string[] {
  return readFileSync(join(import.meta.dirname, 'privileges.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]*$/.test(line))
    .map((line) => rowOf(line.slice(1, -1).split('|')));
}

/** A star: it may be granted on. In parentheses: on these columns alone. */
function heldOf(privileges: readonly Privilege[]): string {
  const plain = privileges.filter(({ may_grant }) => !may_grant);
  if (plain.every(({ held, owns }) => held && owns)) return 'owner';
  const starred = new Set(
    privileges.filter((one) => one.may_grant && isHeld(one)).map(({ privilege }) => privilege),
  );
  return plain
    .filter(isHeld)
    .sort((one, other) => placeOf(one) - placeOf(other))
    .map(({ held, privilege, columns }) => {
      const star = starred.has(privilege) ? '*' : '';
      return `${privilege}${star}${held ? '' : ` (${columns.join(', ')})`}`;
    })
    .join(', ');
}

const isHeld = ({ held, columns }: Privilege) => held || columns.length > 0;

function placeOf({ privilege }: Privilege): number {
  const place = ORDER.indexOf(privilege);
  return place < 0 ? ORDER.length : place;
}

function rowOf(cells: readonly (string | null | undefined)[]): string {
  return `| ${cells.map((cell) => (cell ?? '').trim() || '-').join(' | ')} |`;
}
