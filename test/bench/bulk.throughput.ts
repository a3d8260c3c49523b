import { BatchClient, expectDeletedOnce } from './batch.client.js';
import { shuffled } from './draw.js';
import { makePlain } from './plain.schema.js';
import { type Cohort, Population } from './population.js';
import type { BulkThroughput } from './results.js';
import { type Bench, untilSealed, withServedDatabase } from './section.js';
import { ratioSpread, spreadOf } from './statistics.js';
import { WorkerProcess } from './worker.process.js';

const ROWS = 50;
/** Of the floor. The batch has the defaults of the service. */
const CLIENTS = 8;
/** Others' rows in each child table. */
const BACKGROUND_ROWS = 5_000;
const WARM_UP_ROWS = 5;
const FIRST_WARM_UP = 2_000;
/** What has stood still while the databases were filled takes a while to be as fast as it was. */
const WARM_UP = 400;
/** Each GET is work for the service that deletes. */
const ASK_EVERY_MS = 250;
const FLOOR = 'bench_bulk_floor';

export interface BulkThroughputOptions {
  /** In each turn of each of the two, of which a round has two. */
  readonly patients: number;
  readonly rounds: number;
  readonly draw: () => number;
}

/** One of the two, with the database that it deletes in. */
interface Side {
  readonly name: 'batch' | 'floor';
  readonly population: Population;
  /** @returns milliseconds */
  readonly remove: (ids: readonly string[]) => Promise<number>;
  /** CPU time of its own process so far, in milliseconds; 0 where it is not asked for. */
  readonly cpuMs: () => Promise<number>;
  readonly settle: () => Promise<unknown>;
}

/** Lets a batch and the plain floor delete as many patients in turns, in databases of their own on one server. */
export async function compareBulk(bench: Bench, options: BulkThroughputOptions): Promise<BulkThroughput> {
  const url = await bench.cluster.createDatabase(FLOOR);
  await makePlain(url);
  const population = await Population.in(url);
  const worker = await WorkerProcess.start('floor', {
    BENCH_DATABASE_URL: url,
    BENCH_PLAIN_TABLES: 'true',
  });
  const floor: Side = {
    name: 'floor',
    population,
    settle: () => Promise.resolve(),
    cpuMs: () => Promise.resolve(0),
    remove: async (ids) => (await worker.run({ ids, clients: CLIENTS })).milliseconds,
  };
  try {
    return await withServedDatabase(bench, 'bench_bulk', async (served) => {
      const client = new BatchClient(served.service);
      const batch: Side = {
        name: 'batch',
        population: served.population,
        settle: () => untilSealed(served.population),
        cpuMs: async () => (await served.service.cpuSeconds()) * 1000,
        remove: (ids) => client.delete(ids, { everyMs: ASK_EVERY_MS }),
      };
      try {
        return await inTurns(bench, [batch, floor], options);
      } finally {
        client.close();
      }
    });
  } finally {
    await worker.stop();
    await population.close();
    await bench.cluster.dropDatabase(FLOOR);
  }
}

/**
 * A round fills both databases once, for all its turns, which then follow one another as A B B A: what drifts meanwhile
 * weighs on both alike, and neither stands still for longer than a turn or two of the other.
 */
async function inTurns(
  { say }: Bench,
  sides: readonly [Side, Side],
  { patients, rounds, draw }: BulkThroughputOptions,
): Promise<BulkThroughput> {
  const rates: Record<Side['name'], number[]> = { batch: [], floor: [] };
  const cpuMs: number[] = [];
  for (const side of sides) await warmUp(side, FIRST_WARM_UP);
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}: two batches of ${patients} patients, and as many by the floor`);
    const ready = await Promise.all(sides.map((side) => fill(side, patients)));
    for (const { population } of sides) await population.vacuum();
    for (const side of sides) await warmUp(side, WARM_UP);
    const order = shuffled(ready, draw);
    for (const entry of order) await takeTurn(entry, entry.cohorts[0]);
    for (const entry of order.toReversed()) await takeTurn(entry, entry.cohorts[1]);
    for (const { side, cohorts, spent } of ready) {
      for (const cohort of cohorts) await expectDeletedOnce(side.population, cohort);
      rates[side.name].push((cohorts.length * patients * 1000) / spent.ms);
      if (side.name === 'batch') cpuMs.push(spent.cpuMs / (cohorts.length * patients));
    }
  }
  return {
    against: 'plain',
    rows: ROWS,
    patients,
    clients: CLIENTS,
    rounds,
    batch: spreadOf(rates.batch),
    floor: spreadOf(rates.floor),
    serviceCpuMs: spreadOf(cpuMs),
    ratio: ratioSpread(rates.batch, rates.floor),
  };
}

/** One of the two in a round: the patients of each of its turns, and what they have taken so far. */
interface Entry {
  readonly side: Side;
  readonly cohorts: readonly [Cohort, Cohort];
  readonly spent: { ms: number; cpuMs: number };
}

async function fill(side: Side, patients: number): Promise<Entry> {
  const { population } = side;
  await population.reset(BACKGROUND_ROWS);
  const cohorts = [await population.add(patients, ROWS), await population.add(patients, ROWS)] as const;
  return { side, cohorts, spent: { ms: 0, cpuMs: 0 } };
}

async function takeTurn({ side, spent }: Entry, { ids }: Cohort): Promise<void> {
  const before = await side.cpuMs();
  spent.ms += await side.remove(ids);
  spent.cpuMs += (await side.cpuMs()) - before;
  await side.settle();
}

/** Emptied tables have every session plan anew: not in the time that counts. */
async function warmUp({ population, remove, settle }: Side, patients: number): Promise<void> {
  await remove((await population.add(patients, WARM_UP_ROWS)).ids);
  await settle();
}
