import { Injectable } from '@nestjs/common';
import { PatientOwnedRepository } from '../shards/index.js';

/** The finance shard: every table whose entity file stands in this folder. */
@Injectable()
export class FinanceRepository extends PatientOwnedRepository {
  readonly shard = 'finance';
}
