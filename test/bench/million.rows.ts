import { setTimeout as pause } from 'node:timers/promises';
import type { BenchService } from './bench.service.js';
import type { MillionRows } from './results.js';
import { type Bench, type ServedDatabase, withServedDatabase } from './section.js';

const SMALL_ROWS = 50;
const SAMPLE_EVERY_MS = 20;

/** Deletes one patient with very many rows after many small ones, and watches the memory of the service. */
export function deleteMillionRows(
  bench: Bench,
  { rows, deletionsBefore }: { rows: number; deletionsBefore: number },
): Promise<MillionRows> {
  return withServedDatabase(bench, 'bench_million', async (served) => {
    const { driver, population, service } = served;
    await population.addBackground(10_000);
    bench.say(`${deletionsBefore} small deletions first, while one patient of ${rows} rows is made`);
    await warmUp(served, deletionsBefore);
    const giant = await population.addOneWith(rows);
    const before = await population.count();
    await pause(1_500);
    const rssBefore = await service.rss();
    const watched = watchMemory(service);
    const { milliseconds } = await driver.run({ ids: giant.ids, clients: 1 });
    const rssPeak = Math.max(rssBefore, await watched.stop());
    const rssAfter = await service.rss();
    const marked = await population.query<{ rows: string }>(
      `SELECT total_rows AS rows FROM patient.sharded_patient_deletion WHERE patient_id = '${giant.ids[0] ?? ''}'`,
    );
    if (Number(marked[0]?.rows) !== rows || (await population.count()) !== before)
      throw new Error(`${marked[0]?.rows ?? 'no'} rows were marked, ${rows} expected.`);
    return { rows, milliseconds, rssBefore, rssPeak, rssAfter, deletionsBefore };
  });
}

async function warmUp({ driver, population }: ServedDatabase, deletions: number): Promise<void> {
  for (let done = 0; done < deletions; done += 100) {
    const { ids } = await population.add(100, SMALL_ROWS);
    await driver.run({ ids, clients: 8 });
  }
}

/** Samples the resident memory until it is told to stop, and then says the most it has seen. */
function watchMemory(service: BenchService): { stop(): Promise<number> } {
  const state = { peak: 0, stopped: false };
  const isStopped = () => state.stopped;
  const watching = (async () => {
    while (!isStopped()) {
      state.peak = Math.max(state.peak, await service.rss());
      await pause(SAMPLE_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      state.stopped = true;
      await watching;
      return state.peak;
    },
  };
}
