import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { ProductProcess } from '../admin/service.process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { RawSocket, statusesIn } from './raw.socket.js';

const REQUESTS = 10_000;
const CONNECTIONS = 20;
const PARTS = 5;
/** Ample on a machine that is busy with other tests. */
const LIMIT_MS = 60_000;
/** The default of RATE_LIMIT_PER_MINUTE. */
const LIMIT = 1_200;
const MEGABYTE = 1024 * 1024;
/** The service may have no larger heap: what a flood left behind would end it. It holds a third of it when idle. */
const HEAP_MB = 160;
const MOST_MEMORY = 384 * MEGABYTE;

let database: TestDatabase;
let dataDir: string;
let service: ProductProcess;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await temporaryFolder();
  // The proxy is this test: it says who a client is, and is several of them.
  service = new ProductProcess(['main.ts'], {
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    PORT: '0',
    LOG_LEVEL: 'info',
    TRUST_PROXY: '127.0.0.1',
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
  });
  url = await service.url();
  await until(async () => (await ask('/health/ready', '203.0.113.9')).status === 200);
});

afterAll(async () => {
  service.kill('SIGTERM');
  await service.ends();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function ask(path: string, from: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { 'X-Forwarded-For': from } });
  return { status: response.status, text: await response.text() };
}

/** Bytes of memory that the process holds. */
async function memory(): Promise<number> {
  const { text } = await ask('/metrics', '203.0.113.10');
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

/** So many requests on a few connections, none of which waits for an answer. */
async function flood(count: number, addressOf: (index: number) => string): Promise<Map<number, number>> {
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => RawSocket.open(Number(new URL(url).port))),
  );
  const each = count / CONNECTIONS;
  for (const [number, socket] of sockets.entries()) {
    const requests = Array.from({ length: each }, (_, index) => {
      const from = addressOf(number * each + index);
      const end = index === each - 1 ? 'Connection: close\r\n' : '';
      return `GET /api/v1/patients HTTP/1.1\r\nHost: silgi\r\nX-Forwarded-For: ${from}\r\n${end}\r\n`;
    });
    socket.say(requests.join(''));
  }
  const found = new Map<number, number>();
  for (const socket of sockets)
    for (const status of statusesIn(await socket.ends(LIMIT_MS)))
      found.set(status, (found.get(status) ?? 0) + 1);
  return found;
}

describe('ten thousand requests at once from one client', () => {
  it(
    'are refused but for its number, in bounded memory, while others are served',
    async () => {
      const started = performance.now();
      const flooding = flood(REQUESTS, () => '203.0.113.1');
      const meanwhile = [];
      for (let times = 0; times < 5; times++)
        meanwhile.push(
          (await ask('/health/live', '203.0.113.9')).status,
          (await ask('/patients', '203.0.113.9')).status,
        );
      expect(meanwhile).toEqual(Array.from({ length: 5 }, () => [200, 401]).flat());
      const found = await flooding;
      const seconds = (performance.now() - started) / 1_000;
      // Its share comes back while it goes on.
      const letIn = found.get(401) ?? 0;
      expect(letIn).toBeGreaterThanOrEqual(LIMIT);
      expect(letIn).toBeLessThanOrEqual(LIMIT + Math.ceil((seconds * LIMIT) / 60));
      expect(found).toEqual(
        new Map([
          [401, letIn],
          [429, REQUESTS - letIn],
        ]),
      );
      expect(await memory()).toBeLessThan(MOST_MEMORY);
      expect((await ask('/patients', '203.0.113.9')).status).toBe(401);
      expect((await ask('/health/ready', '203.0.113.9')).status).toBe(200);
      // What a process prints arrives when it likes.
      const named = () => service.stdout.match(/"msg":"A client is over its limit/g) ?? [];
      await until(() => named().length >= 1);
      // Named once a minute, not ten thousand times.
      expect(named()).toHaveLength(1);
      expect(service.stdout.match(/"status":429/g)).toBeNull();
      expect(service.stderr).toBe('');
    },
    LIMIT_MS,
  );
});

describe('ten thousand requests from as many clients', () => {
  it(
    'are answered, in the same memory',
    async () => {
      // One part after the other: none waits on its connection for so long that the service gives it up.
      const part = REQUESTS / PARTS;
      for (let number = 0; number < PARTS; number++) {
        const address = (index: number) => `10.1.${index >> 8}.${index & 255}`;
        const found = await flood(part, (index) => address(number * part + index));
        expect(found).toEqual(new Map([[401, part]]));
      }
      expect(await memory()).toBeLessThan(MOST_MEMORY);
    },
    LIMIT_MS,
  );
});
