import type { EntityManager } from 'typeorm';

/** A shard is a PostgreSQL schema owned by one Nest module; the names are the same. */
export const SHARDS = ['patient', 'clinical', 'finance', 'audit'] as const;
export type ShardName = (typeof SHARDS)[number];

/** Rows of one table: of a patient, live (in a vote) or marked (in an execution). */
export interface ResourceCount {
  readonly resourceType: string;
  /** Physical name without the schema, e.g. `sharded_muayene`. */
  readonly table: string;
  readonly rows: number;
}

/** What one shard holds of a patient, table by table, in the order of the registry. */
export interface ShardCount {
  readonly shard: ShardName;
  readonly resources: readonly ResourceCount[];
}

/** Why a shard votes NO. `code` is stable (`LEGAL_HOLD`, `UNDECLARED_TABLE`, …); `detail` is for people. */
export interface Blocker {
  readonly shard: ShardName;
  readonly code: string;
  readonly detail: string;
}

/** A shard's answer in Prepare. Any veto means NO. */
export interface Vote extends ShardCount {
  readonly vetoes: readonly Blocker[];
}

/** The mark that a deletion puts on a row. */
export interface DeletionMark {
  readonly patientId: string;
  readonly deletionId: string;
  readonly deletedAt: Date;
}

/**
 * What the orchestrator asks of a shard. Every method takes the transaction's own EntityManager first, so that
 * no repository can reach for another connection.
 */
export interface Shard {
  readonly shard: ShardName;

  /** Counts the live rows of the patient and collects every veto. Called after the demographics row is locked. */
  vote(manager: EntityManager, patientId: string): Promise<Vote>;
}
