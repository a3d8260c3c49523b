import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchQueue, type Claimed } from '../../src/batch/batch.queue.js';
import { DeletionBatches, NOT_DELETED } from '../../src/batch/index.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type ExecutedPlan, explainAll, nodesOf, plansOf } from '../support/plans.js';
import { type Batch, csvOf, makeBatch, showBatch, turn } from './batch.stage.js';

const ITEMS = 'patient.sharded_deletion_batch_item';
const BATCHES = 'patient.sharded_deletion_batch';
const LEASE_MS = 30_000;
/** Of a list: usable lines, then as many without an id, then as many that repeat the first ones. */
const [USABLE, NO_ID, REPEATED] = [12_000, 4_000, 4_000];
const LINES = USABLE + NO_ID + REPEATED;
/** More than a piece, of which lines are put back at a time. */
const FAILED = 6_000;

type Node = ReturnType<typeof nodesOf>[number] & Readonly<Record<string, number | undefined>>;

/** Rows that the nodes of a plan have handed on and thrown away. */
function rowsRead({ Plan }: ExecutedPlan): number {
  return (nodesOf(Plan) as Node[]).reduce((sum, node) => {
    const removed = ['Filter', 'Join Filter', 'Index Recheck'].map(
      (by) => node[`Rows Removed by ${by}`] ?? 0,
    );
    const each = (node['Actual Rows'] ?? 0) + removed.reduce((one, other) => one + other);
    return sum + each * (node['Actual Loops'] ?? 0);
  }, 0);
}

describe('work on a long list, behind statistics of a short one before it,', () => {
  let database: TestDatabase;
  let api: Api;
  let queue: BatchQueue;
  let batches: DeletionBatches;
  let batchId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await explainAll(database);
    api = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
    queue = api.app.get(BatchQueue, { strict: false });
    batches = api.app.get(DeletionBatches, { strict: false });
    await makeBatch(api, [randomUUID(), 'no id']);
    // As autovacuum does it.
    await database.query(`ANALYZE ${ITEMS}`);
    await database.query(`ALTER TABLE ${ITEMS} SET (autovacuum_enabled = off)`);
  });

  afterAll(async () => {
    await api.close();
    await database.drop();
  });

  /** Rows that all statements of some work have read. */
  async function readBy(work: () => Promise<unknown>): Promise<number> {
    const plans = await plansOf(api.app, work);
    const about = plans.filter((plan) => plan['Query Text'].includes('sharded_deletion_batch_item'));
    expect(about.length).toBeGreaterThan(0);
    return about.reduce((sum, plan) => sum + rowsRead(plan), 0);
  }

  async function take(query: string): Promise<string> {
    const ids = Array.from({ length: USABLE }, () => randomUUID());
    const lines = [...ids, ...Array<string>(NO_ID).fill('no id'), ...ids.slice(0, REPEATED)];
    const taken = await csvOf(api, `id\n${lines.join('\n')}`, query).expect(202);
    return (taken.body as Batch).batchId;
  }

  it('takes it in with some reads for each line', async () => {
    const read = await readBy(async () => {
      batchId = await take('dryRun=false');
    });
    expect(read).toBeLessThan(8 * LINES);
    expect(await showBatch(api, batchId)).toMatchObject({
      lines: LINES,
      counts: { PENDING: USABLE, INVALID: NO_ID, DUPLICATE: REPEATED },
    });
  });

  it('rests on no statistics of its own: none are kept of any column', async () => {
    const known = `SELECT FROM pg_stats WHERE schemaname || '.' || tablename = '${ITEMS}'`;
    await database.query(`ANALYZE ${ITEMS}`);
    expect(await database.query(known)).toEqual([]);
    await database.query(`ALTER TABLE ${ITEMS} ALTER line SET STATISTICS 100`);
    await database.query(`ANALYZE ${ITEMS} (line)`);
    expect(await database.query(known)).toHaveLength(1);
    await database.query(`ALTER TABLE ${ITEMS} ALTER line SET STATISTICS 0, ALTER line TYPE integer`);
    expect(await database.query(known)).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['all lines', 'cursor=5000', 100],
    ['lines that repeat one', 'cursor=17000&state=DUPLICATE', 100],
    ['lines that wait', 'cursor=9000&state=PENDING', 100],
    ['lines without an id', 'cursor=0&state=INVALID', 100],
    ['failed lines, of which there are none', 'cursor=0&state=FAILED', 0],
  ])('shows a page of %s with some reads for each line shown', async (_title, query, shown) => {
    const path = `/deletion-batches/${batchId}/items?limit=100&${query}`;
    let found: unknown[] = [];
    const read = await readBy(async () => {
      found = ((await api.call('get', path, 'auditor').expect(200)).body as { items: unknown[] }).items;
    });
    expect(found).toHaveLength(shown);
    expect(read).toBeLessThan(10 * 101 + 10);
  });

  it('reports a page of what is not deleted with some reads for each line and state', async () => {
    const states = [...NOT_DELETED, 'DUPLICATE'] as const;
    const read = await readBy(() => batches.items(batchId, { states, limit: 1_000 }));
    expect(read).toBeLessThan(10 * states.length * 1_000);
  });

  it('tells a page of outcomes, and how the batch goes, with some reads for each outcome', async () => {
    const path = `/deletion-batches/${batchId}/events`;
    const told = () => api.call('get', path, 'auditor').set('Last-Event-ID', '6000').expect(200);
    expect(await readBy(told)).toBeLessThan(10 * 500 + 4 * 1_000);
  });

  it('gives out lines, holds on to them and writes their ends with some reads for each', async () => {
    const [batch] = await queue.open(batchId);
    if (batch === undefined) throw new Error('The batch is not open.');
    const by = randomUUID();
    let items: Claimed[] = [];
    const claimed = await readBy(async () => {
      items = await queue.claim(batch, by, LEASE_MS, 1_000);
    });
    expect(items).toHaveLength(1_000);
    expect(claimed).toBeLessThan(25 * 1_000);
    expect(await readBy(() => queue.renew(items, by, LEASE_MS))).toBeLessThan(25 * 1_000);
    const over = items
      .slice(0, 500)
      .map((item) => ({ item, end: { kind: 'over', state: 'NOT_FOUND' } as const }));
    const later = items
      .slice(500)
      .map((item) => ({ item, end: { kind: 'later', waitMs: 0, isAttempt: false } as const }));
    expect(await readBy(() => queue.settle(batchId, [...over, ...later], by))).toBeLessThan(30 * 1_000);
    await queue.claim(batch, by, LEASE_MS, 100);
    await database.query(`UPDATE ${ITEMS} SET leased_until = now() - interval '1 h' WHERE leased_by = $1`, [
      by,
    ]);
    expect(await readBy(() => queue.takeBack(batchId))).toBeLessThan(25 * 100);
  });

  it('puts failed lines back with some reads for each', async () => {
    await database.query(
      `UPDATE ${ITEMS} SET state = 'FAILED', seq = 20000 + line, finished_at = now()
       WHERE batch_id = $1 AND state = 'PENDING' AND line <= ${FAILED} + 1000`,
      [batchId],
    );
    const [failed] = await database.query<{ count: number }>(
      `SELECT count(*)::int FROM ${ITEMS} WHERE batch_id = $1 AND state = 'FAILED'`,
      [batchId],
    );
    const count = failed?.count ?? 0;
    expect(count).toBeGreaterThan(5_000);
    await database.query(
      `UPDATE ${BATCHES} SET finished = finished + $2, counts = counts || jsonb_build_object('FAILED', $2::int)
       WHERE batch_id = $1`,
      [batchId, count],
    );
    expect(await readBy(() => turn(api, batchId, 'retry').expect(200))).toBeLessThan(20 * count + 4 * 1_000);
    expect(await showBatch(api, batchId)).toMatchObject({ counts: { FAILED: 0 } });
  });

  it('ends the lines of a cancelled batch with some reads for each', async () => {
    await turn(api, batchId, 'cancel').expect(200);
    const { counts } = await showBatch(api, batchId);
    const waiting = counts['PENDING'] ?? 0;
    expect(waiting).toBeGreaterThan(10_000);
    const read = await readBy(async () => {
      for (let more = true; more;) ({ more } = await queue.sweep(batchId));
    });
    expect(read).toBeLessThan(25 * waiting);
    expect(await showBatch(api, batchId)).toMatchObject({ state: 'CANCELLED', finished: LINES });
  });

  it('carries a dry run out with some reads for each line', async () => {
    const dry = await take('dryRun=true');
    await database.query(
      `UPDATE ${ITEMS} SET state = 'WOULD_DELETE', seq = 20000 + line, finished_at = now()
       WHERE batch_id = $1 AND state = 'PENDING'`,
      [dry],
    );
    await database.query(
      `UPDATE ${BATCHES} SET state = 'COMPLETED', ended_at = now(), finished = lines WHERE batch_id = $1`,
      [dry],
    );
    const read = await readBy(() => turn(api, dry, 'execution').expect(202));
    expect(read).toBeLessThan(10 * LINES);
  });
});
