export { DeletionRecords } from './deletion.records.js';
export { type DeletionState, PatientDeletion } from './patient-deletion.entity.js';
export { PatientDirectory, type PatientSummary } from './patient.directory.js';
export { PatientModule } from './patient.module.js';
export {
  type DeletionClaim,
  type DeletionOutcome,
  type EarlierDeletion,
  PatientRepository,
} from './patient.repository.js';
export {
  DeletionNotFound,
  PatientAlreadyDeleted,
  PatientDeleted,
  PatientNotFound,
  RequestInProgress,
} from './patient.errors.js';
