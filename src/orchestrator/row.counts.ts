import type { ShardCount, ShardName } from '../shards/index.js';

/** A table of which one figure is not the other. */
export interface CountDifference {
  readonly shard: ShardName;
  readonly table: string;
  readonly expected: number;
  readonly found: number;
}

/** Every table of either list whose rows are not those of the other, where it has 0; those of `expected` first. */
export function differencesOf(
  expected: readonly ShardCount[],
  found: readonly ShardCount[],
): CountDifference[] {
  const tables = new Map<string, { shard: ShardName; table: string; expected: number; found: number }>();
  const note = (counts: readonly ShardCount[], figure: 'expected' | 'found') => {
    for (const { shard, resources } of counts)
      for (const { table, rows } of resources) {
        const name = `${shard}.${table}`;
        tables.set(name, {
          ...(tables.get(name) ?? { shard, table, expected: 0, found: 0 }),
          [figure]: rows,
        });
      }
  };
  note(expected, 'expected');
  note(found, 'found');
  // What is not a number is no count: it equals nothing.
  return [...tables.values()].filter((table) => table.expected !== table.found);
}
