/** Wrong versions of the audit log, its keys and its checkpoints. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const LOG_MUTATIONS = [];
