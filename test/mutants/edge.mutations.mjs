/** Wrong versions of what stands around the protocol: the API, imports and commands. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const EDGE_MUTATIONS = [];
