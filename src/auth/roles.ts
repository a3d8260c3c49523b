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

/**
 * Finds a claim by its name or by its path with dots: `roles`, `https://hospital.example/roles`,
 * `realm_access.roles`, `resource_access.silgi.roles`. A claim of that very name comes first, and so does any name
 * within the path that has dots itself, such as that of a client.
 *
 * @param claims claims of a token, or the object of one
 * @returns undefined where there is none
 */
export function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(claims, name)) continue;
    const found = claimAt((claims as Record<string, unknown>)[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
