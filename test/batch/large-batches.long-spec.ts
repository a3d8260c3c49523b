import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { Listener } from './batch.listener.js';
import { type Batch, csvOf, deletedOnce, endOf, itemsOf, makeBatch, seedMany, turn } from './batch.stage.js';

const MINUTE_MS = 60_000;
const MILLION = 1_000_000;

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  // Client, service and test runner share one process: a million lines take several times as long to arrive.
  api = await openApi(database.url, { env: { REQUEST_TIMEOUT_MS: String(5 * MINUTE_MS) } });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

describe('batches that take long', () => {
  it(
    'keep a listener for longer than any time-out of the service, and tell it everything afterwards',
    async () => {
      const ids = await seedMany(database, 60);
      const batchId = await makeBatch(api, ids);
      await turn(api, batchId, 'pause').expect(200);
      const listener = new Listener(api, batchId);
      const began = performance.now();
      const heartbeats = () => listener.text.split(': still here').length - 1;
      await until(() => heartbeats() >= 9, 4 * MINUTE_MS);
      expect(performance.now() - began).toBeGreaterThan(2 * MINUTE_MS);
      expect(listener.ended).toBe(false);
      await turn(api, batchId, 'resume').expect(200);
      await until(() => listener.ended, MINUTE_MS);
      expect(listener.lines.sort((a, b) => a - b)).toEqual(ids.map((_, index) => index + 1));
      expect(await deletedOnce(database, ids)).toBe(60);
    },
    6 * MINUTE_MS,
  );

  it(
    'may have a million lines, of which every one has its outcome',
    async () => {
      const [live = ''] = await seedMany(database, 1);
      const lines = Array.from({ length: MILLION }, (): string => randomUUID());
      lines[0] = live;
      lines[499_999] = 'no id';
      lines[MILLION - 1] = live;
      const made = await csvOf(api, `id\r\n${lines.join('\r\n')}`).expect(202);
      const { batchId, lines: counted } = made.body as Batch;
      expect(counted).toBe(MILLION);
      await until(async () => (await deletedOnce(database, [live])) === 1, MINUTE_MS);
      await turn(api, batchId, 'cancel').expect(200);
      const { finished, counts, state } = await endOf(api, batchId, 10 * MINUTE_MS);
      expect({ finished, state }).toEqual({ finished: MILLION, state: 'CANCELLED' });
      expect(counts).toMatchObject({ DELETED: 1, INVALID: 1, DUPLICATE: 1 });
      const { NOT_FOUND = 0, CANCELLED = 0 } = counts;
      expect(NOT_FOUND + CANCELLED).toBe(MILLION - 3);
      const named = await itemsOf(api, batchId, '&state=INVALID');
      // The header is the first line of the file.
      expect(named.map(({ line }) => line)).toEqual([500_001]);
    },
    15 * MINUTE_MS,
  );
});
