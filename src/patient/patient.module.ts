import { Module } from '@nestjs/common';
import { discoverClasses } from '../common/index.js';
import { DeletionRecords } from './deletion.records.js';
import { DestructionRepository } from './destruction.repository.js';
import { ErasureRequestRepository } from './erasure-request.repository.js';
import { ErasureRequests } from './erasure-requests.js';
import { LegalHoldRepository } from './legal-hold.repository.js';
import { LegalHolds } from './legal-holds.js';
import { PatientDirectory } from './patient.directory.js';
import { PatientRepository } from './patient.repository.js';
import { RestorationRepository } from './restoration.repository.js';

/** The tables of this shard. */
export const PATIENT_ENTITIES = await discoverClasses(new URL('./', import.meta.url), 'entity');

const PROVIDERS = [
  ...[PatientRepository, RestorationRepository, LegalHoldRepository, ErasureRequestRepository],
  DestructionRepository,
  ...[PatientDirectory, DeletionRecords, LegalHolds, ErasureRequests],
];

@Module({
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class PatientModule {}
