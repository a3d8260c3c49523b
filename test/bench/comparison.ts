import { BenchService } from './bench.service.js';
import { blockOf, type Cell, type Contender, CONTENDERS } from './contender.js';
import { shuffled } from './draw.js';
import { findPgbench, runPgbench, WARM_UP_OF_A_CLIENT } from './pgbench.js';
import { makePlain } from './plain.schema.js';
import { type Cohort, Population } from './population.js';
import type { CellFigures, CellRatio, Comparison } from './results.js';
import { type Bench, untilSealed } from './section.js';
import { type ServerCosts, ServerMeter } from './server.costs.js';
import { quantile, ratioSpread, spreadOf } from './statistics.js';
import { WorkerProcess } from './worker.process.js';
import type { BlockTimes } from './workers/block.js';

/** Others' rows in each child table while a cell is measured. */
const BACKGROUND_ROWS = 5_000;
const WARM_UP_ROWS = 5;
const WARM_UPS = 1_000;
/** Before each block: what others' turns left idle takes a while until its code and its sessions are at hand again. */
const WARM_UP = 100;
const nothing = () => Promise.resolve();

export interface ComparisonOptions {
  readonly rows: readonly number[];
  readonly clients: readonly number[];
  readonly rounds: number;
  readonly draw: () => number;
}

/** One block that was measured. */
interface Sample extends Cell, BlockTimes, ServerCosts {
  /** Those of pgbench’s warm-up among them, which are not in the times. */
  readonly patients: number;
  readonly contender: Contender;
  readonly round: number;
}

/** One way to delete patients, in a database that holds them. */
interface Entrant {
  readonly contender: Contender;
  readonly population: Population;
  run(cohort: Cohort, clients: number): Promise<BlockTimes>;
  /** Sessions that it makes anew for every block are warmed up by itself. */
  readonly warmUps: (clients: number) => number;
  /** Patients of a block beside those that are counted. */
  readonly extra: (clients: number) => number;
  /** Waits until nothing of its work is left to be done behind it. */
  readonly settle: () => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
}

/**
 * Lets the contenders delete patients side by side: in each round every cell in an order that is drawn, and in each cell
 * every contender in an order that is drawn, on patients that were made before the clock runs.
 *
 * Four databases on one server: the bare SQL and the orchestrator share one; the service has its own, because it seals
 * every audit event that it finds; `softRemove` has its own, and so has the plain floor with its plain tables.
 */
export async function compare(
  { cluster, issuer, say }: Bench,
  options: ComparisonOptions,
): Promise<Comparison> {
  const { rounds, draw } = options;
  const pgbench = await findPgbench();
  if (pgbench === undefined) say('pgbench: not installed; the floor is measured by raw pg alone');
  const urls = {
    plain: await cluster.createDatabase('bench_plain'),
    bare: await cluster.createDatabase('bench_bare'),
    service: await cluster.createDatabase('bench_service'),
    soft: await cluster.createDatabase('bench_soft_remove'),
  };
  await makePlain(urls.plain);
  const service = await BenchService.start(urls.service, cluster.path('compared'), issuer);
  const meter = await ServerMeter.of(cluster.url, cluster.pid);
  const populations = [
    await Population.in(urls.plain),
    await Population.in(urls.bare),
    await Population.in(urls.service),
    await Population.in(urls.soft),
  ] as const;
  const entrants = await enter(service, urls, populations, pgbench);
  const samples: Sample[] = [];
  try {
    const cells = options.rows.flatMap((rows) => options.clients.map((clients) => ({ rows, clients })));
    await warmUp(entrants, Math.max(...options.clients));
    for (let round = 0; round < rounds; round++) {
      for (const [index, cell] of shuffled(cells, draw).entries()) {
        say(
          `round ${round + 1} of ${rounds}, cell ${index + 1} of ${cells.length}: ` +
            `${cell.rows} rows per table, ${cell.clients} clients`,
        );
        await Promise.all(populations.map((population) => population.reset(BACKGROUND_ROWS)));
        samples.push(...(await measureCell(shuffled(entrants, draw), { cell, round, meter })));
      }
    }
  } finally {
    for (const { stop } of entrants) await stop();
    for (const population of populations) await population.close();
    await meter.close();
    await service.stop();
  }
  const hotShare = {
    plain: await ServerMeter.hotShare(urls.plain),
    silgi: await ServerMeter.hotShare(urls.service),
  };
  for (const url of Object.values(urls)) await cluster.dropDatabase(new URL(url).pathname.slice(1));
  return { pgbench: pgbench === undefined ? 'not installed' : 'installed', hotShare, ...figuresOf(samples) };
}

async function enter(
  service: BenchService,
  urls: { readonly plain: string; readonly bare: string; readonly soft: string },
  [plain, bare, served, soft]: readonly [Population, Population, Population, Population],
  pgbench: string | undefined,
): Promise<Entrant[]> {
  const onBare = { BENCH_DATABASE_URL: urls.bare };
  const withKeys = { ...service.variables, BENCH_IDEMPOTENCY_KEYS: 'true' };
  const [plainFloor, floor, http, keyed, orchestrator, softRemove] = await Promise.all([
    WorkerProcess.start('floor', { BENCH_DATABASE_URL: urls.plain, BENCH_PLAIN_TABLES: 'true' }),
    WorkerProcess.start('floor', onBare),
    WorkerProcess.start('http', service.variables),
    WorkerProcess.start('http', withKeys),
    WorkerProcess.start('orchestrator', onBare),
    WorkerProcess.start('soft.remove', { BENCH_DATABASE_URL: urls.soft }),
  ]);
  const entrants = [
    entrant('plain', plain, plainFloor),
    entrant('floor', bare, floor),
    sealed(entrant('http', served, http)),
    sealed(entrant('http-key', served, keyed)),
    entrant('orchestrator', bare, orchestrator),
    entrant('softRemove', soft, softRemove),
  ];
  if (pgbench === undefined) return entrants;
  const byPgbench = (contender: Contender, population: Population, url: string): Entrant => ({
    contender,
    population,
    stop: nothing,
    settle: nothing,
    warmUps: () => 0,
    extra: (clients) => clients * WARM_UP_OF_A_CLIENT,
    run: ({ first, ids }, clients) =>
      runPgbench(pgbench, {
        url,
        clients,
        base: first,
        each: Math.floor(ids.length / clients),
        plain: contender === 'plain-pgbench',
      }),
  });
  return [...entrants, byPgbench('plain-pgbench', plain, urls.plain), byPgbench('pgbench', bare, urls.bare)];
}

function entrant(contender: Contender, population: Population, worker: WorkerProcess): Entrant {
  return {
    contender,
    population,
    stop: () => worker.stop(),
    settle: nothing,
    extra: () => 0,
    warmUps: (clients) => 2 * clients + (contender === 'softRemove' ? 0 : WARM_UP),
    run: ({ ids }, clients) => worker.run({ ids, clients }),
  };
}

/** What the service still has to seal is sealed before another's turn begins. */
function sealed(inner: Entrant): Entrant {
  return { ...inner, settle: () => untilSealed(inner.population) };
}

/** Everybody's code is compiled and everybody's sessions are open before the first round. */
async function warmUp(entrants: readonly Entrant[], clients: number): Promise<void> {
  for (const entrant of entrants) {
    const count = entrant.contender === 'softRemove' ? clients : WARM_UPS;
    const cohort = await entrant.population.add(count + entrant.extra(clients), WARM_UP_ROWS);
    await entrant.run(cohort, clients);
    await entrant.settle();
  }
}

async function measureCell(
  entrants: readonly Entrant[],
  { cell, round, meter }: { cell: Cell; round: number; meter: ServerMeter },
): Promise<Sample[]> {
  const { rows, clients } = cell;
  const ready: { entrant: Entrant; warmUp: Cohort; cohort: Cohort }[] = [];
  for (const entrant of entrants) {
    const count = blockOf(entrant.contender, cell, round);
    if (count === 0) continue;
    const warmUp = await entrant.population.add(entrant.warmUps(clients), WARM_UP_ROWS);
    const cohort = await entrant.population.add(count + entrant.extra(clients), rows);
    ready.push({ entrant, warmUp, cohort });
  }
  for (const population of new Set(ready.map(({ entrant }) => entrant.population))) await population.vacuum();
  const samples: Sample[] = [];
  for (const { entrant, warmUp, cohort } of ready) {
    if (warmUp.ids.length > 0) await entrant.run(warmUp, clients);
    // What is done behind a deletion belongs to what it costs the server, not to how long it took.
    const times = await meter.during(async () => {
      const took = await entrant.run(cohort, clients);
      await entrant.settle();
      return took;
    });
    samples.push({ ...cell, ...times, patients: cohort.ids.length, contender: entrant.contender, round });
  }
  return samples;
}

function figuresOf(samples: readonly Sample[]): { cells: CellFigures[]; ratios: CellRatio[] } {
  const cells: CellFigures[] = [];
  const ratios: CellRatio[] = [];
  const contenders = Object.keys(CONTENDERS) as Contender[];
  for (const { rows, clients } of cellsOf(samples)) {
    const here = samples.filter((sample) => sample.rows === rows && sample.clients === clients);
    const of = (contender: Contender) => here.filter((sample) => sample.contender === contender);
    for (const contender of contenders) {
      const ours = of(contender);
      if (ours.length === 0) continue;
      cells.push({ rows, clients, contender, ...figuresOfCell(ours) });
      for (const against of ['plain', 'floor', 'softRemove'] as const) {
        const theirs = of(against);
        if (contender !== against && contender !== 'softRemove' && theirs.length > 0)
          ratios.push({ rows, clients, contender, against, ...ratiosOf(ours, theirs) });
      }
    }
  }
  return { cells, ratios };
}

function cellsOf(samples: readonly Sample[]): Cell[] {
  const keys = new Map(samples.map(({ rows, clients }) => [`${rows} ${clients}`, { rows, clients }]));
  return [...keys.values()].sort((a, b) => a.rows - b.rows || a.clients - b.clients);
}

const throughputOf = ({ latencies, milliseconds }: Sample) => (latencies.length * 1000) / milliseconds;

function figuresOfCell(samples: readonly Sample[]) {
  const latencies = samples.flatMap((sample) => sample.latencies);
  const sumOf = (figure: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + figure(sample), 0);
  const patients = sumOf((sample) => sample.patients);
  const orNull = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    rounds: samples.length,
    deletions: latencies.length,
    throughput: spreadOf(samples.map(throughputOf)),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    cpuMs: orNull(sumOf((sample) => sample.cpuMs) / latencies.length),
    walBytes: sumOf((sample) => sample.walBytes) / patients,
    serverCpuMs: orNull(sumOf((sample) => sample.serverCpuMs) / patients),
  };
}

/** Of the rounds in which both took part. */
function ratiosOf(ours: readonly Sample[], theirs: readonly Sample[]) {
  const both = ours.filter(({ round }) => theirs.some((their) => their.round === round));
  const other = both.map(({ round }) => theirs.find((their) => their.round === round) as Sample);
  const ratio = (figure: (sample: Sample) => number) => ratioSpread(both.map(figure), other.map(figure));
  return {
    throughput: ratio(throughputOf),
    p50: ratio(({ latencies }) => quantile(latencies, 0.5)),
    p99: ratio(({ latencies }) => quantile(latencies, 0.99)),
    walBytes: ratio(({ walBytes, patients }) => walBytes / patients),
  };
}
