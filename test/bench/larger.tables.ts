import { shuffled } from './draw.js';
import type { LargerTables } from './results.js';
import { type Bench, type ServedDatabase, withServedDatabase } from './section.js';
import { median, ratioSpread, spreadOf } from './statistics.js';

const ROWS = 50;
const BATCH = 10;
const WARM_UP = 30;

export interface LargerTablesOptions {
  readonly smallTableRows: number;
  readonly largeTableRows: number;
  /** Deletions in each of the two. */
  readonly pairs: number;
  readonly draw: () => number;
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
      return measure([small, large], options);
    }),
  );
}

async function measure(
  both: readonly [ServedDatabase, ServedDatabase],
  { smallTableRows, largeTableRows, pairs, draw }: LargerTablesOptions,
): Promise<LargerTables> {
  const times: [number[], number[]] = [[], []];
  const ofRounds: [number[], number[]] = [[], []];
  for (const served of both) await remove(served, WARM_UP);
  for (let done = 0; done < pairs; done += BATCH) {
    for (const which of shuffled([0, 1] as const, draw)) {
      const latencies = await remove(both[which], BATCH);
      times[which].push(...latencies);
      ofRounds[which].push(median(latencies));
    }
  }
  return {
    ...{ rowsPerPatientTable: ROWS, smallTableRows, largeTableRows, pairs: times[0].length },
    ...{ small: spreadOf(times[0]), large: spreadOf(times[1]) },
    ratio: median(times[1]) / median(times[0]),
    ratioByRound: ratioSpread(ofRounds[1], ofRounds[0]),
  };
}

async function remove({ population, driver }: ServedDatabase, count: number): Promise<readonly number[]> {
  const { ids } = await population.add(count, ROWS);
  return (await driver.run({ ids, clients: 1 })).latencies;
}
