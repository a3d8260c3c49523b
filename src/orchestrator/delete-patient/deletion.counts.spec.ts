import { describe, expect, it } from '@jest/globals';
import type { ShardCount } from '../../shards/index.js';
import { assertMarkedAsVoted, previewDigest, totalRows } from './deletion.counts.js';

const count = (rows: number): ShardCount[] => [
  {
    shard: 'patient',
    resources: [{ resourceType: 'PatientDemographics', table: 'sharded_patient_demographics', rows: 1 }],
  },
  { shard: 'clinical', resources: [{ resourceType: 'Examination', table: 'sharded_muayene', rows }] },
];

describe('counts', () => {
  it('add up over all shards', () => {
    expect(totalRows(count(4))).toBe(5);
    expect(totalRows([])).toBe(0);
  });

  it('give one digest for the same rows of the same patient, and another for anything else', () => {
    expect(previewDigest('a', count(4))).toMatch(/^[0-9a-f]{64}$/);
    expect(previewDigest('a', count(4))).toBe(previewDigest('a', count(4)));
    expect(previewDigest('a', count(5))).not.toBe(previewDigest('a', count(4)));
    expect(previewDigest('b', count(4))).not.toBe(previewDigest('a', count(4)));
  });

  it('that agree pass', () => {
    expect(() => {
      assertMarkedAsVoted(count(4), count(4));
    }).not.toThrow();
  });

  it.each([
    ['fewer rows were marked', count(3), 3],
    ['more rows were marked', count(5), 5],
    ['a shard marked nothing', count(4).slice(0, 1), 0],
    ['a shard forgot a table', [count(4)[0], { shard: 'clinical', resources: [] }] as ShardCount[], 0],
  ])('that differ because %s name shard, table and both figures', (_, marked, rows) => {
    let thrown: unknown;
    try {
      assertMarkedAsVoted(count(4), marked);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: 'clinical', table: 'sharded_muayene' },
    });
    expect((thrown as Error).message).toContain(
      `Of 4 rows of clinical.sharded_muayene, ${rows} were marked.`,
    );
  });
});
