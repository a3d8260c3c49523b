import { readFile } from 'node:fs/promises';
import type { BenchService } from './bench.service.js';
import type { Population } from './population.js';
import type { SoakRelay } from './soak.relay.js';
import { MEGABYTE } from './figure.js';
import { type Point, slopeOf } from './statistics.js';

/** What is looked at every few seconds; null where the system does not tell. */
export interface SoakSample {
  /** Seconds since the load began. */
  readonly at: number;
  readonly requests: number;
  /** Resident memory of the service, in MB. */
  readonly rssMb: number;
  /** What it holds when all garbage is collected, in MB. */
  readonly heapMb: number;
  /** Sessions of the service on the database server. */
  readonly connections: number;
  readonly openFiles: number | null;
  /** Own memory of the largest of its sessions on the server, in MB: what is prepared there is in it. */
  readonly sessionMb: number | null;
  /** Statements that the session with the most of them has prepared. */
  readonly prepared: number;
}

type Figure = Exclude<keyof SoakSample, 'at' | 'requests'>;

/**
 * How much each may grow in the time that is judged. Resident memory goes up and down by some megabytes; one forgotten
 * kilobyte per request would be 70 MB in ten minutes at 120 requests a second.
 */
export const BOUNDS: Readonly<Record<Figure, number>> = {
  rssMb: 20,
  heapMb: 3,
  connections: 2,
  openFiles: 10,
  sessionMb: 4,
  prepared: 5,
};
/** Share of the time that is not judged, and its least seconds: caches fill, and V8 finds the size of its heap. */
const WARM_UP_SHARE = 0.3;
const WARM_UP_S = 30;
/** Seconds in which resident memory has risen and fallen once at least. */
const STRETCH_S = 40;
const MOST_STRETCHES = 10;

/** Growth of one figure over the judged time, drawn as a straight line. */
export interface Growth {
  readonly figure: Figure;
  readonly perMinute: number;
  readonly overall: number;
  readonly bound: number;
  readonly isWithin: boolean;
}

/** The samples by which the run is judged: those after the warm-up. */
export function judged(samples: readonly SoakSample[]): SoakSample[] {
  const from = Math.max(WARM_UP_S, (samples.at(-1)?.at ?? 0) * WARM_UP_SHARE);
  return samples.filter(({ at }) => at >= from);
}

/**
 * Of every figure that the system tells. Of resident memory only the lowest samples count, one of each stretch of time:
 * what lies above has been collected and not given back yet. In less than two minutes there is no second stretch to
 * compare with, and it is not judged.
 */
export function growthOf(samples: readonly SoakSample[]): Growth[] {
  const after = judged(samples);
  return (Object.keys(BOUNDS) as Figure[]).flatMap((figure) => {
    const all = after.flatMap(({ at, [figure]: value }) => (value === null ? [] : [[at, value] as const]));
    const points = figure === 'rssMb' ? troughsOf(all) : all;
    const [first, last] = [all[0]?.[0], all.at(-1)?.[0]];
    if (points.length < 2 || first === undefined || last === undefined) return [];
    const slope = slopeOf(points);
    const overall = slope * (last - first);
    const bound = BOUNDS[figure];
    return [{ figure, perMinute: slope * 60, overall, bound, isWithin: overall <= bound }];
  });
}

/** The lowest point of each of so many stretches of one length; none where there is no time for two. */
function troughsOf(points: readonly Point[]): Point[] {
  const seconds = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  const stretches = Math.min(MOST_STRETCHES, Math.floor(seconds / STRETCH_S));
  if (stretches < 2) return [];
  return Array.from({ length: stretches }, (_, index) => {
    const from = Math.floor((points.length * index) / stretches);
    const to = Math.floor((points.length * (index + 1)) / stretches);
    return points.slice(from, to).reduce((lowest, point) => (point[1] < lowest[1] ? point : lowest));
  });
}

/** Looks at the service and at its sessions on the server. */
export class Sampler {
  private readonly started = performance.now();

  constructor(
    private readonly service: BenchService,
    private readonly population: Population,
    private readonly relay: SoakRelay,
  ) {}

  /** @param requests that were answered by now */
  async take(requests: number): Promise<SoakSample> {
    const { heapUsed } = await this.service.collect();
    const sessions = await this.population.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'silgi'`,
    );
    const own = await Promise.all(sessions.map(({ pid }) => ownMemory(pid)));
    const sizes = own.filter((size) => size !== undefined);
    return {
      at: Math.round((performance.now() - this.started) / 100) / 10,
      requests,
      rssMb: round((await this.service.rss()) / MEGABYTE),
      heapMb: round(heapUsed / MEGABYTE),
      connections: sessions.length,
      openFiles: (await this.service.openFiles()) ?? null,
      sessionMb: sizes.length === 0 ? null : round(Math.max(...sizes) / MEGABYTE),
      prepared: this.relay.mostPrepared,
    };
  }
}

/** Memory of a process that it shares with no other, in bytes; undefined where the system does not tell. */
async function ownMemory(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const size = /RssAnon:\s+(\d+) kB/.exec(text)?.[1];
  return size === undefined ? undefined : Number(size) * 1024;
}

const round = (value: number) => Math.round(value * 10) / 10;
