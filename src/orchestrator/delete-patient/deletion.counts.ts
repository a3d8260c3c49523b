import { createHash } from 'node:crypto';
import { type ShardCount } from '../../shards/index.js';
import { ShardFailed } from '../../protocol/index.js';
import { pointOf } from '../../protocol/index.js';

/** All rows of all shards. */
export function totalRows(shards: readonly ShardCount[]): number {
  return shards.flatMap((shard) => shard.resources).reduce((sum, { rows }) => sum + rows, 0);
}

/** SHA-256, hex, of whose rows and how many: what a preview showed, in a form that a deletion can be held to. */
export function previewDigest(patientId: string, shards: readonly ShardCount[]): string {
  const counts = shards.map(({ shard, resources }) => [
    shard,
    resources.map(({ table, rows }) => [table, rows]),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([patientId, counts]))
    .digest('hex');
}

/**
 * Every table has exactly as many marked rows as its shard voted for.
 *
 * @throws ShardFailed naming the first shard and table that differ, and both figures
 */
export function assertMarkedAsVoted(voted: readonly ShardCount[], marked: readonly ShardCount[]): void {
  for (const { shard, resources } of voted) {
    const marks = marked.find((count) => count.shard === shard)?.resources ?? [];
    for (const { table, rows } of resources) {
      const done = marks.find((count) => count.table === table)?.rows ?? 0;
      if (done !== rows) {
        throw new ShardFailed(`Of ${rows} rows of ${shard}.${table}, ${done} were marked.`, {
          ...pointOf('compare counts', table),
          shard,
        });
      }
    }
  }
}
