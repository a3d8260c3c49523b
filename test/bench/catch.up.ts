import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { readEnvironment } from '../../src/config/index.js';
import { openAuditLog } from '../../src/transparency-log/index.js';
import { sealEachEvent } from '../audit-log/checkpoint.for.each.js';
import { NEW_EVENTS } from '../audit-log/new.events.js';
import { BenchService, logVariables } from './bench.service.js';
import type { CatchUp } from './growth.figures.js';
import { Population } from './population.js';
import { runCommand } from './product.command.js';
import type { Bench } from './section.js';
import { SoakClient } from './soak.client.js';
import { beside, timed, watchingLiveness } from './watch.js';

/** Events of one transaction. */
const PIECE = 50_000;
const ASK_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 100;
const SETTINGS = { REQUEST_TIMEOUT_MS: '600000' };
const SIZE = 'SELECT coalesce(max(tree_size), 0)::int AS size FROM audit.audit_log_checkpoint';

export interface CatchUpOptions {
  /** That nobody has sealed when the service starts. */
  readonly events: number;
  /** Of a log that has one for each event. */
  readonly checkpoints: number;
}

/** Lets a service make up for what it has missed, and check a log with as many checkpoints as there can be. */
export async function measureCatchUp(
  bench: Bench,
  { events, checkpoints }: CatchUpOptions,
): Promise<CatchUp> {
  return {
    backlog: await sealBacklog(bench, events),
    checkpoints: await verifyCheckpoints(bench, checkpoints),
  };
}

function sealBacklog(bench: Bench, events: number): Promise<CatchUp['backlog']> {
  return withEvents(bench, 'bench_backlog', events, async ({ url, folder, population }) => {
    bench.say('a start finds them');
    const service = await BenchService.start(url, folder, bench.issuer, SETTINGS);
    try {
      const sealed = async () => (await population.query<{ size: number }>(SIZE))[0]?.size ?? 0;
      // What was sealed while it was not ready yet does not count.
      const before = await sealed();
      const watched = await watch(service, async () => {
        while ((await sealed()) < events) await pause(ASK_EVERY_MS);
      });
      return { ...watched, events: events - before };
    } finally {
      await service.stop();
    }
  });
}

function verifyCheckpoints(bench: Bench, count: number): Promise<CatchUp['checkpoints']> {
  return withEvents(bench, 'bench_checkpoints', count, async ({ url, folder }) => {
    bench.say('a checkpoint for each of them');
    const [made] = await timed(() => sealEach(url, folder));
    const service = await BenchService.start(url, folder, bench.issuer, SETTINGS);
    const client = new SoakClient(service);
    try {
      bench.say('verification over the API');
      const api = await watch(service, async () => {
        const { status, body } = await client.ask('/audit-log/verification');
        const { valid, checkpoints } = body as { valid?: boolean; checkpoints?: number };
        if (status !== 200 || valid !== true || checkpoints !== count)
          throw new Error(`The verification was answered ${status}: ${JSON.stringify(body)}`);
      });
      bench.say('verification by the command');
      const { seconds, peakMegabytes } = await runCommand(['verify-audit'], service.commandVariables);
      return { count, madeInSeconds: made / 1_000, api, command: { seconds, peakMegabytes } };
    } finally {
      client.close();
      await service.stop();
    }
  });
}

interface Waiting {
  readonly url: string;
  /** Of the service that is to be started. */
  readonly folder: string;
  readonly population: Population;
}

/** A database of its own with so many events that are not sealed; no service has seen it. */
async function withEvents<T>(
  { cluster, say }: Bench,
  name: string,
  events: number,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  const url = await cluster.createDatabase(name);
  const population = await Population.in(url);
  try {
    say(`${events} events`);
    const pieces = Array.from({ length: Math.ceil(events / PIECE) }, (_, at) =>
      Math.min(PIECE, events - at * PIECE),
    );
    await population.queryEach(
      pieces.map(
        (piece) => `WITH new AS (${NEW_EVENTS.replace('$1', String(piece))}) SELECT count(*) FROM new`,
      ),
    );
    await population.query('VACUUM (ANALYZE) audit.sharded_audit_event');
    await population.query('CHECKPOINT');
    return await work({ url, folder: cluster.path(name), population });
  } finally {
    await population.close();
    await cluster.dropDatabase(name);
  }
}

/** As a service would have done that was never behind. */
async function sealEach(url: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { AUDIT_LOG_ORIGIN, DATA_DIR } = logVariables(folder);
  const { key, checkpointsFile } = await openAuditLog(
    readEnvironment({ AUDIT_LOG_ORIGIN, DATA_DIR }).auditLog,
  );
  const client = new pg.Client({ connectionString: url, options: '-c synchronous_commit=off' });
  await client.connect();
  try {
    const query = async <Row extends object>(sql: string, params?: unknown[]) =>
      (await client.query(sql, params)).rows as Row[];
    await sealEachEvent(query, key, checkpointsFile);
  } finally {
    await client.end();
  }
}

/** How long the work takes, the longest answer that the service lives, and what the service holds before and at most. */
async function watch(service: BenchService, work: () => Promise<void>) {
  const rssBefore = await service.rss();
  let rssPeak = rssBefore;
  const sample = async () => {
    rssPeak = Math.max(rssPeak, await service.rss());
  };
  const [liveMs, [milliseconds]] = await watchingLiveness(service, () =>
    timed(() => beside(work, sample, SAMPLE_EVERY_MS)),
  );
  return { seconds: milliseconds / 1_000, liveMs, rssBefore, rssPeak };
}
