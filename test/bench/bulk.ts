import { deleteLargeBatch, type LargeBatchOptions } from './bulk.large.js';
import { type BulkThroughputOptions, compareBulk } from './bulk.throughput.js';
import type { Bulk } from './results.js';
import type { Bench } from './section.js';

export interface BulkOptions extends BulkThroughputOptions {
  readonly large: LargeBatchOptions;
}

/** How fast a batch is beside the floor, and what a large one does to the service and to whoever else uses it. */
export async function measureBulk(bench: Bench, { large, ...options }: BulkOptions): Promise<Bulk> {
  return {
    throughput: await compareBulk(bench, options),
    large: await deleteLargeBatch(bench, large),
  };
}
