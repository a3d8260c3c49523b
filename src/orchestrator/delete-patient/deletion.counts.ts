import { createHash } from 'node:crypto';
import { ShardFailed } from '../../protocol/index.js';
import { type Blocker, fullName, type ShardCount, type Vote } from '../../shards/index.js';
import { differencesOf } from '../row.counts.js';
import { deletionPoint } from './deletion.steps.js';

/** What Prepare found: the rows that every shard voted for, and every reason to refuse. */
export interface Plan {
  readonly shards: readonly ShardCount[];
  readonly blockers: readonly Blocker[];
  readonly digest: string;
}

/** The votes of the shards that hold rows, and every reason to refuse: theirs and the others'. */
export function planOf(patientId: string, votes: readonly Vote[], others: readonly Blocker[]): Plan {
  const shards = votes.map(({ shard, resources }) => ({ shard, resources }));
  const blockers = [...votes.flatMap(({ vetoes }) => vetoes), ...others];
  return { shards, blockers, digest: previewDigest(patientId, shards) };
}

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
  const [first] = differencesOf(voted, marked);
  if (first === undefined) return;
  const { shard, table, expected, found } = first;
  throw new ShardFailed(`Of ${expected} rows of ${fullName(shard, table)}, ${found} were marked.`, {
    ...deletionPoint('compare counts', table),
    shard,
  });
}
