import type { QueryRunner } from 'typeorm';
import { RESTORER_ROLE, SERVICE_ROLE } from './role.policies.js';

/**
 * Whether the service may take the role that restores, and whether it has what that role may do without taking it. Up
 * to PostgreSQL 15 the member decides what it inherits, and since 16 each grant.
 */
export const RESTORER_GRANT = `
  SELECT count(*) > 0 AS granted,
    coalesce(bool_or(coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, m.rolinherit)), false) AS inherited
  FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
  WHERE m.rolname = '${SERVICE_ROLE}' AND g.rolname = '${RESTORER_ROLE}'
    AND coalesce((to_jsonb(a) ->> 'set_option')::boolean, true)`;

/** In this order: since PostgreSQL 16 a grant inherits as its member does when it is made. */
const GRANT = `ALTER ROLE ${SERVICE_ROLE} NOINHERIT; GRANT ${RESTORER_ROLE} TO ${SERVICE_ROLE};`;

/**
 * Lets the service take the role that restores, and have nothing of it before it does
 * (docs/adr/0034-restorations.md). What was granted before is left as it is.
 *
 * @param log receives one line for what is missing or too strong
 */
export async function letServiceRestore(
  queryRunner: QueryRunner,
  log: (line: string) => void,
): Promise<void> {
  let grant = await grantOf(queryRunner);
  if (!grant.granted) {
    // Roles belong to the whole server: another database may be granting it at this moment.
    await queryRunner.query(`DO $$ BEGIN ${GRANT}
      EXCEPTION WHEN insufficient_privilege OR unique_violation OR internal_error THEN NULL; END $$`);
    grant = await grantOf(queryRunner);
  }
  if (!grant.granted)
    log(
      `This login may not grant ${RESTORER_ROLE} to ${SERVICE_ROLE}: until somebody does, no deletion can be restored and no legal hold placed. ` +
        `A database administrator can make up for it: ${GRANT}`,
    );
  if (grant.inherited)
    log(
      `The role ${SERVICE_ROLE} has what ${RESTORER_ROLE} may do without taking that role: it could take a mark back at ` +
        `any time. A database administrator can make up for it: REVOKE ${RESTORER_ROLE} FROM ${SERVICE_ROLE}; then ` +
        'start again.',
    );
}

async function grantOf(queryRunner: QueryRunner): Promise<{ granted: boolean; inherited: boolean }> {
  const [grant] = (await queryRunner.query(RESTORER_GRANT)) as { granted: boolean; inherited: boolean }[];
  return grant ?? { granted: false, inherited: false };
}

/**
 * Makes the rest of a transaction work as the role that restores. Where none of Silgi's roles is there, a login works
 * with its own privileges, as it does everywhere.
 */
export const WORK_AS_RESTORER = `SELECT set_config('role', '${RESTORER_ROLE}', true)
  WHERE to_regrole('${RESTORER_ROLE}') IS NOT NULL OR to_regrole('${SERVICE_ROLE}') IS NOT NULL`;
