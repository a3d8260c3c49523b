import { setTimeout as pause } from 'node:timers/promises';
import type { Growth, LinearFigures } from './growth.figures.js';
import { measureLevelCosts } from './growth.level.js';
import { besideDeletions, idleDeletions, measureLinearCosts } from './growth.linear.js';
import { Hospital } from './hospital.js';
import { ROWS_OF_A_PATIENT } from './hospital.fill.js';
import type { Bench } from './section.js';
import { timed } from './watch.js';

const ASK_EVERY_MS = 20;

export interface GrowthOptions {
  /** Live patients of each hospital, and as many deleted ones; ascending. */
  readonly sizes: readonly number[];
  /** Requests of each kind to each hospital. */
  readonly requests: number;
  readonly starts: number;
  /** Deletions before anything is measured. */
  readonly warmUp: number;
}

/**
 * Makes hospitals that differ in nothing but how many patients and deletions they have, each with a service of its own,
 * and compares what the same costs in each of them.
 */
export async function measureGrowth(
  bench: Bench,
  { sizes, requests, starts, warmUp }: GrowthOptions,
): Promise<Growth> {
  const hospitals: Hospital[] = [];
  try {
    const made: Made[] = [];
    for (const patients of sizes) {
      bench.say(`a hospital of ${patients} live and ${patients} deleted patients`);
      const hospital = await Hospital.open(bench, patients);
      hospitals.push(hospital);
      made.push(await make(hospital, warmUp, bench.say));
    }
    const level = await measureLevelCosts(hospitals, { requests, starts }, bench.say);
    const file = bench.cluster.path('export.jsonl');
    const linear = await measureLinearCosts(hospitals, file, bench.say);
    const sealing = {
      name: 'sealing of a backlog',
      unit: 'event',
      sizes: made.map((each) => each.sealing),
    } as const;
    return {
      sizes,
      rowsOfAPatient: ROWS_OF_A_PATIENT,
      fillSeconds: made.map((each) => each.seconds),
      level,
      linear: [...linear, sealing],
    };
  } finally {
    for (const hospital of hospitals) await hospital.close();
  }
}

interface Made {
  readonly seconds: number;
  readonly sealing: LinearFigures;
}

/** Fills a hospital. Its service seals the events of all deletions as one backlog, which is measured. */
async function make(hospital: Hospital, warmUp: number, say: (line: string) => void): Promise<Made> {
  const { population, patients } = hospital;
  const [filled, { events }] = await timed(() => hospital.fill());
  for (let count = 0; count < warmUp; count++) await hospital.delete(hospital.livePatient());
  const idleMs = await idleDeletions(hospital);
  const sealed = await sealedEvents(hospital);
  const [appended] = await timed(() => population.query(events));
  say(`filled in ${Math.round((filled + appended) / 1000)} s; its events are sealed`);
  const untilSealed = async () => {
    while ((await sealedEvents(hospital)) < sealed + patients) await pause(ASK_EVERY_MS);
    return {};
  };
  const sealing = await besideDeletions(hospital, untilSealed, idleMs, 1);
  await population.queryEach(
    ['sharded_audit_event', 'audit_log_leaf', 'audit_log_node', 'audit_log_checkpoint'].map(
      (table) => `VACUUM (ANALYZE) audit.${table}`,
    ),
  );
  return { seconds: (filled + appended) / 1000, sealing };
}

/** By the newest checkpoint. */
async function sealedEvents({ population }: Hospital): Promise<number> {
  const [row] = await population.query<{ size: string | null }>(
    'SELECT max(tree_size) AS size FROM audit.audit_log_checkpoint',
  );
  return Number(row?.size ?? 0);
}
