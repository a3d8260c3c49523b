import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import {
  deletedOnce,
  endOf,
  finishedOf,
  inShort,
  itemsOf,
  makeBatch,
  seedMany,
  SHORT_LEASE,
  showBatch,
  startWorker,
} from './batch.stage.js';

const PATIENTS = 200;
/** Lines that a service has at work at a time, by its default. */
const MOST_AT_WORK = 4;

let database: TestDatabase;
let ids: string[];
let open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  ids = await seedMany(database, PATIENTS);
});

afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
  await database.drop();
});

async function service(env: NodeJS.ProcessEnv = {}): Promise<Api> {
  const api = await openApi(database.url, { env: { ...SHORT_LEASE, ...env } });
  open.push(api);
  return api;
}

/** How many lines each worker has ended, by the metrics of its process. */
async function deletedBy(api: Api): Promise<number> {
  const { text } = await api.raw('get', '/metrics').expect(200);
  return Number(/^silgi_batch_items_total\{outcome="DELETED"\} (\d+)$/m.exec(text)?.[1]);
}

async function expectAllDeletedOnce(api: Api, batchId: string): Promise<void> {
  const { counts, finished, totalRows } = await endOf(api, batchId);
  expect(counts).toMatchObject({ DELETED: PATIENTS, PENDING: 0, RUNNING: 0 });
  expect(finished).toBe(PATIENTS);
  expect(totalRows).toBe(PATIENTS * 15);
  expect(new Set(inShort(await itemsOf(api, batchId)).map((line) => line.split(' ')[1]))).toEqual(
    new Set(['DELETED']),
  );
  expect(await deletedOnce(database, ids)).toBe(PATIENTS);
}

describe('a batch', () => {
  it('is shared by two services, and nobody is deleted twice', async () => {
    // A machine that stands still for the short lease would have one take over from the other.
    const unhurried = { BATCH_LEASE_MS: '30000' };
    const [one, two] = [await service(unhurried), await service(unhurried)];
    const batchId = await makeBatch(one, ids);
    await expectAllDeletedOnce(one, batchId);
    const [a, b] = [await deletedBy(one), await deletedBy(two)];
    expect(a + b).toBe(PATIENTS);
    expect(Math.min(a, b)).toBeGreaterThan(0);
    const replays = await database.query(
      `SELECT FROM patient.sharded_deletion_batch_item WHERE batch_id = $1 AND attempts > 1`,
      [batchId],
    );
    expect(replays).toEqual([]);
  });

  it('leaves a line that another has taken over to it, and does not count it', async () => {
    const api = await service();
    const lock = await database.connect();
    await lock.query('BEGIN; LOCK TABLE finance.sharded_fatura IN ACCESS EXCLUSIVE MODE');
    const batchId = await makeBatch(api, ids.slice(0, 1));
    const lost =
      'UPDATE patient.sharded_deletion_batch_item SET leased_by = gen_random_uuid(), leased_until = now()';
    await until(async () => {
      const [line] = await database.query(`${lost} WHERE state = 'RUNNING' RETURNING line`);
      return line !== undefined;
    });
    await lock.end();
    expect(await endOf(api, batchId)).toMatchObject({ counts: { DELETED: 1 }, finished: 1, totalRows: 15 });
    expect(await deletedOnce(database, ids)).toBe(1);
    // By whoever ended it; the deletion that had lost its line ended as well.
    expect(await deletedBy(api)).toBe(1);
  });

  it('outlives SIGKILL of the service that works at it', async () => {
    const watcher = await service({ BATCH_CONCURRENCY: '0' });
    const victim = await startWorker(database);
    await victim.url();
    const batchId = await makeBatch(watcher, ids);
    await until(async () => (await showBatch(watcher, batchId)).finished > 20);
    victim.kill('SIGKILL');
    await victim.ends();
    const { finished, counts } = await showBatch(watcher, batchId);
    expect(finished).toBeLessThan(PATIENTS);
    // It had patients in hand, which nobody but the lease knows of.
    expect(counts['RUNNING']).toBeGreaterThan(0);
    await service();
    await expectAllDeletedOnce(watcher, batchId);
  });

  it('begins no line that it lost while it stood still', async () => {
    const watcher = await service({ BATCH_CONCURRENCY: '0' });
    const victim = await startWorker(database);
    open.push({
      close: async () => {
        victim.kill('SIGKILL');
        await victim.ends();
      },
    });
    await victim.url();
    const batchId = await makeBatch(watcher, ids);
    // Of what it has in hand: whose deletion has not been committed, and whose line it is not writing down just now.
    const undone = async () =>
      database.query<{ patientId: string; isHeld: boolean }>(
        `SELECT patient_id AS "patientId", leased_until > now() AS "isHeld"
         FROM patient.sharded_deletion_batch_item i JOIN patient.sharded_patient_demographics d USING (patient_id)
         WHERE state = 'RUNNING' AND NOT d.is_deleted FOR UPDATE OF i SKIP LOCKED`,
      );
    await until(async () => {
      victim.kill('SIGSTOP');
      if ((await undone()).length > MOST_AT_WORK) return true;
      victim.kill('SIGCONT');
      return false;
    });
    await until(async () => (await undone()).every(({ isHeld }) => !isHeld));
    const lost = (await undone()).map(({ patientId }) => patientId);
    expect(lost.length).toBeGreaterThan(MOST_AT_WORK);
    await database.query(
      `UPDATE patient.sharded_deletion_batch_item
       SET leased_by = gen_random_uuid(), leased_until = now() + interval '1 h' WHERE patient_id = ANY ($1)`,
      [lost],
    );
    victim.kill('SIGCONT');
    const isElseDone = async () => (await showBatch(watcher, batchId)).finished === PATIENTS - lost.length;
    await until(isElseDone);
    expect(await deletedOnce(database, lost)).toBeLessThanOrEqual(MOST_AT_WORK);
  });

  it('outlives the loss of every session of the database, again and again', async () => {
    const api = await service();
    const batchId = await makeBatch(api, ids);
    let cuts = 0;
    await until(async () => {
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'silgi'`,
      );
      cuts += 1;
      return (await finishedOf(database, batchId)) > PATIENTS / 2 || cuts > 40;
    });
    expect(cuts).toBeGreaterThan(2);
    // The service may answer 503 to whoever asks at the moment of a cut.
    await until(async () => (await finishedOf(database, batchId)) === PATIENTS);
    await expectAllDeletedOnce(api, batchId);
  });

  it('is left in good order by a service that stops', async () => {
    const first = await service();
    const batchId = await makeBatch(first, ids);
    await until(async () => (await showBatch(first, batchId)).finished > 0);
    await first.close();
    open = [];
    const [row] = await database.query<{ running: string }>(
      `SELECT count(*) AS running FROM patient.sharded_deletion_batch_item WHERE state = 'RUNNING'`,
    );
    expect(row?.running).toBe('0');
    const second = await service();
    await expectAllDeletedOnce(second, batchId);
  });
});
