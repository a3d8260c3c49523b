export type { DeletePatientCommand, DeletionAnswer, DeletionPreview } from './delete-patient/deletion.js';
export {
  DeletionVetoed,
  DemographicsNotDeleted,
  IdempotencyKeyReused,
  PreviewOutdated,
} from './delete-patient/deletion.errors.js';
export { DELETION_STEPS, type DeletionStep, SIDE_STEPS, type StepName } from '../protocol/index.js';
export { OrchestratorModule } from './orchestrator.module.js';
export { PatientOrchestrator } from './patient.orchestrator.js';
export { type Intake, type PatientBundle, PatientIntake } from './take-in-patients/patient.intake.js';
