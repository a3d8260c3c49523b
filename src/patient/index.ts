export { CalendarModule, ControllersCalendar } from './controllers.calendar.js';
export { DeletionRecords } from './deletion.records.js';
export { DestructionRepository } from './destruction.repository.js';
export { ErasureRequest } from './erasure-request.entity.js';
export { type AskedPatient, ErasureRequestRepository } from './erasure-request.repository.js';
export { ErasureRequests, type WaitingRequests } from './erasure-requests.js';
export { REQUEST_STATES, type RequestState, type StandingRequest } from './erasure-request.states.js';
export { LegalHold } from './legal-hold.entity.js';
export { type HeldState, LegalHoldRepository } from './legal-hold.repository.js';
export { HOLD_STATES, type HoldState, LegalHolds } from './legal-holds.js';
export { type DeletionState, PatientDeletion } from './patient-deletion.entity.js';
export { type KeptOfShard, PatientDestruction } from './patient-destruction.entity.js';
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
  ErasureRequestNotFound,
  LegalHoldNotFound,
  PatientAlreadyDeleted,
  PatientCameBack,
  PatientDeleted,
  PatientNotFound,
  RequestInProgress,
  SearchNotOffered,
} from './patient.errors.js';
