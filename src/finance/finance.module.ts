import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { discoverClasses } from '../common/index.js';
import { FinanceRepository } from './finance.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature(await discoverClasses(new URL('./', import.meta.url), 'entity'))],
  providers: [FinanceRepository],
  exports: [FinanceRepository],
})
export class FinanceModule {}
