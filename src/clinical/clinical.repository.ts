import { Injectable, Optional } from '@nestjs/common';
import type { TableStatement, TextRows } from '../postgres/index.js';
import {
  type Blocker,
  IS_DELETED,
  PATIENT_ID,
  PatientOwnedRepository,
  ShardVetoes,
} from '../shards/index.js';

/** All are locked until the deletion has ended: what is counted is what is marked. A WHERE of the count would leave some out. */
const OPEN_EXAMINATIONS = (
  lock: string,
) => `SELECT count(*) FILTER (WHERE ended_at IS NULL) FROM (SELECT ended_at
  FROM clinical.sharded_muayene WHERE ${PATIENT_ID} = $1 AND NOT ${IS_DELETED} ${lock}) examination`;

/** The clinical shard: every table whose entity file stands in this folder. */
@Injectable()
export class ClinicalRepository extends PatientOwnedRepository {
  readonly shard = 'clinical';

  /** @param vetoes which of the shard's own reasons to refuse are switched on; none unless told */
  constructor(@Optional() private readonly vetoes: ShardVetoes = new ShardVetoes()) {
    super();
  }

  /** An examination that is not ended vetoes a deletion, where OPEN_EXAMINATION is switched on. */
  protected override vetoQueries(patientId: string, isPreview: boolean): readonly TableStatement[] {
    if (!this.vetoes.has('OPEN_EXAMINATION')) return [];
    return [
      {
        text: OPEN_EXAMINATIONS(isPreview ? '' : 'FOR NO KEY UPDATE'),
        values: [patientId],
        table: 'sharded_muayene',
      },
    ];
  }

  protected override vetoesIn([counted]: readonly TextRows[]): Blocker[] {
    if (Number(counted?.[0]?.[0] ?? 0) === 0) return [];
    const detail =
      "An examination of the patient is not ended. End it in the hospital's system, and ask again.";
    return [{ shard: this.shard, code: 'OPEN_EXAMINATION', detail }];
  }
}
