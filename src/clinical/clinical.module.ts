import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { discoverClasses } from '../common/index.js';
import { ClinicalRepository } from './clinical.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature(await discoverClasses(new URL('./', import.meta.url), 'entity'))],
  providers: [ClinicalRepository],
  exports: [ClinicalRepository],
})
export class ClinicalModule {}
