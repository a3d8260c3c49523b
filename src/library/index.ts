import 'reflect-metadata';

// All that the package shows: `import … from 'silgi'`.
export { DatabaseUnavailable, ValidationFailed } from '../admin/index.js';
export { AuditEventNotFound } from '../audit/index.js';
export {
  BatchNotFound,
  type BatchState,
  BatchStateConflict,
  type BatchView,
  type ItemState,
  type ItemView,
  ListUnreadable,
  type Taken,
} from '../batch/index.js';
export type { IntegrityReport } from '../catalogue/index.js';
export type { Language } from '../certificate/index.js';
export {
  type DeletionReason,
  type ExtensionReason,
  type HoldGround,
  type LegalBasis,
  type RefusalGround,
  type ReleaseGround,
  type RequestChannel,
  type RestorationReason,
  SilgiError,
} from '../common/index.js';
export { ConfigurationError } from '../config/index.js';
export { NothingToTell } from '../letter/index.js';
export {
  type Answered,
  type Deleted,
  type DeletionAnswer,
  type DeletionPreview,
  DeletionVetoed,
  DemographicsNotDeleted,
  ErasureRequestClosed,
  type ExtensionRefusal,
  ExtensionRefused,
  type Held,
  IdempotencyKeyReused,
  LegalHoldReleased,
  NotReceivedYet,
  PreviewOutdated,
  type RestorationAnswer,
  type RestorationRefusal,
  RestorationRefused,
  type Restored,
} from '../orchestrator/index.js';
export {
  DeletionNotFound,
  type ErasureRequest,
  ErasureRequestNotFound,
  type HoldState,
  type LegalHold,
  LegalHoldNotFound,
  PatientAlreadyDeleted,
  PatientNotFound,
  RequestInProgress,
  type RequestState,
  SearchNotOffered,
  type StandingRequest,
} from '../patient/index.js';
export type { DatabaseSource } from '../postgres/index.js';
export { ActionFailed, OutcomePending, ShardFailed, ShardUnavailable } from '../protocol/index.js';
export {
  AuditEventNotSealed,
  AuditLogDamaged,
  AuditLogRefused,
  type ConsistencyProof,
  type InclusionProof,
  type VerificationReport,
} from '../transparency-log/index.js';
export type { SilgiPage, SilgiRequester } from './asked.js';
export type {
  SilgiErasureRequests,
  SilgiRequestExtension,
  SilgiRequestPage,
  SilgiRequestRecording,
  SilgiRequestRefusal,
  SilgiRequestWithdrawal,
} from './silgi.erasure-requests.js';
export type { SilgiHold, SilgiHoldPage, SilgiHoldRelease, SilgiLegalHolds } from './silgi.legal-holds.js';
export { getSilgiToken, InjectSilgi, SilgiModule } from './silgi.module.js';
export type {
  SilgiAsyncOptions,
  SilgiBatchWork,
  SilgiHttp,
  SilgiName,
  SilgiOptions,
  SilgiSealing,
} from './silgi.options.js';
export type {
  SilgiBatch,
  SilgiDeletion,
  SilgiExecution,
  SilgiPreview,
  SilgiRestoration,
} from './silgi.requests.js';
export {
  Silgi,
  type SilgiAuditLog,
  type SilgiBatches,
  type SilgiPatient,
  type SilgiReadiness,
} from './silgi.js';
