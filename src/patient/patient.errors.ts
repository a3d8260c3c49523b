import { SilgiError } from '../common/index.js';

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

/** A legal hold with this id is not known for this patient. */
export class LegalHoldNotFound extends SilgiError {
  readonly code = 'LEGAL_HOLD_NOT_FOUND';
  constructor() {
    super('This patient has no legal hold with this id. Nothing was changed.');
  }
}

/** No data subject's request has this id. */
export class ErasureRequestNotFound extends SilgiError {
  readonly code = 'ERASURE_REQUEST_NOT_FOUND';
  constructor() {
    super('No erasure request has this id. Nothing was changed.');
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

/** The first request with this Idempotency-Key has not been answered yet. */
export class RequestInProgress extends SilgiError {
  readonly code = 'REQUEST_IN_PROGRESS';
  constructor() {
    super('A request with this Idempotency-Key is still running. Wait and repeat it to get its answer.');
  }
}

/** A way to look for patients that this database does not offer. */
export class SearchNotOffered extends SilgiError {
  readonly code = 'VALIDATION_FAILED';
  constructor(
    readonly asked: string,
    readonly instead: string,
  ) {
    super(`Patients of this database are not found by ${asked}; look for them by ${instead}.`);
  }
}

/**
 * The patient was hidden when he was to be locked, and live when he was looked for: he was restored in between. What
 * shares its message with the lock was read without it, so that the whole unit is run again, as for a conflict that the
 * server itself finds (RELIABILITY rule 10).
 */
export class PatientCameBack extends Error {
  override readonly name = 'PatientCameBack';
  /** serialization_failure */
  readonly code = '40001';

  constructor() {
    super('The patient was restored while he was to be locked.');
  }
}

/** The patient's row is there to be read, and not to be locked: what PostgreSQL itself would call a missing right. */
export class RowNotLockable extends Error {
  override readonly name = 'RowNotLockable';
  /** insufficient_privilege */
  readonly code = '42501';

  constructor() {
    super('The row of the patient is live, and a policy of row-level security keeps it from being locked.');
  }
}
