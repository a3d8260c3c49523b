import { Injectable } from '@nestjs/common';
import { type OwnVeto, VetoingRepository } from '../shards/index.js';

const OUTSTANDING = ['primary_outstanding', 'secondary_outstanding', 'patient_outstanding'];

/** The finance shard: every table whose entity file stands in this folder. */
@Injectable()
export class FinanceRepository extends VetoingRepository {
  readonly shard = 'finance';
  protected readonly veto: OwnVeto = {
    code: 'UNPAID_BALANCE',
    table: 'sharded_fatura',
    reads: OUTSTANDING,
    when: OUTSTANDING.map((column) => `${column} > 0`).join(' OR '),
    detail:
      "An invoice of the patient has an unpaid balance. Have it paid or written off in the hospital's system, and ask again.",
  };
}
