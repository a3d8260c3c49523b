import { wholeNumber } from './whole.number.js';

/** How this process works at batches of deletions (docs/deletion-batches.md). */
export interface WorkerSettings {
  /** Patients of batches deleted at a time; 0 leaves batches to other processes. */
  readonly concurrency: number;
  /** Milliseconds after which the work of a process that has died is taken over by another. */
  readonly leaseMs: number;
}

/** The same, and how long a batch is kept. */
export interface BatchSettings extends WorkerSettings {
  /** Days after its end at which a batch is removed, with its list. */
  readonly retentionDays: number;
}

/** The variables about batches. */
export const BATCH_VARIABLES = {
  BATCH_CONCURRENCY: wholeNumber(0, 8).default(4),
  BATCH_LEASE_MS: wholeNumber(1_000, 600_000).default(30_000),
  BATCH_RETENTION_DAYS: wholeNumber(1, 3_650).default(90),
};

export function batchOf(values: {
  readonly [name in keyof typeof BATCH_VARIABLES]: number;
}): BatchSettings {
  const {
    BATCH_CONCURRENCY: concurrency,
    BATCH_LEASE_MS: leaseMs,
    BATCH_RETENTION_DAYS: retentionDays,
  } = values;
  return Object.freeze({ concurrency, leaseMs, retentionDays });
}
