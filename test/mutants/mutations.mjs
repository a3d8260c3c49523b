import { BATCH_MUTATIONS } from './batch.mutations.mjs';
import { EDGE_MUTATIONS } from './edge.mutations.mjs';
import { LOG_MUTATIONS } from './log.mutations.mjs';
import { OUTCOME_MUTATIONS } from './outcome.mutations.mjs';
import { PLANS_MUTATIONS } from './plans.mutations.mjs';
import { PROGRAM_MUTATIONS } from './program.mutations.mjs';
import { PROOF_MUTATIONS } from './proof.mutations.mjs';
import { PROTOCOL_MUTATIONS } from './protocol.mutations.mjs';
import { ROLE_MUTATIONS } from './role.mutations.mjs';
import { SESSION_MUTATIONS } from './session.mutations.mjs';

/** @typedef {import('./mutations.d.mts').Mutation} Mutation */

/** @type {Mutation[]} */
export const MUTATIONS = [
  ...PROTOCOL_MUTATIONS,
  ...PLANS_MUTATIONS,
  ...OUTCOME_MUTATIONS,
  ...BATCH_MUTATIONS,
  ...LOG_MUTATIONS,
  ...PROOF_MUTATIONS,
  ...ROLE_MUTATIONS,
  ...SESSION_MUTATIONS,
  ...EDGE_MUTATIONS,
  ...PROGRAM_MUTATIONS,
];
