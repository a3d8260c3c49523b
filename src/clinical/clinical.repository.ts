import { Injectable } from '@nestjs/common';
import { type OwnVeto, VetoingRepository } from '../shards/index.js';

/** The clinical shard: every table whose entity file stands in this folder. */
@Injectable()
export class ClinicalRepository extends VetoingRepository {
  readonly shard = 'clinical';
  protected readonly veto: OwnVeto = {
    code: 'OPEN_EXAMINATION',
    table: 'sharded_muayene',
    reads: ['ended_at'],
    when: 'ended_at IS NULL',
    detail: "An examination of the patient is not ended. End it in the hospital's system, and ask again.",
  };
}
