import { Module } from '@nestjs/common';
import { discoverClasses } from '../common/index.js';
import { ClinicalRepository } from './clinical.repository.js';

/** The tables of this shard. */
export const CLINICAL_ENTITIES = await discoverClasses(new URL('./', import.meta.url), 'entity');

@Module({
  providers: [ClinicalRepository],
  exports: [ClinicalRepository],
})
export class ClinicalModule {}
