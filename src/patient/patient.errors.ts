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
