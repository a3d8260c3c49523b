import { Module } from '@nestjs/common';
import { discoverClasses } from '../common/index.js';
import { FinanceRepository } from './finance.repository.js';

/** The tables of this shard. */
export const FINANCE_ENTITIES = await discoverClasses(new URL('./', import.meta.url), 'entity');

@Module({
  providers: [FinanceRepository],
  exports: [FinanceRepository],
})
export class FinanceModule {}
