import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { Listener } from './batch.listener.js';
import { endOf, type Item, makeBatch, seedMany, turn } from './batch.stage.js';

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

describe('the events of a batch', () => {
  it('come as they happen, go on behind the last one that was seen, and end with the batch', async () => {
    const ids = await seedMany(database, 60);
    const batchId = await makeBatch(api, [...ids, 'no id']);
    const first = new Listener(api, batchId);
    await until(() => first.lines.length > 0);
    await turn(api, batchId, 'pause').expect(200);
    await until(() =>
      first.events.some(({ data }) => data.state === 'PAUSED' && data.counts['RUNNING'] === 0),
    );
    const seen = first.events.at(-1)?.id ?? 0;
    const linesSeen = first.lines;
    first.leave();
    expect(first.head?.statusCode).toBe(200);
    expect(first.head?.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/event-stream/),
      'cache-control': 'no-store',
    });
    expect(linesSeen).toContain(61);
    expect(linesSeen.length).toBeLessThan(61);

    const second = new Listener(api, batchId, seen);
    await turn(api, batchId, 'resume').expect(200);
    await until(() => second.ended);
    const [last] = second.events.slice(-1);
    expect(last).toMatchObject({ event: 'progress', data: { state: 'COMPLETED', finished: 61 } });
    // Nothing twice and nothing left out, though the listener was away.
    const all = [...linesSeen, ...second.lines];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
    const numbers = second.events.map(({ id }) => id);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));

    const late = new Listener(api, batchId);
    await until(() => late.ended);
    expect(late.lines).toHaveLength(61);
  });

  it('can be asked for without a stream', async () => {
    const ids = await seedMany(database, 3);
    const batchId = await makeBatch(api, ids);
    await endOf(api, batchId);
    const ask = (after: string) =>
      api.call('get', `/deletion-batches/${batchId}/events`, 'auditor').set('Last-Event-ID', after);
    const { body } = (await ask('1').expect(200)) as { body: { lastEventId: number; outcomes: Item[] } };
    expect(body.outcomes).toHaveLength(2);
    const none = await ask(String(body.lastEventId)).expect(200);
    expect(none.body).toMatchObject({ outcomes: [], progress: { state: 'COMPLETED' } });
    expectProblem(await ask('x'), 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    const unknown = api.call('get', `/deletion-batches/${randomUUID()}/events`, 'auditor');
    expectProblem(await unknown.set('Accept', 'text/event-stream'), 404, 'BATCH_NOT_FOUND');
  });

  it('do not keep a service from stopping', async () => {
    const other = await openApi(database.url, { env: { BATCH_CONCURRENCY: '0' } });
    const batchId = await makeBatch(api, [randomUUID()]);
    await endOf(api, batchId);
    const paused = await makeBatch(api, await seedMany(database, 60));
    await turn(api, paused, 'pause').expect(200);
    const listener = new Listener(other, paused);
    await until(() => listener.events.length > 0);
    await other.close();
    await until(() => listener.ended);
    await turn(api, paused, 'cancel').expect(200);
  });
});
