import { createHash } from 'node:crypto';
import { canonicalJson, type RetentionGround } from '../common/index.js';
import type { ShardName } from '../shards/index.js';

/**
 * Where a period begins. ROW: at the latest of the row's own dates. END_OF_YEAR: at the end of the calendar year of that
 * day (TTK 82, VUK 253). LAST_CONTACT: at the latest of the dates of all rows of the patient whose rule says so.
 */
export const RETENTION_STARTS = ['ROW', 'END_OF_YEAR', 'LAST_CONTACT'] as const;
export type RetentionStart = (typeof RETENTION_STARTS)[number];

/** How long the rows of one table are kept. */
export interface RetentionRule {
  readonly resourceType: string;
  readonly shard: ShardName;
  /** Physical name, without its schema. */
  readonly table: string;
  /** Whole years, months and days as ISO 8601 writes them shortest: P20Y, P1Y6M, P0D. */
  readonly keep: string;
  readonly from: RetentionStart;
  /** Columns of the table, in the order of the alphabet: the latest of them counts. */
  readonly dates: readonly string[];
  readonly ground: RetentionGround;
}

/** Who has signed the policy off for the controller, and on which day: 2026-11-30. */
export interface SignOff {
  readonly by: string;
  readonly on: string;
}

/** How long what was deleted is kept, and on what ground (docs/retention.md). */
export class RetentionPolicy {
  /** SHA-256 in hexadecimal of the canonical JSON (RFC 8785) of sign-off and rules: two files that say the same have one. */
  readonly digest: string;

  /**
   * @param rules in the order in which the tables are hidden; rows of a table without one are kept
   * @param signedOff null: nothing may be destroyed
   * @param isDefault whether no file was named
   */
  constructor(
    readonly rules: readonly RetentionRule[],
    readonly signedOff: SignOff | null,
    readonly isDefault: boolean,
  ) {
    this.digest = createHash('sha256')
      .update(canonicalJson({ version: 1, signedOff, rules }))
      .digest('hex');
    Object.freeze(this);
  }
}
