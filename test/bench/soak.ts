import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { BenchCluster } from './bench.cluster.js';
import { BenchIssuer, BenchService } from './bench.service.js';
import { drawFrom } from './draw.js';
import { describeMachine, loadAtThisMoment } from './machine.js';
import { Population } from './population.js';
import { PUBLISHED, readPage, writeJson } from './publish.js';
import { renewed } from './report.js';
import { SoakClient } from './soak.client.js';
import { SoakLoad } from './soak.load.js';
import { soakTables, type SoakResults, SOAK_BEGIN, SOAK_END } from './soak.report.js';
import { SoakRelay } from './soak.relay.js';
import { growthOf, Sampler, type SoakSample } from './soak.samples.js';

const HELP = `
The run starts a PostgreSQL server and one process of the service of its own, and asks it for previews, deletions,
lists, records, audit events, certificates and integrity scans at an even rate. Every few seconds the service
is made to collect its garbage, and its memory, its open files, its sessions on the server and what these have prepared
are looked at.

A run of ten minutes or more writes docs/benchmarks (soak.json, and its part of README.md); a shorter one writes only
where --out names a folder.

Exit code: 0, nothing grew beyond its bound and every answer was as it should be; 1, something did or was not; 2, wrong
usage.`;

/** As the server comes, but for the room that the tables need: what runs beside it in a hospital runs here too. */
const SERVER_SETTINGS = { shared_buffers: '1GB', max_wal_size: '4GB', max_connections: '100' };
const PUBLISHED_FROM_MINUTES = 10;

interface Options {
  readonly minutes: number;
  readonly rate: number;
  readonly clients: number;
  readonly every: number;
  readonly seed: number;
  readonly out?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function minutesOf(text: string): number {
  const value = positive(text);
  if (value < 1) throw new InvalidArgumentError('It must be 1 at least: in less, nothing can be judged.');
  return value;
}

async function soak(options: Options): Promise<void> {
  const { minutes, out } = options;
  const results = await runSoak(options);
  process.stdout.write(`\n${soakTables(results)}\n`);
  const folder = out ?? (minutes >= PUBLISHED_FROM_MINUTES ? PUBLISHED : undefined);
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true });
    await writeJson(join(folder, 'soak.json'), results);
    const marks = [SOAK_BEGIN, SOAK_END] as const;
    await writeFile(
      join(folder, 'README.md'),
      renewed(await readPage(folder, marks), soakTables(results), marks),
    );
  }
  if (results.wrong.length > 0 || results.growth.some(({ isWithin }) => !isWithin)) process.exitCode = 1;
}

async function runSoak({ minutes, rate, clients, every, seed }: Options): Promise<SoakResults> {
  const load = loadAtThisMoment();
  const cluster = await BenchCluster.start(SERVER_SETTINGS);
  try {
    const machine = await describeMachine(cluster.url, SERVER_SETTINGS, load);
    const url = await cluster.createDatabase('bench_soak');
    const population = await Population.in(url);
    await population.addBackground(5_000);
    const issuer = await BenchIssuer.in(cluster.path('issuer'));
    const relay = await SoakRelay.before(url);
    const service = await BenchService.start(relay.url, cluster.path('service'), issuer);
    const client = new SoakClient(service);
    const work = new SoakLoad(client, population, { clients, rate, draw: drawFrom(seed) });
    try {
      const sampler = new Sampler(service, population, relay);
      const samples = await watch(work, sampler, minutes * 60, every);
      const { done, wrong } = work;
      const takenOn = new Date().toISOString().slice(0, 10);
      return {
        takenOn,
        minutes,
        rate,
        clients,
        seed,
        machine,
        done,
        wrong,
        samples,
        growth: growthOf(samples),
      };
    } finally {
      client.close();
      await population.close();
      await service.stop();
      await relay.close();
    }
  } finally {
    await cluster.stop();
  }
}

/** Lets the load run for so many seconds and looks at it again and again. */
async function watch(
  load: SoakLoad,
  sampler: Sampler,
  seconds: number,
  every: number,
): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  await load.start();
  const started = performance.now();
  process.stdout.write('seconds requests  RSS MB heap MB sessions files session MB prepared\n');
  const look = async () => {
    const requests = Object.values(load.done).reduce((sum, count) => sum + count, 0);
    const sample = await sampler.take(requests);
    samples.push(sample);
    const widths = [7, 8, 7, 7, 8, 5, 10, 8];
    process.stdout.write(
      `${Object.values(sample as unknown as Record<string, number | null>)
        .map((value, index) => String(value ?? '').padStart(widths[index] ?? 0))
        .join(' ')}\n`,
    );
  };
  for (let next = 0; next < seconds; next += every) {
    await pause(Math.max(0, started + next * 1000 - performance.now()));
    await look();
  }
  await pause(Math.max(0, started + seconds * 1000 - performance.now()));
  await look();
  await load.stop();
  return samples;
}

const program = new Command('bench:soak')
  .description('Asks the service for everything for a long time, and sees whether anything grows.')
  .option('--minutes <number>', 'how long: one at least, two for resident memory to be judged', minutesOf, 10)
  .option('--rate <number>', 'requests per second, of all clients together', positive, 120)
  .option('--clients <number>', 'clients at work at once', positive, 8)
  .option('--every <seconds>', 'how often to look', positive, 5)
  .option('--seed <number>', 'what the requests are drawn from', positive, 1)
  .option('--out <folder>', 'write soak.json and its part of README.md there')
  .addHelpText('after', HELP)
  .showHelpAfterError('(add --help for what it takes)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(soak);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write('The run could not be brought to its end.\n');
  console.error(error);
  // A process that was started may still keep this one.
  process.exit(1);
}
