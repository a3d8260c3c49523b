import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Spill } from './spill.js';

const spills: Spill<unknown>[] = [];

function newSpill<Entry>(): Spill<Entry> {
  const spill = new Spill<Entry>();
  spills.push(spill);
  return spill;
}

afterEach(() => {
  for (const spill of spills.splice(0)) spill.close();
});

describe('the spill', () => {
  it('gives back everything, with the entries of one group together and in order', () => {
    const spill = newSpill<[group: number, n: number, text: string]>();
    // Several times what is held in memory, in characters of one to four bytes.
    for (let n = 0; n < 30_000; n++) spill.add(n % 3_000, [n % 3_000, n, 'aşı\n𝄞'.repeat(20)]);
    const seen = new Map<number, number[]>();
    for (const bucket of spill.read()) {
      const groups = new Set(bucket.map(([group]) => group));
      for (const group of groups) {
        expect(seen.has(group)).toBe(false);
        seen.set(
          group,
          bucket.filter(([other]) => other === group).map(([, n]) => n),
        );
      }
      expect(bucket.every(([, , text]) => text === 'aşı\n𝄞'.repeat(20))).toBe(true);
    }
    expect(seen.size).toBe(3_000);
    for (const [group, ns] of seen)
      expect(ns).toEqual(Array.from({ length: 10 }, (_, i) => group + i * 3_000));
  });

  it('leaves no name in the temporary folder, so that nothing of it outlives the process', () => {
    const spill = newSpill<string>();
    spill.add(0, 'x'.repeat(100_000));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('silgi-import-'))).toEqual([]);
    expect([...spill.read()]).toEqual([['x'.repeat(100_000)]]);
  });
});
