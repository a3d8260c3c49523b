import { Module } from '@nestjs/common';
import { discoverClasses } from '../common/index.js';
import { AuditLog } from './audit.log.js';
import { AuditRepository } from './audit.repository.js';
import { DeletedPatientReads } from './deleted.reads.js';

/** The tables of this shard. */
export const AUDIT_ENTITIES = await discoverClasses(new URL('./', import.meta.url), 'entity');

@Module({
  providers: [AuditRepository, AuditLog, DeletedPatientReads],
  exports: [AuditRepository, AuditLog, DeletedPatientReads],
})
export class AuditModule {}
