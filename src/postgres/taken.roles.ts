import type { QueryRunner } from 'typeorm';
import { DESTROYER_ROLE, RESTORER_ROLE, SERVICE_ROLE } from './role.policies.js';

/** The roles that the service takes for single transactions, and what is lost where it may not. */
export const TAKEN_ROLES: Readonly<Record<string, string>> = {
  [RESTORER_ROLE]: 'no deletion can be restored and no legal hold placed',
  [DESTROYER_ROLE]: 'nothing can be destroyed',
};

/**
 * Whether the service may take a role, and whether it has what that role may do without taking it. Up to PostgreSQL 15
 * the member decides what it inherits, and since 16 each grant.
 */
export const grantTo = (role: string): string => `
  SELECT count(*) > 0 AS granted,
    coalesce(bool_or(coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, m.rolinherit)), false) AS inherited
  FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
  WHERE m.rolname = '${SERVICE_ROLE}' AND g.rolname = '${role}'
    AND coalesce((to_jsonb(a) ->> 'set_option')::boolean, true)`;

/** In this order: since PostgreSQL 16 a grant inherits as its member does when it is made. */
const granting = (role: string) => `ALTER ROLE ${SERVICE_ROLE} NOINHERIT; GRANT ${role} TO ${SERVICE_ROLE};`;

/**
 * Lets the service take the roles that restore and destroy, and have nothing of them before it does
 * (docs/adr/0034-restorations.md). What was granted before is left as it is.
 *
 * @param absent those that are not there
 * @param log receives one line for what is missing or too strong
 */
export async function letServiceTakeRoles(
  queryRunner: QueryRunner,
  absent: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  for (const [role, lost] of Object.entries(TAKEN_ROLES))
    if (!absent.includes(role)) await letServiceTake(queryRunner, role, lost, log);
}

async function letServiceTake(
  queryRunner: QueryRunner,
  role: string,
  lost: string,
  log: (line: string) => void,
): Promise<void> {
  let grant = await grantOf(queryRunner, role);
  if (!grant.granted) {
    // Roles belong to the whole server: another database may be granting it at this moment.
    await queryRunner.query(`DO $$ BEGIN ${granting(role)}
      EXCEPTION WHEN insufficient_privilege OR unique_violation OR internal_error THEN NULL; END $$`);
    grant = await grantOf(queryRunner, role);
  }
  if (!grant.granted)
    log(
      `This login may not grant ${role} to ${SERVICE_ROLE}: until somebody does, ${lost}. ` +
        `A database administrator can make up for it: ${granting(role)}`,
    );
  if (grant.inherited)
    log(
      `The role ${SERVICE_ROLE} has what ${role} may do without taking that role: it could do it at any time. A database ` +
        `administrator can make up for it: REVOKE ${role} FROM ${SERVICE_ROLE}; then start again.`,
    );
}

async function grantOf(
  queryRunner: QueryRunner,
  role: string,
): Promise<{ granted: boolean; inherited: boolean }> {
  const [grant] = (await queryRunner.query(grantTo(role))) as { granted: boolean; inherited: boolean }[];
  return grant ?? { granted: false, inherited: false };
}

/**
 * Makes the rest of a transaction work as one of these roles. Where none of Silgi's roles is there, a login works with
 * its own privileges, as it does everywhere.
 */
export const workAs = (role: string): string => `SELECT set_config('role', '${role}', true)
  WHERE to_regrole('${role}') IS NOT NULL OR to_regrole('${SERVICE_ROLE}') IS NOT NULL`;
