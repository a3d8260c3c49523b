import { shuffled } from './draw.js';
import type { Population } from './population.js';
import type { Pairs } from './results.js';
import { median, ratioSpread, spreadOf } from './statistics.js';
import type { WorkerProcess } from './worker.process.js';

/** Rows of a patient in each of the 14 child tables. */
const ROWS = 50;
const BATCH = 10;
const WARM_UP = 30;

/** A database in which patients are deleted. */
export interface Side {
  readonly population: Population;
  readonly driver: WorkerProcess;
}

export interface PairsOptions {
  /** Deletions on each side. */
  readonly pairs: number;
  readonly draw: () => number;
}

/** Deletes patients of one size on both sides, one after the other, in turns. */
export async function deleteInTurns(
  sides: readonly [one: Side, other: Side],
  { pairs, draw }: PairsOptions,
): Promise<Pairs> {
  const times: [number[], number[]] = [[], []];
  const ofRounds: [number[], number[]] = [[], []];
  for (const side of sides) await remove(side, WARM_UP);
  for (let done = 0; done < pairs; done += BATCH) {
    for (const which of shuffled([0, 1] as const, draw)) {
      const latencies = await remove(sides[which], BATCH);
      times[which].push(...latencies);
      ofRounds[which].push(median(latencies));
    }
  }
  return {
    rowsPerPatientTable: ROWS,
    pairs: times[0].length,
    one: spreadOf(times[0]),
    other: spreadOf(times[1]),
    ratio: median(times[1]) / median(times[0]),
    ratioByRound: ratioSpread(ofRounds[1], ofRounds[0]),
  };
}

async function remove({ population, driver }: Side, count: number): Promise<readonly number[]> {
  const { ids } = await population.add(count, ROWS);
  return (await driver.run({ ids, clients: 1 })).latencies;
}
