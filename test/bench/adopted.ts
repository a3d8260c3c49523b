import {
  type Adopted,
  type ApplyFigures,
  type Mover,
  type MoverFigures,
  MOVERS,
  type Waits,
} from './adopted.figures.js';
import { AdoptedHospital, TABLES } from './adopted.hospital.js';
import { HospitalWriters } from './adopted.writers.js';
import { BenchService } from './bench.service.js';
import { shuffled } from './draw.js';
import type { Bench } from './section.js';
import { quantile, ratioSpread, spreadOf } from './statistics.js';
import { WorkerProcess } from './worker.process.js';
import type { BlockTimes } from './workers/block.js';

/** Others in each table while patients are moved. */
const OTHERS = 500;
const ROWS = 50;
const WARM_UP_ROWS = 5;
const WARM_UPS = 200;
const WRITERS = 4;

export interface AdoptedOptions {
  readonly rounds: number;
  readonly clients: readonly number[];
  /** Patients of a block. */
  readonly patients: number;
  /** Of the table that `adopt apply` works on beneath the hospital's writers. */
  readonly events: number;
  readonly draw: () => number;
}

/** A hospital's own tables: deleting by moving beside bare SQL that moves the same rows, and `adopt apply` under load. */
export async function measureAdopted(bench: Bench, options: AdoptedOptions): Promise<Adopted> {
  const movers = await measureMovers(bench, options);
  return {
    rowsPerTable: ROWS,
    tables: TABLES.length,
    movers,
    apply: await measureApply(bench, options.events),
  };
}

interface Sample extends BlockTimes {
  readonly mover: Mover;
  readonly clients: number;
  readonly round: number;
}

async function measureMovers(
  { cluster, issuer, say }: Bench,
  { rounds, clients, patients, draw }: AdoptedOptions,
): Promise<MoverFigures[]> {
  const hospital = await AdoptedHospital.make(cluster, 'bench_moved');
  await hospital.add(OTHERS, 10);
  await hospital.adopt();
  const declared = { DECLARATION: hospital.declaration };
  const service = await BenchService.start(hospital.url, cluster.path('moved'), issuer, declared);
  const onDatabase = { BENCH_DATABASE_URL: hospital.url };
  const workers = {
    bare: await WorkerProcess.start('moving.floor', onDatabase),
    http: await WorkerProcess.start('http', service.variables),
    orchestrator: await WorkerProcess.start('orchestrator', {
      ...onDatabase,
      BENCH_DECLARATION: hospital.declaration,
    }),
  };
  const run = async (
    mover: Mover,
    count: number,
    rows: number,
    atATime: number,
  ): Promise<() => Promise<BlockTimes>> => {
    const keys = await hospital.add(count, rows);
    const ids = mover === 'bare' ? keys.map(String) : await hospital.pseudonymsOf(keys);
    return async () => {
      const times = await workers[mover].run({ ids, clients: atATime });
      const left = await hospital.left(keys);
      if (left !== 0) throw new Error(`${MOVERS[mover]} left ${left} rows.`);
      return times;
    };
  };
  const samples: Sample[] = [];
  try {
    for (const mover of Object.keys(MOVERS) as Mover[])
      await (
        await run(mover, WARM_UPS, WARM_UP_ROWS, Math.max(...clients))
      )();
    for (let round = 0; round < rounds; round++)
      for (const atATime of shuffled(clients, draw)) {
        say(`round ${round + 1} of ${rounds}: ${atATime} clients move patients of ${ROWS} rows per table`);
        const ready: [Mover, () => Promise<BlockTimes>][] = [];
        for (const mover of shuffled(Object.keys(MOVERS) as Mover[], draw))
          ready.push([mover, await run(mover, patients, ROWS, atATime)]);
        await hospital.vacuum();
        for (const [mover, measure] of ready)
          samples.push({ ...(await measure()), mover, clients: atATime, round });
      }
  } finally {
    for (const worker of Object.values(workers)) await worker.stop();
    await service.stop();
    await hospital.close();
  }
  await cluster.dropDatabase('bench_moved');
  return figuresOf(samples, clients);
}

function figuresOf(samples: readonly Sample[], clients: readonly number[]): MoverFigures[] {
  const throughput = ({ latencies, milliseconds }: Sample) => (latencies.length * 1000) / milliseconds;
  return clients.flatMap((atATime) => {
    const of = (mover: Mover) =>
      samples.filter((sample) => sample.mover === mover && sample.clients === atATime);
    return (Object.keys(MOVERS) as Mover[]).map((mover) => {
      const latencies = of(mover).flatMap((sample) => sample.latencies);
      return {
        mover,
        clients: atATime,
        deletions: latencies.length,
        throughput: spreadOf(of(mover).map(throughput)),
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        ratio: ratioSpread(of(mover).map(throughput), of('bare').map(throughput)),
      };
    });
  });
}

/** The plan is made beneath writers of the very tables that it alters. */
async function measureApply({ cluster, say }: Bench, rows: number): Promise<ApplyFigures> {
  const hospital = await AdoptedHospital.make(cluster, 'bench_applied');
  say(`filling ${rows} rows for adopt apply`);
  await hospital.add(Math.max(1, Math.round(rows / 50)), 1);
  await hospital.addEvents(rows);
  await hospital.vacuum();
  const writers = await HospitalWriters.start(hospital.url, WRITERS);
  try {
    say('adopt apply beneath writers');
    const started = performance.now();
    const during = await writers.during(() => hospital.adopt());
    const milliseconds = performance.now() - started;
    const before = await writers.during(() => writers.written(during.length));
    return {
      rows,
      writers: WRITERS,
      seconds: milliseconds / 1000,
      before: waitsOf(before),
      during: waitsOf(during),
    };
  } finally {
    await writers.stop();
    await hospital.close();
    await cluster.dropDatabase('bench_applied');
  }
}

function waitsOf(milliseconds: readonly number[]): Waits {
  return {
    statements: milliseconds.length,
    p99: quantile(milliseconds, 0.99),
    longest: Math.max(...milliseconds),
  };
}
