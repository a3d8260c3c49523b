import { Module } from '@nestjs/common';
import { discoverClasses } from '../common/index.js';
import { DeletionRecords } from './deletion.records.js';
import { PatientDirectory } from './patient.directory.js';
import { PatientRepository } from './patient.repository.js';
import { RestorationRepository } from './restoration.repository.js';

/** The tables of this shard. */
export const PATIENT_ENTITIES = await discoverClasses(new URL('./', import.meta.url), 'entity');

@Module({
  providers: [PatientRepository, RestorationRepository, PatientDirectory, DeletionRecords],
  exports: [PatientRepository, RestorationRepository, PatientDirectory, DeletionRecords],
})
export class PatientModule {}
