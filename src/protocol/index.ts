export {
  ActionFailed,
  type FailurePoint,
  OutcomePending,
  ShardFailed,
  ShardUnavailable,
} from './action.errors.js';
export {
  type Action,
  declareSteps,
  type Phase,
  type Run,
  type RunIds,
  type StepDeclarations,
  type Transaction,
} from './action.js';
export { Admission, AT_A_TIME, type Place } from './admission.js';
export { FaultInjection } from './fault.injection.js';
export { ProtocolModule } from './protocol.module.js';
export { pointOf, type Step, stepOf, stepsOf } from './protocol.steps.js';
export { type Resolution, type RunEnd, type RunObserver, RunObservers } from './run.observers.js';
export { Semaphore } from './semaphore.js';
export { RESOLVE_WITHIN_MS, Transactions } from './transactions.js';
