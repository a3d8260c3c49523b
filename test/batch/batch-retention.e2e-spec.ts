import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { BatchMetrics } from '../../src/batch/batch.metrics.js';
import { BatchRetention } from '../../src/batch/batch.retention.js';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { deletedOnce, endOf, makeBatch, seedMany, turn } from './batch.stage.js';

const BATCHES = 'patient.sharded_deletion_batch';
const ITEMS = 'patient.sharded_deletion_batch_item';
const DAYS = 90;
/** More than two pieces. */
const LONG = 12_000;

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
});

beforeEach(() => database.query(`TRUNCATE ${BATCHES}, ${ITEMS}`));

afterEach(async () => {
  jest.restoreAllMocks();
  for (const other of others.splice(0)) await other.close();
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const others: Api[] = [];

/** One more service on the same database. */
async function another(env: NodeJS.ProcessEnv = { BATCH_CONCURRENCY: '0' }): Promise<Api> {
  const other = await openApi(database.url, { env });
  others.push(other);
  return other;
}

const never = new AbortController().signal;
const retentionOf = ({ app }: Api) => app.get(BatchRetention, { strict: false });
const sweep = (by = api, signal = never) => retentionOf(by).sweep(DAYS, signal);
const show = (batchId: string) => api.call('get', `/deletion-batches/${batchId}`, 'auditor');

interface Stored {
  readonly state?: string;
  /** How long ago it ended; undefined where it has not. */
  readonly endedDaysAgo?: number;
  readonly lines?: number;
  readonly dryRunId?: string;
}

/** Stores a batch of which nobody is a patient. @returns its id */
async function store({ state, endedDaysAgo, lines = 1, dryRunId }: Stored): Promise<string> {
  const batchId = uuidv7();
  const hasEnded = endedDaysAgo !== undefined;
  await database.query(
    `INSERT INTO ${BATCHES} (batch_id, state, dry_run, dry_run_id, reason, legal_basis, requested_by, requested_role,
       requested_at, request_id, lines, finished, counts, total_rows, last_seq, ended_at)
     VALUES ($1, $2, false, $3, 'RETENTION_EXPIRED', 'KVKK_ART_7', 'a', 'system-admin',
       now() - interval '1000 days', 'r', $4, $5, '{}', 0, 0, now() - $6::float8 * interval '1 day')`,
    [batchId, state ?? 'COMPLETED', dryRunId ?? null, lines, hasEnded ? lines : 0, endedDaysAgo ?? null],
  );
  await database.query(
    `INSERT INTO ${ITEMS} (batch_id, line, patient_id, state, attempts, due_at, seq)
     SELECT $1, n, gen_random_uuid(), $3, 1, now(), CASE WHEN $4 THEN n END FROM generate_series(1, $2) AS n`,
    [batchId, lines, hasEnded ? 'NOT_FOUND' : 'PENDING', hasEnded],
  );
  return batchId;
}

/** What is left of batches: lines by their id; undefined of a batch that is not there. */
async function left(...ids: string[]): Promise<(number | undefined)[]> {
  const found = await database.query<{ id: string; lines: number }>(
    `SELECT b.batch_id AS id, count(i.line)::int AS lines FROM ${BATCHES} b LEFT JOIN ${ITEMS} i USING (batch_id) GROUP BY 1`,
  );
  return ids.map((batchId) => found.find(({ id }) => id === batchId)?.lines);
}

async function linesWithoutBatch(): Promise<number> {
  const [row] = await database.query<{ lines: number }>(
    `SELECT count(*)::int AS lines FROM ${ITEMS} WHERE batch_id NOT IN (SELECT batch_id FROM ${BATCHES})`,
  );
  return row?.lines ?? NaN;
}

async function removedBy(service: Api): Promise<{ batches: number; lines: number }> {
  const { text } = await service.raw('get', '/metrics').expect(200);
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { batches: value('silgi_batches_removed_total'), lines: value('silgi_batch_items_removed_total') };
}

describe('the retention of batches', () => {
  it('removes ended batches whose days are over with their lines, and no other, and counts and logs them', async () => {
    const before = await removedBy(api);
    const due = [
      await store({ endedDaysAgo: 90.01, lines: 3 }),
      await store({ endedDaysAgo: 4_000, state: 'CANCELLED', lines: 2 }),
    ];
    const kept = [
      await store({ endedDaysAgo: 89.99 }),
      await store({ state: 'RUNNING' }),
      await store({ state: 'PAUSED' }),
      await store({ state: 'CANCELLED' }),
    ];
    await sweep();
    expect(await left(...due, ...kept)).toEqual([undefined, undefined, 1, 1, 1, 1]);
    expect(await linesWithoutBatch()).toBe(0);
    const after = await removedBy(api);
    expect([after.batches - before.batches, after.lines - before.lines]).toEqual([2, 5]);
    const { text } = await api.raw('get', '/metrics');
    expect(text).toMatch(/^silgi_batch_retention_timestamp_seconds 1\.\d+e\+9|^silgi_batch_ret.* \d{10}/m);
    for (const batchId of due)
      expect(api.log).toContainEqual(
        expect.objectContaining({ msg: 'batch removed: its retention is over', batchId }),
      );
  });

  it('leaves the records and audit events of its deletions, and says of the batch that it may have been removed', async () => {
    const worker = await another({});
    const [one = '', two = ''] = await seedMany(database, 2);
    const batchId = await makeBatch(worker, [one, two]);
    await endOf(worker, batchId);
    await database.query(`UPDATE ${BATCHES} SET ended_at = now() - interval '91 days'`);
    await sweep();
    expect(await deletedOnce(database, [one, two])).toBe(2);
    for (const path of ['', '/items', '/events']) {
      const answer = await api.call('get', `/deletion-batches/${batchId}${path}`, 'auditor');
      expectProblem(answer, 404, 'BATCH_NOT_FOUND');
      expect(answer.body).toHaveProperty('detail', expect.stringContaining('removed with its list'));
    }
    for (const how of ['resume', 'retry', 'cancel', 'execution'])
      expectProblem(await turn(api, batchId, how), 404, 'BATCH_NOT_FOUND');
  });

  it('is said to whoever resumes a batch that was removed in the terminal', async () => {
    const kept = { ...process.env };
    Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: await temporaryFolder() });
    const ended = await runInProcess(deleteBatchCommand(), '--resume', randomUUID(), '--yes');
    process.env = kept;
    expect(ended).toEqual({ code: 1, said: expect.stringContaining('removed with its list') });
  });

  it('keeps a dry run as long as the batch that carries it out, and removes the two together', async () => {
    const dryRunId = await store({ endedDaysAgo: 200 });
    const executionId = await store({ dryRunId });
    const ended = (days: number) =>
      database.query(
        `UPDATE ${BATCHES} SET ended_at = now() - $2 * interval '1 day', finished = lines WHERE batch_id = $1`,
        [executionId, days],
      );
    await sweep();
    await ended(10);
    await sweep();
    expect(await left(dryRunId, executionId)).toEqual([1, 1]);
    // Failed lines of a dry run may be tried again when it has been carried out.
    await ended(91);
    await database.query(`UPDATE ${BATCHES} SET ended_at = NULL WHERE batch_id = $1`, [dryRunId]);
    await sweep();
    expect(await left(dryRunId, executionId)).toEqual([1, 1]);
    await database.query(`UPDATE ${BATCHES} SET ended_at = now() - interval '91 days' WHERE batch_id = $1`, [
      dryRunId,
    ]);
    await sweep();
    expect(await left(dryRunId, executionId)).toEqual([undefined, undefined]);
  });

  it('passes over a batch that somebody is about to try again, and does not wait', async () => {
    const [held, free] = [await store({ endedDaysAgo: 91 }), await store({ endedDaysAgo: 91 })];
    const session = await database.connect();
    await session.query('BEGIN');
    await session.query(`UPDATE ${BATCHES} SET ended_at = NULL, state = 'RUNNING' WHERE batch_id = $1`, [
      held,
    ]);
    await sweep();
    await session.query('COMMIT');
    await session.end();
    await sweep();
    expect(await left(held, free)).toEqual([1, undefined]);
  });

  it('is kept by two services at once, each batch and line removed and counted by one of them', async () => {
    const other = await another();
    const before = await removedBy(api);
    for (let batch = 0; batch < 8; batch++) await store({ endedDaysAgo: 91, lines: LONG });
    await Promise.all([sweep(api), sweep(other)]);
    // A service sweeps when it starts, too: what that sweep has taken may be under way yet.
    const lines = async () => (await removedBy(api)).lines - before.lines + (await removedBy(other)).lines;
    await until(async () => (await linesWithoutBatch()) === 0 && (await lines()) >= 8 * LONG);
    expect(await lines()).toBe(8 * LONG);
    const batches = (await removedBy(api)).batches - before.batches + (await removedBy(other)).batches;
    expect(batches).toBe(8);
  });

  it.each(['a stop of the service', 'a failure of the database'])(
    'cut off by %s, shows nothing of a list that is half there, and is brought to its end by another service',
    async (by) => {
      const stop = new AbortController();
      const batchId = await store({ endedDaysAgo: 91, lines: LONG });
      if (by === 'a stop of the service')
        jest.spyOn(api.app.get(BatchMetrics, { strict: false }), 'linesRemoved').mockImplementation(() => {
          stop.abort();
        });
      else
        await database.query(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN RAISE 'no more'; END $$;
          CREATE TRIGGER refuse BEFORE DELETE ON ${ITEMS} FOR EACH ROW WHEN (old.line > 5000)
          EXECUTE FUNCTION public.refuse()`);
      const swept = sweep(api, stop.signal);
      if (by === 'a stop of the service') await swept;
      else await expect(swept).rejects.toThrow('no more');
      await database.query('DROP FUNCTION IF EXISTS public.refuse CASCADE');
      expect(await linesWithoutBatch()).toBe(LONG - 5_000);
      expectProblem(await show(batchId), 404, 'BATCH_NOT_FOUND');
      const other = await another();
      await until(async () => (await linesWithoutBatch()) === 0);
      expect(await removedBy(other)).toEqual({ batches: 0, lines: LONG - 5_000 });
    },
  );

  it('is swept by itself at the start of a service, after the days that it was told', async () => {
    const [old, young] = [await store({ endedDaysAgo: 1.01 }), await store({ endedDaysAgo: 0.99 })];
    await another({ BATCH_CONCURRENCY: '0', BATCH_RETENTION_DAYS: '1' });
    await until(async () => (await left(old))[0] === undefined);
    expect(await left(old, young)).toEqual([undefined, 1]);
  });
});
