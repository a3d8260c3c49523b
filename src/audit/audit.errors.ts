import { SilgiError } from '../common/index.js';

/** No audit event has this id. */
export class AuditEventNotFound extends SilgiError {
  readonly code = 'AUDIT_EVENT_NOT_FOUND';
  constructor() {
    super('No audit event has this id.');
  }
}
