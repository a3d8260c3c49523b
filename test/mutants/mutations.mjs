import { BATCH_MUTATIONS } from './batch.mutations.mjs';
import { EDGE_MUTATIONS } from './edge.mutations.mjs';
import { LOG_MUTATIONS } from './log.mutations.mjs';
import { OUTCOME_MUTATIONS } from './outcome.mutations.mjs';
import { PROGRAM_MUTATIONS } from './program.mutations.mjs';
import { PROOF_MUTATIONS } from './proof.mutations.mjs';
import { PROTOCOL_MUTATIONS } from './protocol.mutations.mjs';
import { ROLE_MUTATIONS } from './role.mutations.mjs';

/**
 * One wrong version of the product: texts to find in a file, each standing there once, with their replacements, and
 * the suites that must turn red: a pattern of their paths below `test/`.
 *
 * @typedef {{ name: string, file: string, edits: [string, string][], suites: string }} Mutation
 */

/** @type {Mutation[]} */
export const MUTATIONS = [
  ...PROTOCOL_MUTATIONS,
  ...OUTCOME_MUTATIONS,
  ...BATCH_MUTATIONS,
  ...LOG_MUTATIONS,
  ...PROOF_MUTATIONS,
  ...ROLE_MUTATIONS,
  ...EDGE_MUTATIONS,
  ...PROGRAM_MUTATIONS,
];
