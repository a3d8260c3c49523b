import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { FakeIssuer, makeKey, tokenOf, variablesOf } from '../security/issuer.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { Listener } from './batch.listener.js';
import { StandardEventSource } from './standard.event.source.js';
import { type Batch, endOf, type Item, makeBatch, seedMany, turn } from './batch.stage.js';

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

  it('are told a standard EventSource whole and once, which then comes back no more', async () => {
    const ids = await seedMany(database, 12);
    const batchId = await makeBatch(api, [...ids, 'no id']);
    // One that is there while it runs, and one that first comes when it has ended.
    const early = new StandardEventSource(api, batchId, 9);
    await endOf(api, batchId);
    const late = new StandardEventSource(api, batchId, 9);
    for (const source of [early, late]) {
      await source.closed;
      expect(source.answers.at(-1)).toBe(204);
      expect(source.answers.filter((status) => status === 204)).toHaveLength(1);
      const told = (type: string) => source.events.filter((event) => event.type === type);
      const lines = told('outcome').map(({ data }) => (JSON.parse(data) as Item).line);
      expect(lines.sort((a, b) => a - b)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
      const states = told('progress').map(({ data }) => (JSON.parse(data) as Batch).state);
      expect(states.filter((state) => state === 'COMPLETED')).toHaveLength(1);
    }
    expect(late.answers).toEqual([200, 204]);
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

  it('are followed on ten streams of one caller at a time, and others have room', async () => {
    const key = await makeKey('k1');
    const issuer = await FakeIssuer.start();
    issuer.published = [key];
    const other = await openApi(database.url, { env: { ...variablesOf(issuer), BATCH_CONCURRENCY: '0' } });
    const paused = await makeBatch(api, await seedMany(database, 60));
    await turn(api, paused, 'pause').expect(200);
    const [ayse, burak] = await Promise.all(
      ['ayse', 'burak'].map((sub) => tokenOf(key, { sub, roles: ['auditor'] })),
    );
    const followed = (token: string | undefined, count: number) =>
      Array.from({ length: count }, () => new Listener(other, paused, 0, token));
    // All at once: none of them is counted late.
    const greedy = followed(ayse, 30);
    await until(() => greedy.every(({ head }) => head !== undefined));
    const open = greedy.filter(({ head }) => head?.statusCode === 200);
    expect(open).toHaveLength(10);
    const asked = other
      .call('get', `/deletion-batches/${paused}/events`)
      .set('Accept', 'text/event-stream')
      .set('Authorization', `Bearer ${ayse ?? ''}`);
    const refused = await asked;
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(refused.body).toHaveProperty('detail', expect.stringContaining('10 batches at a time'));
    expect(refused.headers['retry-after']).toBe('5');
    const [others] = followed(burak, 1);
    await until(() => others?.head?.statusCode === 200);
    // A stream that is left gives its place back.
    open[0]?.leave();
    await until(async () => {
      const [again] = followed(ayse, 1);
      await until(() => again?.head !== undefined);
      return again?.head?.statusCode === 200;
    });
    await other.close();
    await issuer.close();
    await turn(api, paused, 'cancel').expect(200);
  });
});
