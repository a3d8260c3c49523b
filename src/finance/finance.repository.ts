import { Injectable, Optional } from '@nestjs/common';
import type { TableStatement, TextRows } from '../postgres/index.js';
import {
  type Blocker,
  IS_DELETED,
  PATIENT_ID,
  PatientOwnedRepository,
  ShardVetoes,
} from '../shards/index.js';

const OUTSTANDING = ['primary_outstanding', 'secondary_outstanding', 'patient_outstanding'];
/** All are locked until the deletion has ended, as examinations are. */
const UNPAID_INVOICES = (
  lock: string,
) => `SELECT count(*) FILTER (WHERE ${OUTSTANDING.map((column) => `${column} > 0`).join(' OR ')})
  FROM (SELECT ${OUTSTANDING.join(', ')} FROM finance.sharded_fatura
    WHERE ${PATIENT_ID} = $1 AND NOT ${IS_DELETED} ${lock}) invoice`;

/** The finance shard: every table whose entity file stands in this folder. */
@Injectable()
export class FinanceRepository extends PatientOwnedRepository {
  readonly shard = 'finance';

  /** @param vetoes which of the shard's own reasons to refuse are switched on; none unless told */
  constructor(@Optional() private readonly vetoes: ShardVetoes = new ShardVetoes()) {
    super();
  }

  /** An invoice with something outstanding vetoes a deletion, where UNPAID_BALANCE is switched on. */
  protected override vetoQueries(patientId: string, isPreview: boolean): readonly TableStatement[] {
    if (!this.vetoes.has('UNPAID_BALANCE')) return [];
    return [
      {
        text: UNPAID_INVOICES(isPreview ? '' : 'FOR NO KEY UPDATE'),
        values: [patientId],
        table: 'sharded_fatura',
      },
    ];
  }

  protected override vetoesIn([counted]: readonly TextRows[]): Blocker[] {
    if (Number(counted?.[0]?.[0] ?? 0) === 0) return [];
    const detail =
      "An invoice of the patient has an unpaid balance. Have it paid or written off in the hospital's system, and ask again.";
    return [{ shard: this.shard, code: 'UNPAID_BALANCE', detail }];
  }
}
