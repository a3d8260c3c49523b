export { DeletionRecords } from './deletion.records.js';
export { LegalHold } from './legal-hold.entity.js';
export { type HeldState, LegalHoldRepository } from './legal-hold.repository.js';
export { type HoldState, LegalHolds } from './legal-holds.js';
export { type DeletionState, PatientDeletion } from './patient-deletion.entity.js';
export { PatientDirectory } from './patient.directory.js';
export { PATIENT_ENTITIES, PatientModule } from './patient.module.js';
export { isKeyText, LONGEST_KEY, pseudonymsOf } from './patient.keys.js';
export type { PatientSummary } from './patient.pages.js';
export {
  type DeletionClaim,
  type DeletionOutcome,
  type EarlierDeletion,
  PatientRepository,
} from './patient.repository.js';
export {
  type RestorationOutcome,
  RestorationRepository,
  type ReturnedRows,
} from './restoration.repository.js';
export {
  DeletionNotFound,
  LegalHoldNotFound,
  PatientAlreadyDeleted,
  PatientDeleted,
  PatientNotFound,
  RequestInProgress,
  SearchNotOffered,
} from './patient.errors.js';
