import { declareSteps, type Step, stepsOf } from '../../protocol/index.js';

/**
 * The steps by which a legal hold is placed or released, in their order. They take the lock of a deletion: whichever
 * comes first, the other one sees it.
 */
export const HOLD_STEPS = declareSteps({
  lock: { phase: 'PREPARE', shard: 'patient' },
  'read holds': { phase: 'PREPARE', shard: 'patient', after: ['lock'] },
  audit: { phase: 'EXECUTE', shard: 'audit', after: ['read holds'] },
  hold: { phase: 'EXECUTE', shard: 'patient', after: ['read holds'] },
});

export type HoldStep = keyof typeof HOLD_STEPS;

/** What the two actions are called in logs and traces. */
export const HOLD_PLACEMENT = 'legal hold';
export const HOLD_RELEASE = 'release of a legal hold';

/** Every step of both, with those around it that the protocol itself takes. */
export const ALL_HOLD_STEPS: readonly Step[] = stepsOf({ home: 'patient', steps: HOLD_STEPS });
