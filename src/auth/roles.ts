/** What a caller may be, as the tokens name it (API.md, Sign-in). */
export const ROLES = ['system-admin', 'privacy-officer', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/**
 * The roles of Silgi among those that a token's claim lists. Issuers write a list either as an array or, like
 * OAuth scopes, as words in one string; roles of other services are none of ours and fall out.
 */
export function rolesIn(claim: unknown): Role[] {
  const listed: unknown[] =
    typeof claim === 'string' ? claim.split(/\s+/) : Array.isArray(claim) ? claim : [];
  return ROLES.filter((role) => listed.includes(role));
}
