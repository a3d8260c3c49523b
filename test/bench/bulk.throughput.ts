import { BatchClient, expectDeletedOnce } from './batch.client.js';
import { shuffled } from './draw.js';
import { Population } from './population.js';
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
/** A service that others' turns left idle takes a while until its code and its sessions are at hand again. */
const WARM_UP = 400;
/** Each GET is work for the service that deletes. */
const ASK_EVERY_MS = 250;
const FLOOR = 'bench_bulk_floor';

export interface BulkThroughputOptions {
  /** In each block of each of the two. */
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

/** Lets a batch and the floor delete as many patients in turns, in databases of their own on one server. */
export async function compareBulk(bench: Bench, options: BulkThroughputOptions): Promise<BulkThroughput> {
  const url = await bench.cluster.createDatabase(FLOOR);
  const population = await Population.in(url);
  const worker = await WorkerProcess.start('floor', { BENCH_DATABASE_URL: url });
  const floor: Side = {
    ...{ name: 'floor', population, settle: () => Promise.resolve(), cpuMs: () => Promise.resolve(0) },
    remove: async (ids) => (await worker.run({ ids, clients: CLIENTS })).milliseconds,
  };
  try {
    return await withServedDatabase(bench, 'bench_bulk', async (served) => {
      const client = new BatchClient(served.service);
      const batch: Side = {
        ...{ name: 'batch', population: served.population, settle: () => untilSealed(served.population) },
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

async function inTurns(
  { say }: Bench,
  sides: readonly [Side, Side],
  { patients, rounds, draw }: BulkThroughputOptions,
): Promise<BulkThroughput> {
  const rates: Record<Side['name'], number[]> = { batch: [], floor: [] };
  const cpuMs: number[] = [];
  for (const side of sides) await warmUp(side, FIRST_WARM_UP);
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}: a batch of ${patients} patients, and as many by the floor`);
    await Promise.all(sides.map(({ population }) => population.reset(BACKGROUND_ROWS)));
    const ready = await Promise.all(
      sides.map(async (side) => ({ side, cohort: await side.population.add(patients, ROWS) })),
    );
    for (const { population } of sides) await population.vacuum();
    for (const { side, cohort } of shuffled(ready, draw)) {
      await warmUp(side, WARM_UP);
      const before = await side.cpuMs();
      const milliseconds = await side.remove(cohort.ids);
      if (side.name === 'batch') cpuMs.push(((await side.cpuMs()) - before) / patients);
      await side.settle();
      await expectDeletedOnce(side.population, cohort);
      rates[side.name].push((patients * 1000) / milliseconds);
    }
  }
  return {
    ...{ rows: ROWS, patients, clients: CLIENTS, rounds },
    ...{ batch: spreadOf(rates.batch), floor: spreadOf(rates.floor) },
    serviceCpuMs: spreadOf(cpuMs),
    ratio: ratioSpread(rates.batch, rates.floor),
  };
}

/** Emptied tables have every session plan anew: not in the time that counts. */
async function warmUp({ population, remove, settle }: Side, patients: number): Promise<void> {
  await remove((await population.add(patients, WARM_UP_ROWS)).ids);
  await settle();
}
