import {
  declareSteps,
  type FailurePoint,
  pointOf,
  type Step,
  stepOf,
  stepsOf,
} from '../../protocol/index.js';

/** What is read rests on the patient's lock (RELIABILITY rule 1). */
const UNDER_THE_LOCK = ['lock'] as const;
/** What every vote rests on: periods may be counted from a day that any shard's rows tell of. */
const LAST_CONTACT = ['read destructions', 'last contact clinical', 'last contact finance'] as const;
/** What destroying rests on: nothing goes before every shard has voted. */
const ALL_VOTES = ['vote patient', 'vote clinical', 'vote finance', 'vote audit', 'vote catalogue'] as const;
const CHILDREN_GONE = ['destroy clinical', 'destroy finance'] as const;
const ALL_GONE = [...CHILDREN_GONE, 'empty patient'] as const;

/** PREPARE, as a preview runs it as well. What belongs to no single shard is the home shard's, `patient`. */
export const DESTRUCTION_PREVIEW_STEPS = declareSteps({
  'take role': { phase: 'PREPARE', shard: 'patient' },
  lock: { phase: 'PREPARE', shard: 'patient', after: ['take role'] },
  'read record': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'read destructions': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'last contact clinical': { phase: 'PREPARE', shard: 'clinical', after: UNDER_THE_LOCK },
  'last contact finance': { phase: 'PREPARE', shard: 'finance', after: UNDER_THE_LOCK },
  'vote patient': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'vote clinical': { phase: 'PREPARE', shard: 'clinical', after: LAST_CONTACT },
  'vote finance': { phase: 'PREPARE', shard: 'finance', after: LAST_CONTACT },
  'vote audit': { phase: 'PREPARE', shard: 'audit', after: UNDER_THE_LOCK },
  'vote catalogue': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
});

/** The steps of a destruction in their order: children first, the patient's own row last, as where they were hidden. */
export const DESTRUCTION_STEPS = declareSteps({
  ...DESTRUCTION_PREVIEW_STEPS,
  'destroy clinical': { phase: 'EXECUTE', shard: 'clinical', after: ALL_VOTES },
  'destroy finance': { phase: 'EXECUTE', shard: 'finance', after: ALL_VOTES },
  'empty patient': { phase: 'EXECUTE', shard: 'patient', after: CHILDREN_GONE },
  'recount clinical': { phase: 'EXECUTE', shard: 'clinical', after: ALL_GONE },
  'recount finance': { phase: 'EXECUTE', shard: 'finance', after: ALL_GONE },
  rescan: { phase: 'EXECUTE', shard: 'patient', after: ALL_GONE },
  audit: { phase: 'EXECUTE', shard: 'audit', after: ALL_GONE },
  record: { phase: 'EXECUTE', shard: 'patient', after: ['read record', ...ALL_GONE] },
  'compare counts': { phase: 'EXECUTE', shard: 'patient', after: ['recount clinical', 'recount finance'] },
});

export type DestructionPreviewStep = keyof typeof DESTRUCTION_PREVIEW_STEPS;
export type DestructionStep = keyof typeof DESTRUCTION_STEPS;

const DECLARED = { home: 'patient', steps: DESTRUCTION_STEPS } as const;

/** What the two actions are called in logs, metrics and traces. */
export const DESTRUCTION = 'destruction';
export const DESTRUCTION_PREVIEW = 'preview of a destruction';

/** Every step of a destruction in order, with those around it that the protocol itself takes. */
export const ALL_DESTRUCTION_STEPS: readonly Step[] = stepsOf(DECLARED);

/** Where a destruction stands in this step, for an error that is thrown in it. */
export function destructionPoint(step: DestructionStep, table?: string): FailurePoint {
  return pointOf(stepOf(DECLARED, step), table);
}
