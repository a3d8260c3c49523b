import { SilgiError } from '../common/index.js';

/** The event is in the log, but could not be sealed now. */
export class AuditEventNotSealed extends SilgiError {
  readonly code = 'AUDIT_EVENT_NOT_SEALED';
  constructor(options?: ErrorOptions) {
    super('The audit event is recorded, but not sealed yet. Nothing is lost; try again later.', options);
  }
}

/** The log is not the one that this service has sealed: it seals nothing more until somebody has looked. */
export class AuditLogRefused extends SilgiError {
  readonly code = 'AUDIT_LOG_REFUSED';
  constructor(options?: ErrorOptions) {
    super(
      'The audit log in the database is not the one that this service has sealed: it was restored from an older state, ' +
        'changed from outside, or is signed by another key. Nothing is sealed, and a repeat of this call will not help, ' +
        'until an administrator has run `npx silgi verify-audit` and mended what it names; the log of the service has ' +
        'the cause. Nothing was changed by this call.',
      options,
    );
  }
}

/** What is stored of the sealed log contradicts itself; verification says where. */
export class AuditLogDamaged extends SilgiError {
  readonly code = 'AUDIT_LOG_DAMAGED';
  constructor(options?: ErrorOptions) {
    super(
      'The sealed audit log contradicts its own checkpoint: a row of it was changed from outside. Nothing was ' +
        'changed by this call; GET /audit-log/verification names the first bad event.',
      options,
    );
  }
}

/** Sealing would contradict what was signed before, or what another instance signs; for the service's log. */
export class SealingRefused extends Error {
  override readonly name = 'SealingRefused';
}
