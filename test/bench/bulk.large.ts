import { setTimeout as pause } from 'node:timers/promises';
import { BatchClient, expectDeletedOnce } from './batch.client.js';
import type { BatchSample, Latencies, LargeBatch } from './results.js';
import { type Bench, type ServedDatabase, untilSealed, withServedDatabase } from './section.js';
import { quantile } from './statistics.js';
import type { WorkerProcess } from './worker.process.js';

const ROWS = 5;
const BACKGROUND_ROWS = 10_000;
const ASK_EVERY_MS = 200;
const SAMPLE_EVERY_MS = 1_000;
const REST_MS = 1_500;
/** Single deletions between two looks whether the batch still runs. */
const BLOCK = 10;

export interface LargeBatchOptions {
  /** Of the batch. */
  readonly patients: number;
  /** Single deletions on the idle service. */
  readonly single: number;
  /** Patients of a batch, and as many single deletions, before anything is measured. */
  readonly warmUp: number;
}

/**
 * Deletes very many patients as one batch, with the settings as they come, and watches its progress and the memory of
 * the service, while somebody else deletes other patients one after another.
 */
export function deleteLargeBatch(bench: Bench, options: LargeBatchOptions): Promise<LargeBatch> {
  return withServedDatabase(bench, 'bench_bulk_large', async (served) => {
    const client = new BatchClient(served.service);
    try {
      return await measure(bench, served, client, options);
    } finally {
      client.close();
    }
  });
}

async function measure(
  { say }: Bench,
  { driver, population, service }: ServedDatabase,
  client: BatchClient,
  { patients, single, warmUp }: LargeBatchOptions,
): Promise<LargeBatch> {
  say(`one batch of ${patients} patients, and single deletions before it and beside it`);
  await population.addBackground(BACKGROUND_ROWS);
  const cohort = await population.add(patients, ROWS);
  const early = await population.add(warmUp, ROWS);
  // A batch leaves the way to a single client, who may keep up with it.
  const others = [...(await population.add(warmUp + single + BLOCK + 2 * patients, ROWS)).ids];
  await client.delete(early.ids, { everyMs: ASK_EVERY_MS });
  await driver.run({ ids: others.splice(0, warmUp), clients: 1 });
  await untilSealed(population);
  const idle = (await driver.run({ ids: others.splice(0, single), clients: 1 })).latencies;
  await untilSealed(population);
  await pause(REST_MS);

  const before = await service.collect();
  const samples: BatchSample[] = [{ seconds: 0, finished: 0, rss: await service.rss() }];
  const started = performance.now();
  const sample = async (finished: number) => {
    samples.push({ seconds: (performance.now() - started) / 1000, finished, rss: await service.rss() });
  };
  const batch = { runs: true };
  const deleting = client
    .delete(cohort.ids, {
      everyMs: ASK_EVERY_MS,
      onAnswer: async ({ finished }) => {
        const isDue = performance.now() - started >= samples.length * SAMPLE_EVERY_MS;
        if (isDue || finished === patients) await sample(finished);
      },
    })
    .finally(() => {
      batch.runs = false;
    });
  const [milliseconds, during] = await Promise.all([deleting, removeWhile(() => batch.runs, driver, others)]);
  const after = await service.collect();
  await expectDeletedOnce(population, cohort);
  const compared = Math.min(idle.length, during.length);
  return {
    patients,
    rows: ROWS,
    milliseconds,
    samples,
    collected: { before, after },
    single: {
      compared,
      doneIdle: idle.length,
      idle: latenciesOf(thinned(idle, compared)),
      doneBeside: during.length,
      beside: latenciesOf(thinned(during, compared)),
    },
  };
}

/** Latencies of the blocks that were over while the batch was not. @throws Error where there is nobody left, or none */
async function removeWhile(
  runs: () => boolean,
  driver: WorkerProcess,
  ids: readonly string[],
): Promise<number[]> {
  const latencies: number[] = [];
  for (let done = 0; runs(); done += BLOCK) {
    if (done + BLOCK > ids.length) throw new Error('No patient was left for single deletions.');
    const block = await driver.run({ ids: ids.slice(done, done + BLOCK), clients: 1 });
    if (runs()) latencies.push(...block.latencies);
  }
  if (latencies.length === 0) throw new Error('No single deletion was answered while the batch ran.');
  return latencies;
}

/** So many of them, spread evenly over the time in which they were taken. */
function thinned(values: readonly number[], count: number): number[] {
  return Array.from(
    { length: count },
    (_, index) => values[Math.floor((index * values.length) / count)] ?? NaN,
  );
}

function latenciesOf(values: readonly number[]): Latencies {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}
