import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
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

interface Event {
  readonly id: number;
  readonly event: string;
  readonly data: Batch & Item;
}

/** A listener to the events of a batch. */
class Listener {
  text = '';
  head: IncomingMessage | undefined;
  ended = false;
  private readonly sent;

  constructor(batchId: string, lastEventId?: number) {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const signedIn = api.call('get', '/', 'auditor').get('Authorization');
    const headers = {
      ...{ Accept: 'text/event-stream', Authorization: signedIn },
      ...(lastEventId !== undefined && { 'Last-Event-ID': String(lastEventId) }),
    };
    const path = `/api/v1/deletion-batches/${batchId}/events`;
    this.sent = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      this.head = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => (this.text += text));
      response.once('close', () => (this.ended = true));
    });
    this.sent.on('error', () => (this.ended = true));
    this.sent.end();
  }

  /** The events that came whole. */
  get events(): Event[] {
    const blocks = this.text.split('\n\n').slice(0, -1);
    return blocks
      .filter((block) => block.startsWith('id: '))
      .map((block) => {
        const [, id, event = '', data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        return { id: Number(id), event, data: JSON.parse(data) as Batch & Item };
      });
  }

  get lines(): number[] {
    return this.events.filter(({ event }) => event === 'outcome').map(({ data }) => data.line);
  }

  leave(): void {
    this.sent.destroy();
  }
}

describe('the events of a batch', () => {
  it('come as they happen, go on behind the last one that was seen, and end with the batch', async () => {
    const ids = await seedMany(database, 60);
    const batchId = await makeBatch(api, [...ids, 'no id']);
    const first = new Listener(batchId);
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

    const second = new Listener(batchId, seen);
    await turn(api, batchId, 'resume').expect(200);
    await until(() => second.ended);
    const [last] = second.events.slice(-1);
    expect(last).toMatchObject({ event: 'progress', data: { state: 'COMPLETED', finished: 61 } });
    // Nothing twice and nothing left out, though the listener was away.
    const all = [...linesSeen, ...second.lines];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
    const numbers = second.events.map(({ id }) => id);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));

    const late = new Listener(batchId);
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
    const mine = api;
    const batchId = await makeBatch(mine, [randomUUID()]);
    await endOf(mine, batchId);
    const paused = await makeBatch(mine, await seedMany(database, 60));
    await turn(mine, paused, 'pause').expect(200);
    api = other;
    const listener = new Listener(paused);
    await until(() => listener.events.length > 0);
    api = mine;
    await other.close();
    await until(() => listener.ended);
    await turn(mine, paused, 'cancel').expect(200);
  });
});
