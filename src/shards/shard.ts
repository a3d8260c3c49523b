import type { EntityManager } from 'typeorm';
import type { MovedState } from './move.restoration.js';

/** A shard is a PostgreSQL schema owned by one Nest module; the names are the same. */
export const SHARDS = ['patient', 'clinical', 'finance', 'audit'] as const;
export type ShardName = (typeof SHARDS)[number];

/** Rows of one table: of a patient, live (in a vote) or marked (in an execution). */
export interface ResourceCount {
  readonly resourceType: string;
  /** Physical name, e.g. `sharded_muayene`; with its schema where that is not the shard's, e.g. `cdm.note`. */
  readonly table: string;
  readonly rows: number;
}

/** Schema and name of a table as counts call it. */
export function fullName(shard: string, table: string): string {
  return table.includes('.') ? table : `${shard}.${table}`;
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

/** A shard's answer in the Prepare of a restoration. */
export interface RestorationVote extends Vote {
  /** What each of a hospital's own tables is like, before rows come back to it; none of Silgi's own. */
  readonly states: readonly MovedState[];
}

/** Whose deletion, and which. */
export interface DeletionKey {
  readonly patientId: string;
  readonly deletionId: string;
}

/** The mark that a deletion puts on a row. */
export interface DeletionMark extends DeletionKey {
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
