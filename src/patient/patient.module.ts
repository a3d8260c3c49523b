import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { discoverClasses } from '../common/index.js';
import { DeletionRecords } from './deletion.records.js';
import { PatientDirectory } from './patient.directory.js';
import { PatientRepository } from './patient.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature(await discoverClasses(new URL('./', import.meta.url), 'entity'))],
  providers: [PatientRepository, PatientDirectory, DeletionRecords],
  exports: [PatientRepository, PatientDirectory, DeletionRecords],
})
export class PatientModule {}
