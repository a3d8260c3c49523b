import { expect, it } from '@jest/globals';
import { previewDigest } from '../../src/orchestrator/delete-patient/deletion.counts.js';
import type { ShardCount, ShardName } from '../../src/shards/index.js';

const SHARDS = ['patient', 'clinical', 'finance'] as const;

/** One row in each table of each shard, but for one table of one shard. */
function counts(other?: ShardName, rows = 1): ShardCount[] {
  return SHARDS.map((shard) => ({
    shard,
    resources: ['first', 'second'].map((table) => ({
      resourceType: table,
      table,
      rows: shard === other && table === 'second' ? rows : 1,
    })),
  }));
}

it.each(SHARDS)(
  'a preview has another digest where a table of the %s shard has a row more or less',
  (shard) => {
    const digests = [0, 1, 2].map((rows) => previewDigest('a', counts(shard, rows)));
    expect(new Set(digests).size).toBe(3);
    expect(digests[1]).toBe(previewDigest('a', counts()));
  },
);
