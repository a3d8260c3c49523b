import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchQueue } from '../../src/batch/batch.queue.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { explainAll, plansOf } from '../support/plans.js';
import { type Batch, csvOf, showBatch } from './batch.stage.js';

const ITEMS = 'patient.sharded_deletion_batch_item';
const LEASE_MS = 600_000;
const LINES = 30_000;
/** As many as a worker takes at a time. */
const CLAIM = 32;
const LEVEL = 1.5;

let database: TestDatabase;
let api: Api;
let queue: BatchQueue;
let old: Client;

/** Nothing vacuums, and a session that looks at an older state keeps every dead row and its entries in the indexes. */
beforeAll(async () => {
  database = await createTestDatabase();
  await explainAll(database);
  api = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
  queue = api.app.get(BatchQueue, { strict: false });
  await database.query(`ALTER TABLE ${ITEMS} SET (autovacuum_enabled = off)`);
  old = await database.connect();
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await old.query('SELECT 1');
});

afterAll(async () => {
  await old.end();
  await api.close();
  await database.drop();
});

async function longList(): Promise<string> {
  const ids = Array.from({ length: LINES }, () => randomUUID());
  const taken = await csvOf(api, `id\n${ids.join('\n')}`).expect(202);
  return (taken.body as Batch).batchId;
}

/** Pages that the one statement which looks for waiting lines has looked at. */
async function buffersOf(work: () => Promise<unknown>): Promise<number> {
  const plans = await plansOf(api.app, work);
  const searches = plans.filter((plan) => /AND \(due_at, line\) > /.test(plan['Query Text']));
  expect(searches).toHaveLength(1);
  const { 'Shared Hit Blocks': hit = NaN, 'Shared Read Blocks': read = NaN } = searches[0]?.Plan ?? {};
  return hit + read;
}

describe('a list from which nothing is vacuumed', () => {
  it('costs a claim as many pages at its end as at its beginning', async () => {
    const batchId = await longList();
    const [batch] = await queue.open(batchId);
    if (batch === undefined) throw new Error('The batch is not open.');
    const by = randomUUID();
    const claim = () => buffersOf(() => queue.claim(batch, by, LEASE_MS, CLAIM));
    // The first one of all has more to look up in the catalogue.
    await claim();
    const first = await claim();
    for (let taken = 0; taken < LINES - 2_000; taken += 1_000) await queue.claim(batch, by, LEASE_MS, 1_000);
    const last = await claim();
    expect(last).toBeLessThan(LEVEL * first);
    expect((await showBatch(api, batchId)).counts['PENDING']).toBeLessThan(2_000);
  });
});
