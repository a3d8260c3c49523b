import { BenchCluster, SERVER_SETTINGS } from './bench.cluster.js';
import { BenchIssuer } from './bench.service.js';
import { measureBulk } from './bulk.js';
import { compare } from './comparison.js';
import { CLIENTS, ROWS } from './contender.js';
import { drawFrom } from './draw.js';
import { measureImport } from './import.speed.js';
import { compareTableSizes } from './larger.tables.js';
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
    imports: 3,
    bulk: { rounds: 6, patients: 1_000, large: { patients: 10_000, single: 1_000, warmUp: 1_000 } },
  },
  short: {
    rows: [5, 50],
    clients: [1, 8],
    starts: 3,
    pairs: 40,
    largeTableRows: 100_000,
    steps: 100,
    imports: 1,
    bulk: { rounds: 2, patients: 300, large: { patients: 500, single: 100, warmUp: 200 } },
  },
} as const;
const MILLION = 1_000_000;
const TIMES_LARGER = 100;

/** Measures what it is told to, one section after the other, on a server of its own. */
export async function runBenchmark(options: BenchOptions): Promise<Results> {
  const { short, rounds, seed, importData, say } = options;
  const started = performance.now();
  const takenOn = new Date().toISOString().slice(0, 10);
  const load = loadAtThisMoment();
  const draw = drawFrom(seed);
  const extent = EXTENT[short ? 'short' : 'full'];
  say('starting a database server and compiling the product');
  const cluster = await BenchCluster.start();
  try {
    const bench: Bench = { cluster, issuer: await BenchIssuer.in(cluster.path('issuer')), say };
    const machine = await describeMachine(cluster.url, SERVER_SETTINGS, load);
    const when = async <T>(section: Section, measure: () => Promise<T>): Promise<T | null> => {
      if (!options.sections.includes(section)) return null;
      say(`== ${section}`);
      return measure();
    };
    const startTime = await when('start', () => measureStart(bench, extent.starts));
    const profile = await when('profile', () =>
      profileSteps(bench, { clients: [1, 8], deletions: extent.steps }),
    );
    const comparison = await when('compare', () =>
      compare(bench, { rows: extent.rows, clients: extent.clients, rounds, draw }),
    );
    const bulk = await when('bulk', () => measureBulk(bench, { ...extent.bulk, draw }));
    const millionRows = await when('million', () =>
      deleteMillionRows(bench, { rows: MILLION, deletionsBefore: short ? 300 : 1_000 }),
    );
    const { largeTableRows, pairs, imports: times } = extent;
    const largerTables = await when('tables', () =>
      compareTableSizes(bench, {
        largeTableRows,
        smallTableRows: largeTableRows / TIMES_LARGER,
        pairs,
        draw,
      }),
    );
    const stockServer = await when('stock', () => measureStockServer(bench, { pairs, draw }));
    const importSpeed = await when('import', () => measureImport(bench, { folder: importData, times }));
    const seconds = Math.round((performance.now() - started) / 1000);
    const measured = { comparison, bulk, millionRows, largerTables, stockServer };
    return {
      takenOn,
      seconds,
      short,
      rounds,
      seed,
      machine,
      ...measured,
      importSpeed,
      startTime,
      profile,
      targets: targetsOf(measured),
    };
  } finally {
    await cluster.stop();
  }
}
