import { sharesOf } from './cpu.profile.js';
import type { StepProfile } from './results.js';
import { type Bench, withServedDatabase } from './section.js';

const ROWS = 50;
/** By then V8 has compiled what it will compile. */
const WARM_UP = 1_000;

/** Asks the service itself where the time of its deletions goes: per phase and shard. */
export function profileSteps(
  bench: Bench,
  { clients, deletions }: { clients: readonly number[]; deletions: number },
): Promise<StepProfile[]> {
  return withServedDatabase(bench, 'bench_profile', async ({ driver, population, service }) => {
    await population.addBackground(10_000);
    await driver.run({ ids: (await population.add(WARM_UP, ROWS)).ids, clients: 8 });
    const profiles: StepProfile[] = [];
    const hotPlaces = async (many: number) => {
      const { ids } = await population.add(deletions, ROWS);
      await population.vacuum();
      return sharesOf(await service.profiled(() => driver.run({ ids, clients: many })));
    };
    for (const many of clients) {
      const { ids } = await population.add(deletions, ROWS);
      await population.vacuum();
      const before = await service.metrics();
      const { latencies } = await driver.run({ ids, clients: many });
      const after = await service.metrics();
      const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
      const each = (seconds: number) => (seconds * 1000) / deletions;
      const meanOf = (sum: string) => (grown(sum) * 1000) / grown(sum.replace('_sum{', '_count{'));
      const sums = [...after.keys()].map((name) => ({ name, labels: labelsOf(name) }));
      const phases = sums
        .filter(({ name }) => name.startsWith('silgi_phase_duration_seconds_sum{'))
        .map(({ name, labels: { phase = '', shard = '' } }) => ({ phase, shard, milliseconds: meanOf(name) }))
        .filter(({ milliseconds }) => milliseconds > 0);
      profiles.push({
        rows: ROWS,
        clients: many,
        deletions,
        clientMs: latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length,
        deletionMs: each(grown('silgi_deletion_duration_seconds_sum{outcome="DELETED"}')),
        phases,
        serviceCpuMs: each(grown('process_cpu_seconds_total')),
        hot: await hotPlaces(many),
      });
    }
    return profiles;
  });
}

function labelsOf(name: string): Record<string, string> {
  return Object.fromEntries(
    [...name.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
}
