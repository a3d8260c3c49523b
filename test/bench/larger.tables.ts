import { deleteInTurns, type PairsOptions } from './pairs.js';
import type { LargerTables } from './results.js';
import { type Bench, withServedDatabase } from './section.js';

export interface LargerTablesOptions extends PairsOptions {
  readonly smallTableRows: number;
  readonly largeTableRows: number;
}

/** Deletes patients of one size, in turns, in two databases that differ in the rows of others alone. */
export function compareTableSizes(bench: Bench, options: LargerTablesOptions): Promise<LargerTables> {
  const { smallTableRows, largeTableRows } = options;
  return withServedDatabase(bench, 'bench_small_tables', (small) =>
    withServedDatabase(bench, 'bench_large_tables', async (large) => {
      bench.say(`filling ${smallTableRows} and ${largeTableRows} rows into each child table`);
      await small.population.addBackground(smallTableRows);
      await large.population.addBackground(largeTableRows);
      await large.population.query('CHECKPOINT');
      const { one, other, ...measured } = await deleteInTurns([small, large], options);
      return { smallTableRows, largeTableRows, small: one, large: other, ...measured };
    }),
  );
}
