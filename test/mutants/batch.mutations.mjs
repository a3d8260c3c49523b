/** Wrong versions of batches. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const BATCH_MUTATIONS = [];
