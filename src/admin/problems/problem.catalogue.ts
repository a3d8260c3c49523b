/** How a code of the contract is answered. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Seconds after which a repeat makes sense; sent as `Retry-After`. */
  readonly retryAfter?: number;
}

/** The one table from codes to answers (API.md). */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  VALIDATION_FAILED: { status: 400, title: 'The request is malformed' },
  UNAUTHENTICATED: { status: 401, title: 'Nobody is signed in' },
  FORBIDDEN: { status: 403, title: 'A role is missing' },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is no such route' },
  PATIENT_NOT_FOUND: { status: 404, title: 'No patient has this id' },
  DELETION_NOT_FOUND: { status: 404, title: 'This patient has no such deletion' },
  LEGAL_HOLD_NOT_FOUND: { status: 404, title: 'This patient has no such legal hold' },
  ERASURE_REQUEST_NOT_FOUND: { status: 404, title: 'No erasure request has this id' },
  AUDIT_EVENT_NOT_FOUND: { status: 404, title: 'No audit event has this id' },
  BATCH_NOT_FOUND: { status: 404, title: 'No deletion batch has this id' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path has no such method' },
  NOT_ACCEPTABLE: { status: 406, title: 'The answer has no such form' },
  PATIENT_ALREADY_DELETED: { status: 409, title: 'The patient is deleted already' },
  DELETION_VETOED: { status: 409, title: 'The deletion was vetoed' },
  RESTORATION_REFUSED: { status: 409, title: 'This deletion is not undone' },
  DESTRUCTION_REFUSED: { status: 409, title: 'This patient’s data is not destroyed' },
  LEGAL_HOLD_RELEASED: { status: 409, title: 'The legal hold was released before' },
  ERASURE_REQUEST_CLOSED: { status: 409, title: 'The erasure request is answered already' },
  EXTENSION_REFUSED: { status: 409, title: 'The time of the erasure request is not extended' },
  NOTHING_TO_TELL: { status: 409, title: 'There is nothing to tell the data subject yet' },
  REQUEST_IN_PROGRESS: { status: 409, title: 'The first request is still running', retryAfter: 1 },
  BATCH_STATE_CONFLICT: { status: 409, title: 'The batch is not in a state for this' },
  LIVE_ROWS_FOUND: { status: 409, title: 'The deleted patient has live rows' },
  CERTIFICATE_REFUSED: { status: 409, title: 'This deletion cannot be attested' },
  PATIENT_DELETED: { status: 410, title: 'The patient is deleted' },
  PREVIEW_OUTDATED: { status: 412, title: 'The patient has changed since the preview' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used for another request' },
  BATCH_LIST_UNREADABLE: { status: 422, title: 'The list of patients cannot be read' },
  RATE_LIMITED: { status: 429, title: 'Too many requests', retryAfter: 1 },
  SCAN_IN_PROGRESS: { status: 429, title: 'Such a scan is running already', retryAfter: 10 },
  AUDIT_LOG_DAMAGED: { status: 500, title: 'The sealed audit log contradicts itself' },
  SHARD_FAILED: { status: 500, title: 'A shard failed; everything was rolled back' },
  DEMOGRAPHICS_NOT_DELETED: {
    status: 500,
    title: 'The demographics guard failed; everything was rolled back',
  },
  INTERNAL_ERROR: { status: 500, title: 'Something failed that was not foreseen' },
  SHARD_UNAVAILABLE: {
    status: 503,
    title: 'The database cannot do this now',
    retryAfter: 5,
  },
  AUDIT_LOG_REFUSED: { status: 503, title: 'The audit log is not the one that was sealed before' },
  AUDIT_EVENT_NOT_SEALED: {
    status: 503,
    title: 'The audit event is not sealed yet',
    retryAfter: 5,
  },
  SIGN_IN_UNAVAILABLE: { status: 503, title: 'Tokens cannot be checked now', retryAfter: 5 },
};

/** A stable name of the code as a URI (RFC 9457, section 3.1.1). */
export function problemType(code: ErrorCode): string {
  return `urn:silgi:problem:${code.toLowerCase().replaceAll('_', '-')}`;
}

/** The codes of the contract. They are stable; messages are not. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'ROUTE_NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'PATIENT_NOT_FOUND'
  | 'DELETION_NOT_FOUND'
  | 'LEGAL_HOLD_NOT_FOUND'
  | 'ERASURE_REQUEST_NOT_FOUND'
  | 'AUDIT_EVENT_NOT_FOUND'
  | 'BATCH_NOT_FOUND'
  | 'BATCH_STATE_CONFLICT'
  | 'BATCH_LIST_UNREADABLE'
  | 'AUDIT_EVENT_NOT_SEALED'
  | 'AUDIT_LOG_DAMAGED'
  | 'SCAN_IN_PROGRESS'
  | 'AUDIT_LOG_REFUSED'
  | 'NOT_ACCEPTABLE'
  | 'PATIENT_ALREADY_DELETED'
  | 'DELETION_VETOED'
  | 'RESTORATION_REFUSED'
  | 'DESTRUCTION_REFUSED'
  | 'LEGAL_HOLD_RELEASED'
  | 'ERASURE_REQUEST_CLOSED'
  | 'EXTENSION_REFUSED'
  | 'NOTHING_TO_TELL'
  | 'REQUEST_IN_PROGRESS'
  | 'PATIENT_DELETED'
  | 'LIVE_ROWS_FOUND'
  | 'CERTIFICATE_REFUSED'
  | 'PREVIEW_OUTDATED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'RATE_LIMITED'
  | 'SHARD_FAILED'
  | 'DEMOGRAPHICS_NOT_DELETED'
  | 'SHARD_UNAVAILABLE'
  | 'SIGN_IN_UNAVAILABLE'
  | 'INTERNAL_ERROR';
