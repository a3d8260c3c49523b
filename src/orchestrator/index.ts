export type { Deleted } from './delete-patient/delete-patient.action.js';
export type {
  DeletePatientCommand,
  DeletionAnswer,
  DeletionPreview,
  PreviewDeletionCommand,
} from './delete-patient/deletion.js';
export {
  DeletionVetoed,
  DemographicsNotDeleted,
  IdempotencyKeyReused,
  PreviewOutdated,
} from './delete-patient/deletion.errors.js';
export {
  ALL_DELETION_STEPS,
  DELETION,
  DELETION_STEPS,
  type DeletionStep,
} from './delete-patient/deletion.steps.js';
export type { Answered } from './answer-request/answer-request.action.js';
export type {
  ExtendRequestCommand,
  RecordRequestCommand,
  RefuseRequestCommand,
  WithdrawRequestCommand,
} from './answer-request/erasure-request.js';
export {
  ErasureRequestClosed,
  EXTENSION_REFUSALS,
  type ExtensionRefusal,
  ExtensionRefused,
  NotReceivedYet,
} from './answer-request/request.errors.js';
export { RequestOrchestrator } from './answer-request/request.orchestrator.js';
export {
  ALL_REQUEST_STEPS,
  REQUEST_CLOSING,
  REQUEST_EXTENSION,
  REQUEST_RECORDING,
  type RequestStep,
} from './answer-request/request.steps.js';
export type { PreviewedDestruction } from './destroy-patient/destroy-patient.action.js';
export {
  type DestroyPatientCommand,
  type DestructionAnswer,
  type Retention,
} from './destroy-patient/destruction.js';
export {
  DESTRUCTION_REFUSALS,
  type DestructionRefusal,
  DestructionRefused,
} from './destroy-patient/destruction.errors.js';
export { DestructionOrchestrator } from './destroy-patient/destruction.orchestrator.js';
export type { DestructionPlan } from './destroy-patient/destruction.plan.js';
export {
  ALL_DESTRUCTION_STEPS,
  DESTRUCTION,
  DESTRUCTION_PREVIEW,
  DESTRUCTION_STEPS,
  type DestructionStep,
} from './destroy-patient/destruction.steps.js';
export type { Held } from './hold-patient/hold-patient.action.js';
export { LegalHoldReleased } from './hold-patient/hold.errors.js';
export { HoldOrchestrator } from './hold-patient/hold.orchestrator.js';
export { ALL_HOLD_STEPS, HOLD_PLACEMENT, HOLD_RELEASE, type HoldStep } from './hold-patient/hold.steps.js';
export type { PlaceHoldCommand, ReleaseHoldCommand } from './hold-patient/legal-hold.js';
export { type Restored } from './restore-patient/restore-patient.action.js';
export {
  RESTORATION_REFUSALS,
  type RestorationRefusal,
  RestorationRefused,
} from './restore-patient/restoration.errors.js';
export type { RestorationAnswer, RestorePatientCommand } from './restore-patient/restoration.js';
export {
  ALL_RESTORATION_STEPS,
  RESTORATION,
  RESTORATION_STEPS,
  type RestorationStep,
} from './restore-patient/restoration.steps.js';
export { RestoreWindow, RestoreWindowModule } from './restore-patient/restore.window.js';
export { OrchestratorModule } from './orchestrator.module.js';
export { PatientOrchestrator } from './patient.orchestrator.js';
export type { Rehearsal } from './rehearse-deletion/rehearsal.action.js';
export { DeletionProbe, type Hindrance } from './probe-deletion/deletion.probe.js';
export { type Intake, type PatientBundle, PatientIntake } from './take-in-patients/patient.intake.js';
