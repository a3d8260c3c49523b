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
/** What every mark rests on: nothing is marked before every shard has voted. */
const ALL_VOTES = ['vote patient', 'vote clinical', 'vote finance', 'vote audit', 'vote catalogue'] as const;
const CHILDREN_MARKED = ['mark clinical', 'mark finance'] as const;
const ALL_MARKED = [...CHILDREN_MARKED, 'mark patient'] as const;

/**
 * PREPARE as a preview runs it. What belongs to no single shard (the catalogue guard, the rescan) is the home
 * shard's, `patient`, whose commit is the decision.
 */
export const PREVIEW_STEPS = declareSteps({
  lock: { phase: 'PREPARE', shard: 'patient' },
  'vote patient': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
  'vote clinical': { phase: 'PREPARE', shard: 'clinical', after: UNDER_THE_LOCK },
  'vote finance': { phase: 'PREPARE', shard: 'finance', after: UNDER_THE_LOCK },
  'vote audit': { phase: 'PREPARE', shard: 'audit', after: UNDER_THE_LOCK },
  'vote catalogue': { phase: 'PREPARE', shard: 'patient', after: UNDER_THE_LOCK },
});

/**
 * The steps of a deletion in their order. The protocol runs each by its name, errors and traces carry it, and the
 * fault suites drive every fault through every one of them: a step that is not here does not compile.
 */
export const DELETION_STEPS = declareSteps({
  claim: { phase: 'PREPARE', shard: 'patient' },
  ...PREVIEW_STEPS,
  'mark clinical': { phase: 'EXECUTE', shard: 'clinical', after: ALL_VOTES },
  'mark finance': { phase: 'EXECUTE', shard: 'finance', after: ALL_VOTES },
  'mark patient': { phase: 'EXECUTE', shard: 'patient', after: CHILDREN_MARKED },
  'guard demographics': { phase: 'EXECUTE', shard: 'patient', after: ['mark patient'] },
  rescan: { phase: 'EXECUTE', shard: 'patient', after: ALL_MARKED },
  audit: { phase: 'EXECUTE', shard: 'audit', after: ALL_MARKED },
  record: { phase: 'EXECUTE', shard: 'patient', after: ['claim', ...ALL_MARKED] },
  'compare counts': { phase: 'EXECUTE', shard: 'patient', after: ALL_MARKED },
});

export type PreviewStep = keyof typeof PREVIEW_STEPS;
export type DeletionStep = keyof typeof DELETION_STEPS;

const DECLARED = { home: 'patient', steps: DELETION_STEPS } as const;

/** What a deletion is called in logs, metrics and traces. */
export const DELETION = 'deletion';

/** Every step of a deletion in order, with those around it that the protocol itself takes. */
export const ALL_DELETION_STEPS: readonly Step[] = stepsOf(DECLARED);

/** Where a deletion stands in this step, for an error that is thrown in it. */
export function deletionPoint(step: DeletionStep, table?: string): FailurePoint {
  return pointOf(stepOf(DECLARED, step), table);
}
