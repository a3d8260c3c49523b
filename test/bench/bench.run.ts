import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureAdopted } from './adopted.js';
import { BenchCluster, SERVER_SETTINGS } from './bench.cluster.js';
import { BenchIssuer } from './bench.service.js';
import { measureBulk } from './bulk.js';
import { measureCatchUp } from './catch.up.js';
import { compare } from './comparison.js';
import { CLIENTS, ROWS } from './contender.js';
import { drawFrom } from './draw.js';
import { measureGrowth } from './growth.js';
import { measureImport } from './import.speed.js';
import { compareTableSizes } from './larger.tables.js';
import { measureLists } from './lists.js';
import { describeMachine, loadAtThisMoment } from './machine.js';
import { deleteMillionRows } from './million.rows.js';
import type { Results } from './results.js';
import type { Bench } from './section.js';
import { measureStart } from './start.time.js';
import { measureStockServer } from './stock.js';
import { profileSteps } from './step.profile.js';
import { targetsOf } from './targets.js';

/** What can be measured by itself. */
export const SECTIONS = [
  'start',
  'profile',
  'compare',
  'bulk',
  'lists',
  'growth',
  'catch-up',
  'adopted',
  'million',
  'tables',
  'stock',
  'import',
] as const;
export type Section = (typeof SECTIONS)[number];

export interface BenchOptions {
  readonly short: boolean;
  readonly sections: readonly Section[];
  readonly rounds: number;
  readonly seed: number;
  /** Folder with Synthea's files. */
  readonly importData: string;
  /** Instead of what growth and catch-up measure by themselves. */
  readonly patients?: readonly number[];
  readonly backlog?: number;
  readonly checkpoints?: number;
  /** A folder of this build that keeps each section as soon as it is measured: those that are there are taken from it. */
  readonly resume?: string;
  readonly say: (line: string) => void;
}

/** How much is measured, in a full run and in a short one. */
const EXTENT = {
  full: {
    rows: ROWS,
    clients: CLIENTS,
    starts: 7,
    pairs: 200,
    largeTableRows: 1_000_000,
    steps: 1_000,
    lists: [10_000, 100_000, 1_000_000],
    growth: { sizes: [3_000, 30_000, 300_000], requests: 50, starts: 5, warmUp: 100 },
    catchUp: { events: 3_000_000, checkpoints: 1_000_000 },
    adopted: { clients: [1, 8], patients: 200, events: 2_000_000 },
    import: { copies: 25, times: 3 },
    bulk: { rounds: 6, patients: 1_000, large: { patients: 10_000, single: 1_000, warmUp: 1_000 } },
  },
  short: {
    rows: [5, 50],
    clients: [1, 8],
    starts: 3,
    pairs: 40,
    largeTableRows: 100_000,
    steps: 300,
    lists: [10_000, 100_000],
    growth: { sizes: [300, 3_000], requests: 15, starts: 2, warmUp: 20 },
    catchUp: { events: 20_000, checkpoints: 2_000 },
    adopted: { clients: [8], patients: 40, events: 100_000 },
    import: { copies: 5, times: 1 },
    bulk: { rounds: 2, patients: 300, large: { patients: 500, single: 100, warmUp: 200 } },
  },
} as const;
const MILLION = 1_000_000;
const TIMES_LARGER = 100;

/** What was measured, and what could not be. */
export interface BenchRun {
  readonly results: Results;
  readonly failed: readonly { readonly section: Section; readonly error: unknown }[];
}

/** Measures what it is told to, one section after the other, on a server of its own. A section that fails costs itself. */
export async function runBenchmark(options: BenchOptions): Promise<BenchRun> {
  const { short, rounds, seed, importData, say } = options;
  const started = performance.now();
  const takenOn = new Date().toISOString().slice(0, 10);
  const load = loadAtThisMoment();
  const draw = drawFrom(seed);
  const failed: { section: Section; error: unknown }[] = [];
  const extent = EXTENT[short ? 'short' : 'full'];
  say('starting a database server and compiling the product');
  const cluster = await BenchCluster.start();
  try {
    const bench: Bench = { cluster, issuer: await BenchIssuer.in(cluster.path('issuer')), say };
    const machine = await describeMachine(cluster.url, SERVER_SETTINGS, load);
    const when = async <T>(section: Section, measure: () => Promise<T>): Promise<T | null> => {
      if (!options.sections.includes(section)) return null;
      const kept = options.resume === undefined ? undefined : join(options.resume, `${section}.json`);
      if (kept !== undefined && existsSync(kept)) {
        say(`== ${section}: as it was measured before`);
        return JSON.parse(await readFile(kept, 'utf8')) as T;
      }
      say(`== ${section}`);
      try {
        const measured = await measure();
        if (kept !== undefined) await writeFile(kept, JSON.stringify(measured));
        return measured;
      } catch (error) {
        say(`!! ${section} could not be measured`);
        failed.push({ section, error });
        return null;
      }
    };
    const startTime = await when('start', () => measureStart(bench, extent.starts));
    const profile = await when('profile', () =>
      profileSteps(bench, { clients: [1, 8], deletions: extent.steps }),
    );
    const comparison = await when('compare', () =>
      compare(bench, { rows: extent.rows, clients: extent.clients, rounds, draw }),
    );
    const bulk = await when('bulk', () => measureBulk(bench, { ...extent.bulk, draw }));
    const lists = await when('lists', () => measureLists(bench, { sizes: extent.lists }));
    const growth = await when('growth', () =>
      measureGrowth(bench, { ...extent.growth, sizes: options.patients ?? extent.growth.sizes }),
    );
    const catchUp = await when('catch-up', () =>
      measureCatchUp(bench, {
        events: options.backlog ?? extent.catchUp.events,
        checkpoints: options.checkpoints ?? extent.catchUp.checkpoints,
      }),
    );
    const adopted = await when('adopted', () => measureAdopted(bench, { ...extent.adopted, rounds, draw }));
    const millionRows = await when('million', () =>
      deleteMillionRows(bench, { rows: MILLION, deletionsBefore: short ? 300 : 1_000 }),
    );
    const { largeTableRows, pairs } = extent;
    const largerTables = await when('tables', () =>
      compareTableSizes(bench, {
        largeTableRows,
        smallTableRows: largeTableRows / TIMES_LARGER,
        pairs,
        draw,
      }),
    );
    const stockServer = await when('stock', () => measureStockServer(bench, { pairs, draw }));
    const importSpeed = await when('import', () =>
      measureImport(bench, { folder: importData, ...extent.import }),
    );
    const seconds = Math.round((performance.now() - started) / 1000);
    const measured = {
      comparison,
      bulk,
      lists,
      growth,
      catchUp,
      adopted,
      millionRows,
      largerTables,
      stockServer,
      profile,
      importSpeed,
    };
    const targets = targetsOf(measured);
    const results = { takenOn, seconds, short, rounds, seed, machine, ...measured, startTime, targets };
    return { results, failed };
  } finally {
    await cluster.stop();
  }
}
