export { type AuditAction, AuditEvent, type AuditedFailure } from './audit-event.entity.js';
export { AuditLog } from './audit.log.js';
export { AuditModule } from './audit.module.js';
export { AuditRepository } from './audit.repository.js';
export { AuditEventNotFound } from './audit.errors.js';
