export {
  DeletionFailed,
  type FailurePoint,
  OutcomePending,
  ShardFailed,
  ShardUnavailable,
} from './action.errors.js';
export { outcomeOf } from './run.outcome.js';
export { pointOf } from './step.failure.js';
export { type Act, type Resolution, type Run, type RunEnd, StepObserver } from './step.observer.js';
export { AT_A_TIME, type AtomicUnit, type Steps, Transactions } from './transaction.js';
export { DELETION_STEPS, type DeletionStep, SIDE_STEPS, type StepName } from './deletion.steps.js';
