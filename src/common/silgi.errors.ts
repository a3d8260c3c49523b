import type { Blocker, Phase, ShardName } from './shard.js';

/** The codes of the contract. They are stable; messages are not. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'ROUTE_NOT_FOUND'
  | 'PATIENT_NOT_FOUND'
  | 'DELETION_NOT_FOUND'
  | 'AUDIT_EVENT_NOT_FOUND'
  | 'BATCH_NOT_FOUND'
  | 'BATCH_STATE_CONFLICT'
  | 'BATCH_LIST_UNREADABLE'
  | 'AUDIT_EVENT_NOT_SEALED'
  | 'AUDIT_LOG_DAMAGED'
  | 'NOT_ACCEPTABLE'
  | 'PATIENT_ALREADY_DELETED'
  | 'DELETION_VETOED'
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

/** Where a deletion stood when it failed. */
export interface FailurePoint {
  readonly phase: Phase;
  readonly shard: ShardName;
  /** The step of the protocol, as `DELETION_STEPS` names it. */
  readonly step: string;
  readonly table?: string;
}

/**
 * An error that the outside may see: its message holds no SQL, no stack and no patient data. What lies behind
 * it is in `cause`, and failures met while cleaning up are in `suppressed`; both are for the log only.
 */
export abstract class SilgiError extends Error {
  abstract readonly code: ErrorCode;
  readonly suppressed: unknown[] = [];

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No patient has this id, live or deleted. */
export class PatientNotFound extends SilgiError {
  readonly code = 'PATIENT_NOT_FOUND';
  constructor(readonly patientId: string) {
    super('No patient has this id. Nothing was changed.');
  }
}

/** A deletion with this id is not known for this patient. */
export class DeletionNotFound extends SilgiError {
  readonly code = 'DELETION_NOT_FOUND';
  constructor() {
    super('This patient has no deletion with this id.');
  }
}

/** No audit event has this id. */
export class AuditEventNotFound extends SilgiError {
  readonly code = 'AUDIT_EVENT_NOT_FOUND';
  constructor() {
    super('No audit event has this id.');
  }
}

/** The patient was deleted before; `deletionId` is null where the hospital's own system hid the record. */
export class PatientAlreadyDeleted extends SilgiError {
  readonly code = 'PATIENT_ALREADY_DELETED';
  constructor(
    readonly patientId: string,
    readonly deletionId: string | null,
  ) {
    super('This patient is deleted already. Nothing was changed.');
  }
}

/** A deleted patient was asked for. */
export class PatientDeleted extends SilgiError {
  readonly code = 'PATIENT_DELETED';
  constructor(
    readonly patientId: string,
    readonly deletionId: string | null,
  ) {
    super('This patient is deleted and out of reach.');
  }
}

/** One or more shards voted NO in Prepare; all their vetoes are listed. */
export class DeletionVetoed extends SilgiError {
  readonly code = 'DELETION_VETOED';
  constructor(readonly blockers: readonly Blocker[]) {
    super(`The deletion was vetoed (${blockers.map((b) => b.code).join(', ')}). Nothing was changed.`);
  }
}

/** The patient's rows changed between the preview and the deletion. */
export class PreviewOutdated extends SilgiError {
  readonly code = 'PREVIEW_OUTDATED';
  constructor() {
    super('The patient has changed since the preview. Nothing was changed; ask for a new preview.');
  }
}

/** The same Idempotency-Key came with another request. */
export class IdempotencyKeyReused extends SilgiError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('This Idempotency-Key was used for another request. Nothing was changed; use a new key.');
  }
}

/** The first request with this Idempotency-Key has not been answered yet. */
export class RequestInProgress extends SilgiError {
  readonly code = 'REQUEST_IN_PROGRESS';
  constructor() {
    super('A request with this Idempotency-Key is still running. Wait and repeat it to get its answer.');
  }
}

/** A failure at a known point of the protocol, after which everything was rolled back. */
export abstract class DeletionFailed extends SilgiError {
  constructor(
    message: string,
    readonly point: FailurePoint,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A shard failed for a reason of its own. */
export class ShardFailed extends DeletionFailed {
  readonly code = 'SHARD_FAILED';
  constructor(what: string, point: FailurePoint, options?: ErrorOptions) {
    super(`${what} Everything was rolled back; no row of this patient was changed.`, point, options);
  }
}

/** The fail-fast guard: not exactly one demographics row was marked by this deletion. */
export class DemographicsNotDeleted extends DeletionFailed {
  readonly code = 'DEMOGRAPHICS_NOT_DELETED';
  constructor(marked: number, point: FailurePoint) {
    super(
      `The demographics record could not be marked as deleted (${marked} rows marked, 1 expected). ` +
        'All clinical and finance marks were rolled back; no row of this patient was changed.',
      point,
    );
  }
}

/** The database cannot be reached, a lock or statement timed out, or the retries are used up. */
export class ShardUnavailable extends DeletionFailed {
  readonly code = 'SHARD_UNAVAILABLE';
  /** True for a serialization failure or deadlock, after which the whole unit may run again. */
  readonly retryable: boolean;
  constructor(what: string, point: FailurePoint, options?: ErrorOptions & { retryable?: boolean }) {
    super(`${what} Nothing was changed; try again later.`, point, options);
    this.retryable = options?.retryable ?? false;
  }
}

/**
 * COMMIT was sent and its outcome could not be learnt in time. Neither a success nor a failure: the edge
 * answers 202 and says where the truth will be found (docs/adr/0006-unknown-outcome.md).
 */
export class OutcomePending extends DeletionFailed {
  readonly code = 'SHARD_UNAVAILABLE';
  constructor(
    readonly patientId: string,
    readonly deletionId: string,
    point: FailurePoint,
    options?: ErrorOptions,
  ) {
    super(
      'The database was lost while the deletion was being committed; its outcome is not known yet.',
      point,
      options,
    );
  }
}

/** Adds the table to an error of one table's statement, until the protocol knows phase and shard. */
export class TableFailure extends Error {
  constructor(
    readonly table: string,
    cause: unknown,
  ) {
    super(`A statement on ${table} failed.`, { cause });
  }
}
