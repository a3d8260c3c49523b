import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { BatchProgress } from './batch.client.js';
import type { BenchService } from './bench.service.js';
import type { ListFigures, Lists } from './results.js';
import { type Bench, type ServedDatabase, withServedDatabase } from './section.js';
import { type Answer, SoakClient } from './soak.client.js';
import { timed, watchingLiveness } from './watch.js';

const CREATE = '/api/v1/deletion-batches?reason=RETENTION_EXPIRED&legalBasis=KVKK_ART_7&dryRun=true';
const BATCH_TABLES = ['patient.sharded_deletion_batch', 'patient.sharded_deletion_batch_item'];
const CHUNK = 65_536;
const PAGE = 1_000;
const ASK_EVERY_MS = 500;
/** One more than a list may have. */
const TOO_MANY = 1_000_001;

export interface ListsOptions {
  /** Lines of each list, ascending. */
  readonly sizes: readonly number[];
}

/**
 * Takes lists of ids that are nobody's, in a dry run, where they end the quickest and leave no audit events, and shows them page by page; and a list that is too long, of
 * lines without an id and blank ones. All the while the service is asked whether it lives. The planner knows the tables
 * of lists as they were before the first of them, and nothing is vacuumed.
 */
export function measureLists(bench: Bench, { sizes }: ListsOptions): Promise<Lists> {
  const work = async ({ service, population }: ServedDatabase): Promise<Lists> => {
    const client = new SoakClient(service);
    try {
      for (const table of BATCH_TABLES) {
        await population.query(`ANALYZE ${table}`);
        await population.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
      }
      const figures: ListFigures[] = [];
      for (const lines of sizes) {
        bench.say(`a list of ${lines} lines`);
        figures.push(await takeList(service, client, lines));
      }
      bench.say(`a list of ${TOO_MANY} lines, blank and malformed`);
      return { sizes: figures, tooLong: await refuseList(service) };
    } finally {
      client.close();
    }
  };
  return withServedDatabase(bench, 'bench_lists', work, { REQUEST_TIMEOUT_MS: '600000' });
}

async function takeList(service: BenchService, client: SoakClient, lines: number): Promise<ListFigures> {
  const csv = Buffer.from(`id\n${Array.from({ length: lines }, () => randomUUID()).join('\n')}`);
  const [liveMs, figures] = await watchingLiveness(service, async () => {
    const [uploadMs, taken] = await timed(() => upload(service, csv));
    if (taken.status !== 202)
      throw new Error(`The list was answered ${taken.status}: ${JSON.stringify(taken.body)}`);
    const began = Date.now();
    let batch = taken.body as BatchProgress;
    while (batch.endedAt === null) {
      await pause(ASK_EVERY_MS);
      batch = (await client.ask(`/deletion-batches/${batch.batchId}`)).body as BatchProgress;
    }
    if (batch.counts['NOT_FOUND'] !== lines)
      throw new Error(`Of ${lines} lines not all ended as NOT_FOUND: ${JSON.stringify(batch)}`);
    const workMs = Date.parse(batch.endedAt) - began;
    const [pagesMs, shown] = await timed(() => showAll(client, batch.batchId));
    if (shown !== lines) throw new Error(`Of ${lines} lines ${shown} were shown.`);
    return { uploadMs, workMs, pagesMs };
  });
  return { lines, ...figures, liveMs };
}

async function refuseList(service: BenchService): Promise<Lists['tooLong']> {
  const pair = '\n,no id\n';
  const csv = Buffer.from(`id,note${pair.repeat(Math.ceil(TOO_MANY / 2))}`);
  const [liveMs, [milliseconds, { status, body }]] = await watchingLiveness(service, () =>
    timed(() => upload(service, csv)),
  );
  const { code = '' } = body as { code?: string };
  return { lines: TOO_MANY, status, code, milliseconds, liveMs };
}

async function showAll(client: SoakClient, batchId: string): Promise<number> {
  let shown = 0;
  for (let cursor: number | null = 0; cursor !== null;) {
    const { body } = await client.ask(`/deletion-batches/${batchId}/items?limit=${PAGE}&cursor=${cursor}`);
    const page = body as { items: readonly unknown[]; nextCursor: number | null };
    shown += page.items.length;
    cursor = page.nextCursor;
  }
  return shown;
}

/** Sent as it is taken, so that this process has others' answers in between. */
async function upload({ url, token }: BenchService, csv: Buffer): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' };
  const sent = request(`${url}${CREATE}`, { method: 'POST', headers });
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      void response.toArray().then((chunks: Buffer[]) => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
      }, reject);
    });
  });
  const chunks = function* () {
    for (let at = 0; at < csv.length; at += CHUNK) yield csv.subarray(at, at + CHUNK);
  };
  // Whoever is refused half-way is answered all the same.
  await Promise.race([pipeline(Readable.from(chunks()), sent).catch(() => undefined), answered]);
  return answered;
}
