import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { hear, RawSocket, statusesIn } from './raw.socket.js';

const REQUEST_TIMEOUT_MS = 200;
const LIVE = 'GET /api/v1/health/live HTTP/1.1\r\nHost: silgi\r\n';

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) } });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const serverOf = ({ app }: Api) => app.getHttpServer() as Server & { maxHeaderSize: number };
const portOf = (service: Api) => (serverOf(service).address() as AddressInfo).port;

describe('a request that does not arrive', () => {
  const body = 'POST /api/v1/patients HTTP/1.1\r\nHost: silgi\r\nContent-Type: application/json\r\n';

  it.each([
    ['stops in its first line', 'GET /api/v1/hea'],
    ['stops in its head', LIVE],
    ['stops before its body', `${body}Content-Length: 100\r\n\r\n`],
    ['stops in its body', `${body}Content-Length: 100\r\n\r\n{"reason"`],
    ['stops in a chunk', `${body}Transfer-Encoding: chunked\r\n\r\n1000\r\n{`],
  ])('in time is answered 408 and cut off: it %s', async (_, text) => {
    const started = performance.now();
    const heard = await hear(portOf(api), text);
    expect(statusesIn(heard)).toEqual([408]);
    expect(heard).toContain('"message":"The request did not arrive in time"');
    expect(performance.now() - started).toBeGreaterThan(REQUEST_TIMEOUT_MS - 50);
  });

  it('faster than letter by letter is cut off as well, while others are served', async () => {
    const slow = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(portOf(api))));
    for (const socket of slow) socket.say(LIVE);
    const dripping = setInterval(() => {
      for (const socket of slow) socket.say('X');
    }, 20);
    await api.raw('get', '/health/live').expect(200);
    const heard = await Promise.all(slow.map((socket) => socket.ends()));
    clearInterval(dripping);
    expect(heard.map(statusesIn)).toEqual(slow.map(() => [408]));
    await api.raw('get', '/health/live').expect(200);
  });
});

describe('connections', () => {
  it('that say nothing are closed', async () => {
    const socket = await RawSocket.open(portOf(api));
    expect(statusesIn(await socket.ends())).toEqual([408]);
  });

  it('beyond the limit are closed at once, and there is room again when one ends', async () => {
    const few = await openApi(database.url, { env: { MAX_CONNECTIONS: '3' } });
    const held = await Promise.all([1, 2, 3].map(() => RawSocket.open(portOf(few))));
    for (const socket of held) socket.say(LIVE);
    const refused = await RawSocket.open(portOf(few));
    expect(await refused.ends()).toBe('');
    held[0]?.say('\r\n');
    await until(() => statusesIn(held[0]?.heard ?? '')[0] === 200);
    held[0]?.destroy();
    await until(
      async () => statusesIn(await hear(portOf(few), `${LIVE}Connection: close\r\n\r\n`))[0] === 200,
    );
    for (const socket of held) socket.destroy();
    await few.close();
  });

  const ONE = '127.0.0.1';
  const OTHER = '127.0.0.2';
  const ask = async (service: Api, from: string) =>
    statusesIn(await hear(portOf(service), `${LIVE}Connection: close\r\n\r\n`, from));

  it('of one address beyond its number are closed, and other addresses are served', async () => {
    const few = await openApi(database.url, {
      env: { MAX_CONNECTIONS: '8', MAX_CONNECTIONS_PER_ADDRESS: '3' },
    });
    const held = await Promise.all([1, 2, 3].map(() => RawSocket.open(portOf(few), ONE)));
    // Half a request, nothing at all, and one that was answered.
    held[0]?.say(LIVE);
    held[2]?.say(`${LIVE}\r\n`);
    await until(() => statusesIn(held[2]?.heard ?? '')[0] === 200);
    const refused = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(portOf(few), ONE)));
    for (const socket of refused) expect(await socket.ends()).toBe('');
    expect(await ask(few, OTHER)).toEqual([200]);
    expect(few.log.filter(({ limit }) => limit === 'connections')).toMatchObject([
      { level: 'warn', client: ONE },
    ]);
    held[1]?.destroy();
    await until(async () => (await ask(few, ONE))[0] === 200);
    for (const socket of held) socket.destroy();
    await few.close();
  });

  it('of a trusted proxy are those of its clients, and held to the number of all alone', async () => {
    const few = await openApi(database.url, {
      env: { MAX_CONNECTIONS_PER_ADDRESS: '2', TRUST_PROXY: '127.0.0.2' },
    });
    const held = await Promise.all(Array.from({ length: 6 }, () => RawSocket.open(portOf(few), OTHER)));
    expect(await ask(few, OTHER)).toEqual([200]);
    expect(held.filter(({ closed }) => closed)).toEqual([]);
    for (const socket of held) socket.destroy();
    await few.close();
  });

  it('are bounded in time, number and size by the service, not by what Node happens to do', async () => {
    const usual = await openApi(database.url);
    expect(serverOf(usual)).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      timeout: 120_000,
      maxConnections: 1_000,
      maxHeaderSize: 16_384,
    });
    await usual.close();
  });
});
