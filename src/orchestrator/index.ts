export { CatalogueGuard, type UndeclaredTable } from './catalogue.guard.js';
export type { DeletePatientCommand, DeletionAnswer, DeletionPreview } from './deletion.js';
export { DELETION_STEPS, type DeletionStep, SIDE_STEPS, type StepName } from './deletion.steps.js';
export { OrchestratorModule } from './orchestrator.module.js';
export { type Intake, type PatientBundle, PatientIntake } from './patient.intake.js';
export { AT_A_TIME } from './transaction.js';
export { PatientOrchestrator } from './patient.orchestrator.js';
export { outcomeOf } from './run.outcome.js';
export { type Act, type Resolution, type Run, type RunEnd, StepObserver } from './step.observer.js';
