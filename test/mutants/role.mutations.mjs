/** Wrong versions of the database roles and what a session says of itself. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const ROLE_MUTATIONS = [];
