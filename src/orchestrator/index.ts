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
export { OrchestratorModule } from './orchestrator.module.js';
export { PatientOrchestrator } from './patient.orchestrator.js';
export { type Intake, type PatientBundle, PatientIntake } from './take-in-patients/patient.intake.js';
