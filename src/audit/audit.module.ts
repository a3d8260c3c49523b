import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { discoverClasses } from '../common/index.js';
import { AuditLog } from './audit.log.js';
import { AuditRepository } from './audit.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature(await discoverClasses(new URL('./', import.meta.url), 'entity'))],
  providers: [AuditRepository, AuditLog],
  exports: [AuditRepository, AuditLog],
})
export class AuditModule {}
