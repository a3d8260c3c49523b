export { type AuditAction, AuditEvent, type AuditedFailure, NO_DELETION } from './audit-event.entity.js';
export { AuditLog } from './audit.log.js';
export { AUDIT_ENTITIES, AuditModule } from './audit.module.js';
export { AuditRepository } from './audit.repository.js';
export { DeletedPatientReads } from './deleted.reads.js';
export { AuditEventNotFound } from './audit.errors.js';
