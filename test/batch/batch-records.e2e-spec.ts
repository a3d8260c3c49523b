import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeletionBatches, PatientList } from '../../src/batch/index.js';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { deletionOf } from '../support/silgi.js';
import { type Batch, batchOf, type Item, itemsOf, makeBatch, showBatch, turn } from './batch.stage.js';

const BATCHES = 'patient.sharded_deletion_batch';
const ITEMS = 'patient.sharded_deletion_batch_item';

let database: TestDatabase;
let api: Api;

/** A service that works at no batch: each stays as the test has put it. */
beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const uuids = (count: number) => Array.from({ length: count }, (): string => randomUUID());

describe('the Idempotency-Key of a batch', () => {
  const ids = uuids(3);

  it.each([
    ['another reason', ids, { reason: 'COURT_ORDER' }],
    ['another legal basis', ids, { legalBasis: 'OTHER_LAW' }],
    ['a dry run', ids, { dryRun: true }],
    ['a patient less', ids.slice(0, 2), {}],
    ['a patient more', [...ids, randomUUID()], {}],
    ['other patients', uuids(3), {}],
    ['the patients in another order', [...ids].reverse(), {}],
  ])('is refused with %s', async (what, others, more) => {
    await batchOf(api, ids).set('Idempotency-Key', what.replaceAll(' ', '-')).expect(202);
    const other = await batchOf(api, others, more).set('Idempotency-Key', what.replaceAll(' ', '-'));
    expectProblem(other, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('is another one where a letter is a capital', async () => {
    const small = await batchOf(api, ids).set('Idempotency-Key', 'evening-1').expect(202);
    const capital = await batchOf(api, ids).set('Idempotency-Key', 'Evening-1').expect(202);
    expect(capital.headers['idempotency-replayed']).toBeUndefined();
    expect(capital.headers['location']).not.toBe(small.headers['location']);
  });

  it('belongs to who has sent it: of two requesters, each has a batch', async () => {
    const list = new PatientList();
    list.add(1, ids[0] ?? '');
    const order = { ...deletionOf(''), dryRun: false, idempotencyKey: 'shared' } as const;
    const create = (requestedBy: string) =>
      api.app.get(DeletionBatches).create({ ...order, requestedBy }, list);
    const [one, two, again] = [await create('one'), await create('two'), await create('one')];
    expect([one.replayed, two.replayed, again.replayed]).toEqual([false, false, true]);
    expect(two.batchId).not.toBe(one.batchId);
    expect(again.batchId).toBe(one.batchId);
  });
});

describe('carrying out a dry run', () => {
  it.each(['RUNNING', 'PAUSED', 'CANCELLED'])('is refused while the dry run is %s', async (state) => {
    const dry = await makeBatch(api, uuids(1), { dryRun: true });
    await database.query(`UPDATE ${BATCHES} SET state = $2 WHERE batch_id = $1`, [dry, state]);
    expectProblem(await turn(api, dry, 'execution'), 409, 'BATCH_STATE_CONFLICT');
    expect(await database.query(`SELECT FROM ${BATCHES} WHERE dry_run_id = $1`, [dry])).toEqual([]);
  });

  it('takes every line over, of ten thousand, with its number and patient', async () => {
    const ids = uuids(10_000);
    // On both sides of a multiple of five thousand, of which lines are stored at a time.
    ids[4_998] = 'no id';
    ids[5_000] = ids[4_999] ?? '';
    ids[9_999] = ids[0] ?? '';
    const dry = await makeBatch(api, ids, { dryRun: true });
    await database.query(
      `UPDATE ${ITEMS} SET state = 'WOULD_DELETE', seq = line, finished_at = now() WHERE batch_id = $1 AND state = 'PENDING'`,
      [dry],
    );
    await database.query(`UPDATE ${BATCHES} SET state = 'COMPLETED', finished = lines WHERE batch_id = $1`, [
      dry,
    ]);
    const executed = await turn(api, dry, 'execution').expect(202);
    const { batchId, lines, counts } = executed.body as Batch;
    expect({ lines, counts }).toMatchObject({
      lines: 10_000,
      counts: { PENDING: 9_997, INVALID: 1, DUPLICATE: 2 },
    });
    const given = await database.query<{
      line: number;
      patient: string;
      first: number | null;
      state: string;
    }>(
      `SELECT line, patient_id AS patient, first_line AS first, state FROM ${ITEMS} WHERE batch_id = $1 ORDER BY line`,
      [batchId],
    );
    expect(given.map(({ line }) => line)).toEqual(ids.map((_, index) => index + 1));
    const usable = ({ state }: { state: string }) => state === 'PENDING';
    const unusable = [4_998, 5_000, 9_999];
    expect(given.filter(usable).map(({ patient }) => patient)).toEqual(
      ids.filter((_, at) => !unusable.includes(at)),
    );
    expect(given.filter((line) => !usable(line))).toEqual([
      { line: 4_999, patient: null, first: null, state: 'INVALID' },
      { line: 5_001, patient: null, first: 5_000, state: 'DUPLICATE' },
      { line: 10_000, patient: null, first: 1, state: 'DUPLICATE' },
    ]);
  });
});

describe('a batch', () => {
  const turns: [state: string, how: string, becomes: string | number][] = [
    ['RUNNING', 'pause', 'PAUSED'],
    ['RUNNING', 'resume', 'RUNNING'],
    ['RUNNING', 'cancel', 'CANCELLED'],
    ['RUNNING', 'retry', 'RUNNING'],
    ['PAUSED', 'pause', 'PAUSED'],
    ['PAUSED', 'resume', 'RUNNING'],
    ['PAUSED', 'cancel', 'CANCELLED'],
    ['PAUSED', 'retry', 'PAUSED'],
    ['CANCELLED', 'pause', 409],
    ['CANCELLED', 'resume', 409],
    ['CANCELLED', 'cancel', 'CANCELLED'],
    ['CANCELLED', 'retry', 409],
    ['COMPLETED', 'pause', 409],
    ['COMPLETED', 'resume', 409],
    ['COMPLETED', 'cancel', 409],
    ['COMPLETED', 'retry', 'RUNNING'],
  ];

  it.each(turns)('that is %s and told to %s becomes, or is refused as, %s', async (state, how, becomes) => {
    const batchId = await makeBatch(api, uuids(2));
    await database.query(
      `UPDATE ${ITEMS} SET state = 'FAILED', attempts = 8, seq = 1, finished_at = now() WHERE batch_id = $1 AND line = 1`,
      [batchId],
    );
    await database.query(
      `UPDATE ${BATCHES} SET state = $2, finished = 1, counts = '{"FAILED": 1}' WHERE batch_id = $1`,
      [batchId, state],
    );
    const answer = await turn(api, batchId, how);
    if (becomes === 409) expectProblem(answer, 409, 'BATCH_STATE_CONFLICT');
    else expect(answer.body).toMatchObject({ state: becomes });
    const isRetried = how === 'retry' && becomes !== 409;
    expect(await showBatch(api, batchId)).toMatchObject({
      state: becomes === 409 ? state : becomes,
      finished: isRetried ? 0 : 1,
      counts: { FAILED: isRetried ? 0 : 1 },
    });
    expect((await itemsOf(api, batchId))[0]).toMatchObject(
      isRetried ? { state: 'PENDING', attempts: 0 } : { state: 'FAILED', attempts: 8 },
    );
  });
});

describe('the lists of batches', () => {
  it('go on from page to page, newest first, and leave none out', async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.push(await makeBatch(api, uuids(1)));
    const seen: string[] = [];
    for (let cursor = ''; seen.length < made.length;) {
      const page = await api.call('get', `/deletion-batches?limit=2${cursor}`, 'auditor').expect(200);
      const { items, nextCursor } = page.body as { items: Batch[]; nextCursor: string | null };
      seen.push(...items.map(({ batchId }) => batchId));
      cursor = `&cursor=${nextCursor ?? ''}`;
    }
    expect(seen.slice(0, made.length)).toEqual(made.reverse());
  });

  it('show every line of a batch once, page by page, and every outcome', async () => {
    const lines = 1_201;
    const batchId = await makeBatch(api, Array<string>(lines).fill('no id'));
    const all = Array.from({ length: lines }, (_, index) => index + 1);
    const pages: number[] = [];
    for (let cursor: number | null = 0; cursor !== null;) {
      const path = `/deletion-batches/${batchId}/items?limit=400&cursor=${cursor}`;
      const page = await api.call('get', path, 'auditor').expect(200);
      const { items, nextCursor } = page.body as { items: Item[]; nextCursor: number | null };
      pages.push(...items.map(({ line }) => line));
      cursor = nextCursor;
    }
    expect(pages).toEqual(all);

    const outcomes: number[] = [];
    for (let last = 0, before = -1; last !== before;) {
      before = last;
      const asked = api
        .call('get', `/deletion-batches/${batchId}/events`, 'auditor')
        .set('Last-Event-ID', String(last));
      const { lastEventId, outcomes: found } = (await asked.expect(200)).body as {
        lastEventId: number;
        outcomes: Item[];
      };
      outcomes.push(...found.map(({ line }) => line));
      last = lastEventId;
    }
    expect(outcomes).toEqual(all);
  });
});
