import { Injectable } from '@nestjs/common';
import { PatientOwnedRepository } from '../shards/index.js';

/** The clinical shard: every table whose entity file stands in this folder. */
@Injectable()
export class ClinicalRepository extends PatientOwnedRepository {
  readonly shard = 'clinical';
}
