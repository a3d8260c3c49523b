import { BenchService } from './bench.service.js';
import type { StartTime } from './results.js';
import type { Bench } from './section.js';
import { spreadOf } from './statistics.js';

/** Starts the service again and again on a database that is there and migrated. */
export async function measureStart({ cluster, issuer }: Bench, starts: number): Promise<StartTime> {
  const url = await cluster.createDatabase('bench_start');
  const milliseconds: number[] = [];
  try {
    // The first one makes the keys of its data folder.
    for (let start = 0; start <= starts; start++) {
      const service = await BenchService.start(url, cluster.path('start'), issuer);
      if (start > 0) milliseconds.push(service.readyAfterMs);
      await service.stop();
    }
  } finally {
    await cluster.dropDatabase('bench_start');
  }
  return { starts, milliseconds: spreadOf(milliseconds) };
}
