import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { OutcomePending, ShardUnavailable } from '../../src/protocol/index.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf } from '../support/patients.js';
import { until } from '../support/processes.js';
import {
  deletedOnce,
  endOf,
  holdLines,
  inShort,
  itemsOf,
  letAllGo,
  makeBatch,
  seedMany,
  showBatch,
  turn,
} from './batch.stage.js';

const LINES = 12;
/** A worker looks every second at how its batches stand. */
const SOON_MS = 10_000;
/** Long enough for a machine on which everything waits to renew it. */
const LEASE_MS = 3_000;
const POINT = { phase: 'COMMIT', shard: 'patient', step: 'commit' } as const;

let database: TestDatabase;
let api: Api;
let ids: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  ids = await seedMany(database, LINES);
});

afterEach(async () => {
  letAllGo();
  jest.restoreAllMocks();
  await api.close();
  await database.drop();
});

/** A service that has one line at work, and those behind it in hand. */
async function openService(env: NodeJS.ProcessEnv = {}): Promise<void> {
  api = await openApi(database.url, { env: { ...env, BATCH_CONCURRENCY: '1' } });
}

const countOf = async (batchId: string, state: string) => (await showBatch(api, batchId)).counts[state] ?? 0;

/** A batch of which one line is at work, and others are in the hand of the same worker. */
async function batchInHand(patients = ids) {
  const lines = holdLines(api);
  const batchId = await makeBatch(api, patients);
  await until(async () => lines.begun.length === 1 && (await countOf(batchId, 'RUNNING')) > 1);
  return { batchId, lines };
}

describe('a batch of which lines are in hand', () => {
  beforeEach(() => openService());

  it('begins none of them once it is paused, and all of them once it is resumed', async () => {
    const { batchId, lines } = await batchInHand();
    await turn(api, batchId, 'pause').expect(200);
    await until(async () => (await countOf(batchId, 'RUNNING')) === 1, SOON_MS);
    lines.letGo();
    await until(async () => (await countOf(batchId, 'RUNNING')) === 0, SOON_MS);
    expect(lines.begun).toEqual(ids.slice(0, 1));
    expect(await showBatch(api, batchId)).toMatchObject({ state: 'PAUSED', finished: 1 });
    expect(await deletedOnce(database, ids)).toBe(1);

    await turn(api, batchId, 'resume').expect(200);
    expect((await endOf(api, batchId)).counts).toMatchObject({ DELETED: LINES });
    // What was in hand at the pause had not been tried.
    expect((await itemsOf(api, batchId)).map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
  });

  it.each([
    ['and others wait', LINES],
    ['and that are all there are', 3],
  ])('begins none of them once it is cancelled, %s, and waits for the one at work', async (_, count) => {
    const { batchId, lines } = await batchInHand(ids.slice(0, count));
    await turn(api, batchId, 'cancel').expect(200);
    await until(async () => (await countOf(batchId, 'CANCELLED')) >= count - 1, SOON_MS);
    expect(await showBatch(api, batchId)).toMatchObject({ endedAt: null, counts: { RUNNING: 1 } });
    lines.letGo();
    const { state, counts } = await endOf(api, batchId);
    expect(state).toBe('CANCELLED');
    expect(counts).toMatchObject({ DELETED: 1, CANCELLED: count - 1 });
    expect(inShort(await itemsOf(api, batchId, '&state=DELETED'))).toEqual(['1 DELETED']);
    expect(lines.begun).toEqual(ids.slice(0, 1));
    expect(await deletedOnce(database, ids.slice(0, 1))).toBe(1);
    expect(await deletedOnce(database, ids)).toBe(1);
  });
});

describe('a worker whose lease is shorter than a deletion takes', () => {
  beforeEach(() => openService({ BATCH_LEASE_MS: String(LEASE_MS) }));

  it('keeps the line', async () => {
    const lines = holdLines(api);
    const batchId = await makeBatch(api, ids.slice(0, 1));
    await until(() => lines.begun.length === 1);
    const before = await lease();
    await untilRenewedTwice(before);
    expect(await lease()).toMatchObject({ by: before.by, attempts: 1 });
    lines.letGo();
    expect((await endOf(api, batchId)).counts).toMatchObject({ DELETED: 1 });
    expect(lines.begun).toHaveLength(1);
  });

  it('begins no other that somebody else has taken over meanwhile', async () => {
    const { batchId, lines } = await batchInHand();
    const lost = await database.query<{ patientId: string }>(
      `UPDATE patient.sharded_deletion_batch_item
       SET leased_by = gen_random_uuid(), leased_until = now() + interval '1 h'
       WHERE state = 'RUNNING' AND line > 1 RETURNING patient_id AS "patientId"`,
    );
    // By then it knows that it could not renew them.
    await untilRenewedTwice(await lease());
    lines.letGo();
    const left = LINES - lost.length;
    await until(async () => (await showBatch(api, batchId)).finished === left);
    expect(lines.begun).toHaveLength(left);
    expect(await deletedOnce(database, ids)).toBe(left);
    const others = lost.map(({ patientId }) => patientId);
    expect(await deletedOnce(database, others)).toBe(0);
  });

  interface Lease {
    readonly by: string;
    readonly until: Date;
    readonly attempts: number;
  }

  /** Who holds the first line, and until when. */
  async function lease(): Promise<Lease> {
    const [first] = await database.query<Lease>(
      `SELECT leased_by AS by, leased_until AS until, attempts FROM patient.sharded_deletion_batch_item
       WHERE line = 1`,
    );
    return first as Lease;
  }

  async function untilRenewedTwice(before: Lease): Promise<void> {
    await until(async () => Number((await lease()).until) > Number(before.until) + 2 * LEASE_MS);
  }
});

describe('a line of a batch', () => {
  beforeEach(() => openService());

  /** Has the first deletions end otherwise, each in its own way. */
  function endOtherwise(...ways: ((remove: () => Promise<unknown>) => Promise<never>)[]): void {
    jest.restoreAllMocks();
    const orchestrator = api.app.get(PatientOrchestrator);
    const remove = orchestrator.deletePatient.bind(orchestrator);
    jest.spyOn(orchestrator, 'deletePatient').mockImplementation((command) => {
      const way = ways.shift();
      return way === undefined ? remove(command) : way(() => remove(command));
    });
  }

  const unavailable = () => Promise.reject(new ShardUnavailable('It is away.', POINT));

  it.each([
    ['had committed', true],
    ['had not committed', false],
  ])(
    'whose outcome was not known is tried again: it is deleted once, where the first try %s',
    async (_, isDone) => {
      const [patientId = ''] = ids;
      endOtherwise(async (remove) => {
        if (isDone) await remove();
        throw new OutcomePending({ name: 'deletion', ids: { patientId } }, POINT);
      });
      const batchId = await makeBatch(api, [patientId]);
      expect((await endOf(api, batchId)).counts).toMatchObject({ DELETED: 1, FAILED: 0 });
      expect(await itemsOf(api, batchId)).toMatchObject([{ state: 'DELETED', attempts: 2, code: null }]);
      expect(await deletedOnce(database, [patientId])).toBe(1);
      expect(await auditEventsOf(database, patientId)).toHaveLength(1);
    },
  );

  it('is tried eight times and no more; told to be tried again, it has eight tries again', async () => {
    const [patientId = ''] = ids;
    endOtherwise(...Array.from({ length: 20 }, () => unavailable));
    const batchId = await makeBatch(api, [patientId]);
    // As after six tries that took a minute.
    const waits = `UPDATE patient.sharded_deletion_batch_item SET attempts = 6, due_at = now()
      WHERE state = 'PENDING' AND attempts < 6 RETURNING line`;
    await until(async () => (await database.query(waits)).length === 1);
    const line = async () => (await itemsOf(api, batchId))[0];
    await until(async () => (await line())?.state === 'PENDING' && (await line())?.attempts === 7);
    await database.query('UPDATE patient.sharded_deletion_batch_item SET due_at = now()');
    await until(async () => (await line())?.attempts === 8 && (await line())?.state !== 'RUNNING');
    expect(await line()).toMatchObject({ state: 'FAILED', code: 'SHARD_UNAVAILABLE', attempts: 8 });
    expect(await endOf(api, batchId)).toMatchObject({ state: 'COMPLETED', counts: { FAILED: 1 } });

    endOtherwise(unavailable);
    await turn(api, batchId, 'retry').expect(200);
    expect((await endOf(api, batchId)).counts).toMatchObject({ DELETED: 1, FAILED: 0 });
    expect(await line()).toMatchObject({ state: 'DELETED', attempts: 2 });
    expect(await deletedOnce(database, [patientId])).toBe(1);
  });

  it('that names a patient whom an earlier batch has deleted says so, and is not answered as its own', async () => {
    const [patientId = ''] = ids;
    const first = await makeBatch(api, [patientId]);
    await endOf(api, first);
    const second = await makeBatch(api, [patientId]);
    expect((await endOf(api, second)).counts).toMatchObject({ DELETED: 0, ALREADY_DELETED: 1 });
    expect(await deletedOnce(database, [patientId])).toBe(1);
  });
});
