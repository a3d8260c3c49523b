import { ADOPTED_MUTATIONS } from './adopted.mutations.mjs';
import { ADOPTION_MUTATIONS } from './adoption.mutations.mjs';
import { BATCH_MUTATIONS } from './batch.mutations.mjs';
import { DESTRUCTION_MUTATIONS } from './destruction.mutations.mjs';
import { EDGE_MUTATIONS } from './edge.mutations.mjs';
import { GUARD_MUTATIONS } from './guard.mutations.mjs';
import { ENTRY_MUTATIONS } from './entry.mutations.mjs';
import { HOLD_MUTATIONS } from './hold.mutations.mjs';
import { INTAKE_MUTATIONS } from './intake.mutations.mjs';
import { KEY_MUTATIONS } from './keys.mutations.mjs';
import { LOG_MUTATIONS } from './log.mutations.mjs';
import { OUTCOME_MUTATIONS } from './outcome.mutations.mjs';
import { PLANS_MUTATIONS } from './plans.mutations.mjs';
import { PROGRAM_MUTATIONS } from './program.mutations.mjs';
import { PROOF_MUTATIONS } from './proof.mutations.mjs';
import { PROTOCOL_MUTATIONS } from './protocol.mutations.mjs';
import { READINESS_MUTATIONS } from './readiness.mutations.mjs';
import { REQUEST_MUTATIONS } from './request.mutations.mjs';
import { RESTORATION_MUTATIONS } from './restoration.mutations.mjs';
import { RETENTION_MUTATIONS } from './retention.mutations.mjs';
import { ROLE_MUTATIONS } from './role.mutations.mjs';
import { SESSION_MUTATIONS } from './session.mutations.mjs';

/** @typedef {import('./mutations.d.mts').Mutation} Mutation */

/** @type {Mutation[]} */
export const MUTATIONS = [
  ...PROTOCOL_MUTATIONS,
  ...PLANS_MUTATIONS,
  ...OUTCOME_MUTATIONS,
  ...BATCH_MUTATIONS,
  ...GUARD_MUTATIONS,
  ...LOG_MUTATIONS,
  ...INTAKE_MUTATIONS,
  ...PROOF_MUTATIONS,
  ...READINESS_MUTATIONS,
  ...ROLE_MUTATIONS,
  ...RESTORATION_MUTATIONS,
  ...DESTRUCTION_MUTATIONS,
  ...HOLD_MUTATIONS,
  ...REQUEST_MUTATIONS,
  ...RETENTION_MUTATIONS,
  ...SESSION_MUTATIONS,
  ...EDGE_MUTATIONS,
  ...ENTRY_MUTATIONS,
  ...PROGRAM_MUTATIONS,
  ...ADOPTION_MUTATIONS,
  ...KEY_MUTATIONS,
  ...ADOPTED_MUTATIONS,
];

/** Of so many mutants one is tried in each run of the gate. */
export const GATE_SHARE = 8;

/**
 * Every eighth mutant, beginning with the one that a number leads to: eight numbers in a row draw each mutant once.
 *
 * @param {number} seed a whole number, 0 or more
 */
export function drawnBy(seed) {
  return MUTATIONS.filter((_, at) => at % GATE_SHARE === seed % GATE_SHARE);
}
