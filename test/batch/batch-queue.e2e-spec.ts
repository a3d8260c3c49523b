import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchQueue, type Claimed } from '../../src/batch/batch.queue.js';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { deletionOf } from '../support/silgi.js';
import { inShort, itemsOf, makeBatch, seedMany, showBatch, turn } from './batch.stage.js';

const ITEMS = 'patient.sharded_deletion_batch_item';
const LEASE_MS = 30_000;

let database: TestDatabase;
let api: Api;
let queue: BatchQueue;

/** A service that works at no batch: its queue is the test's own. */
beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
  queue = api.app.get(BatchQueue, { strict: false });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const uuids = (count: number) => Array.from({ length: count }, (): string => randomUUID());

describe('the queue of lines', () => {
  const [one, two] = [randomUUID(), randomUUID()];
  const DELETED = { kind: 'over', state: 'DELETED', totalRows: 15 } as const;
  let batchId: string;

  async function batchOfLines(lines: number): Promise<(by: string, limit: number) => Promise<Claimed[]>> {
    batchId = await makeBatch(api, uuids(lines));
    const [batch] = await queue.open(batchId);
    if (batch === undefined) throw new Error('The batch is not open.');
    return (by, limit) => queue.claim(batch, by, LEASE_MS, limit);
  }

  const linesOf = (items: readonly Claimed[]) => items.map(({ line }) => line).sort((a, b) => a - b);

  it('gives a line to one worker, and to another only once the lease has run out', async () => {
    const claim = await batchOfLines(3);
    expect(linesOf(await claim(one, 2))).toEqual([1, 2]);
    expect(await queue.takeBack(batchId)).toBe(0);
    expect(linesOf(await claim(two, 3))).toEqual([3]);
    await database.query(
      `UPDATE ${ITEMS} SET leased_until = now() - interval '1 ms' WHERE batch_id = $1 AND line = 2`,
      [batchId],
    );
    expect(await queue.takeBack(batchId)).toBe(1);
    expect(await claim(two, 3)).toMatchObject([{ line: 2, attempts: 2 }]);
  });

  it('gives out a line that was locked as it was passed over, once the search is at the end of the queue', async () => {
    const claim = await batchOfLines(5);
    const other = await database.connect();
    await other.query('BEGIN');
    await other.query(`SELECT FROM ${ITEMS} WHERE batch_id = $1 AND line <= 2 FOR UPDATE`, [batchId]);
    expect(linesOf(await claim(one, 2))).toEqual([3, 4]);
    await other.query('ROLLBACK');
    await other.end();
    expect(linesOf(await claim(one, 2))).toEqual([5]);
    expect(linesOf(await claim(one, 2))).toEqual([1, 2]);
  });

  it('gives no line before it is due', async () => {
    const claim = await batchOfLines(2);
    await database.query(
      `UPDATE ${ITEMS} SET due_at = now() + interval '1 h' WHERE batch_id = $1 AND line = 1`,
      [batchId],
    );
    expect(linesOf(await claim(one, 2))).toEqual([2]);
  });

  it('counts a line once, however often its end is written down', async () => {
    const claim = await batchOfLines(2);
    const [item] = await claim(one, 1);
    const settled = [{ item: item as Claimed, end: DELETED }];
    expect((await queue.settle(batchId, settled, one)).own).toEqual(new Set([1]));
    expect((await queue.settle(batchId, settled, one)).own).toEqual(new Set());
    expect(await showBatch(api, batchId)).toMatchObject({
      finished: 1,
      totalRows: 15,
      counts: { DELETED: 1, PENDING: 1 },
    });
  });

  it('heeds no worker that has lost its line: it neither ends it, nor puts it back, nor holds on to it', async () => {
    const claim = await batchOfLines(1);
    const items = await claim(one, 1);
    const [item] = items as [Claimed];
    await database.query(`UPDATE ${ITEMS} SET leased_by = $2 WHERE batch_id = $1`, [batchId, two]);
    const later = { kind: 'later', waitMs: 0, isAttempt: true } as const;
    expect((await queue.settle(batchId, [{ item, end: DELETED }], one)).own).toEqual(new Set());
    expect((await queue.settle(batchId, [{ item, end: later }], one)).own).toEqual(new Set());
    expect(await queue.renew(items, one, LEASE_MS)).toEqual([]);
    expect(await showBatch(api, batchId)).toMatchObject({ finished: 0, counts: { RUNNING: 1, DELETED: 0 } });
    expect(await queue.renew(items, two, LEASE_MS)).toEqual(items);
    expect((await queue.settle(batchId, [{ item, end: DELETED }], two)).own).toEqual(new Set([1]));
    expect(await showBatch(api, batchId)).toMatchObject({ state: 'COMPLETED', finished: 1 });
  });

  it('ends lines of a cancelled batch whose worker has died by what is on record, once that is certain', async () => {
    const [alive = '', deleted = '', other = '', untouched = ''] = await seedMany(database, 4);
    const batchId = await makeBatch(api, [alive, deleted, other, untouched]);
    const remove = (patientId: string, idempotencyKey: string) =>
      api.app.get(PatientOrchestrator).deletePatient(deletionOf(patientId, { idempotencyKey }));
    const { answer } = await remove(deleted, `batch:${batchId}`);
    await remove(other, 'not of this batch');
    // Forty seconds after the lease of the first has run out its deletion may still be under way; after fifty it is not.
    for (const [patientId, seconds] of [
      [alive, 40],
      [deleted, 50],
      [other, 50],
      [untouched, 50],
    ] as const)
      await database.query(
        `UPDATE ${ITEMS} SET state = 'RUNNING', leased_by = gen_random_uuid(), leased_until = now() - $2 * interval '1 s'
         WHERE patient_id = $1`,
        [patientId, seconds],
      );
    await turn(api, batchId, 'cancel').expect(200);
    await queue.sweep(batchId);
    const swept = await itemsOf(api, batchId);
    expect(inShort(swept)).toEqual(['1 RUNNING', '2 DELETED', '3 CANCELLED', '4 CANCELLED']);
    expect(swept[1]).toMatchObject({ deletionId: answer.deletionId });
    expect(await showBatch(api, batchId)).toMatchObject({
      endedAt: null,
      finished: 3,
      totalRows: answer.totalRows,
      counts: { DELETED: 1, CANCELLED: 2, RUNNING: 1 },
    });
  });
});
