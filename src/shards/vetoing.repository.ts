import { Injectable, Optional } from '@nestjs/common';
import type { DeletionVeto } from '../common/index.js';
import type { TableStatement, TextRows } from '../postgres/index.js';
import { PatientOwnedRepository } from './patient-owned.repository.js';
import { IS_DELETED, PATIENT_ID } from './physical.names.js';
import type { Blocker } from './shard.js';
import { ShardVetoes } from './shard.vetoes.js';

/** What a shard may have against a deletion: live rows of one of its tables that are in the way. */
export interface OwnVeto {
  readonly code: DeletionVeto;
  readonly table: string;
  /** The columns that are read of it. */
  readonly reads: readonly string[];
  /** SQL on those columns: such a row is in the way. */
  readonly when: string;
  /** What is in the way, and what to do about it. */
  readonly detail: string;
}

/** A shard with a veto of its own, where that is switched on. */
@Injectable()
export abstract class VetoingRepository extends PatientOwnedRepository {
  protected abstract readonly veto: OwnVeto;

  /** @param vetoes those that are switched on; none unless told */
  constructor(@Optional() private readonly vetoes: ShardVetoes = new ShardVetoes()) {
    super();
  }

  /**
   * All rows are locked until the deletion has ended, so that what is counted is what is marked: a WHERE of the count
   * would leave some out.
   */
  protected override vetoQueries(patientId: string, isPreview: boolean): readonly TableStatement[] {
    const { code, table, reads, when } = this.veto;
    if (!this.vetoes.has(code)) return [];
    const lock = isPreview ? '' : 'FOR NO KEY UPDATE';
    const text = `SELECT count(*) FILTER (WHERE ${when}) FROM (SELECT ${reads.join(', ')} FROM ${this.shard}.${table}
      WHERE ${PATIENT_ID} = $1 AND NOT ${IS_DELETED} ${lock}) looked_at`;
    return [{ text, values: [patientId], table }];
  }

  protected override vetoesIn([counted]: readonly TextRows[]): Blocker[] {
    if (Number(counted?.[0]?.[0] ?? 0) === 0) return [];
    const { code, detail } = this.veto;
    return [{ shard: this.shard, code, detail }];
  }
}
