import {
  declareSteps,
  type FailurePoint,
  pointOf,
  type Step,
  stepOf,
  stepsOf,
} from '../../protocol/index.js';

/** What every vote rests on: it is asked under the patient's lock (RELIABILITY rule 1). */
const UNDER_THE_LOCK = ['lock'] as const;
/** What taking back rests on: nothing comes back before every shard has voted. */
const ALL_VOTES = ['vote patient', 'vote clinical', 'vote finance', 'vote audit', 'vote catalogue'] as const;
const PARENT_RESTORED = ['restore patient'] as const;
const ALL_RESTORED = [...PARENT_RESTORED, 'restore clinical', 'restore finance'] as const;

/**
 * The steps of a restoration in their order: the parent before its children (RELIABILITY rule 2). What belongs to no
 * single shard is the home shard's, `patient`, whose commit is the decision.
 */
export const RESTORATION_STEPS = declareSteps({
  'take role': { phase: 'PREPARE', shard: 'patient' },
  lock: { phase: 'PREPARE', shard: 'patient', after: ['take role'] },
  'read record': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'vote patient': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'vote clinical': { phase: 'PREPARE', shard: 'clinical', after: UNDER_THE_LOCK },
  'vote finance': { phase: 'PREPARE', shard: 'finance', after: UNDER_THE_LOCK },
  'vote audit': { phase: 'PREPARE', shard: 'audit', after: UNDER_THE_LOCK },
  'vote catalogue': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'restore patient': { phase: 'EXECUTE', shard: 'patient', after: ALL_VOTES },
  'restore clinical': { phase: 'EXECUTE', shard: 'clinical', after: PARENT_RESTORED },
  'restore finance': { phase: 'EXECUTE', shard: 'finance', after: PARENT_RESTORED },
  'check constraints': { phase: 'EXECUTE', shard: 'patient', after: ALL_RESTORED },
  'guard demographics': { phase: 'EXECUTE', shard: 'patient', after: PARENT_RESTORED },
  rescan: { phase: 'EXECUTE', shard: 'patient', after: ALL_RESTORED },
  audit: { phase: 'EXECUTE', shard: 'audit', after: ALL_RESTORED },
  record: { phase: 'EXECUTE', shard: 'patient', after: ['read record', ...ALL_RESTORED] },
  'compare counts': { phase: 'EXECUTE', shard: 'patient', after: ALL_RESTORED },
});

export type RestorationStep = keyof typeof RESTORATION_STEPS;

const DECLARED = { home: 'patient', steps: RESTORATION_STEPS } as const;

/** What a restoration is called in logs, metrics and traces. */
export const RESTORATION = 'restoration';

/** Every step of a restoration in order, with those around it that the protocol itself takes. */
export const ALL_RESTORATION_STEPS: readonly Step[] = stepsOf(DECLARED);

/** Where a restoration stands in this step, for an error that is thrown in it. */
export function restorationPoint(step: RestorationStep, table?: string): FailurePoint {
  return pointOf(stepOf(DECLARED, step), table);
}
