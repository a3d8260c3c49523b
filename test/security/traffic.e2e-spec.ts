import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Role } from '../../src/auth/index.js';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { setWallClock } from './wall.clock.js';

const LIMIT = 12;
/** Seconds that a share of a minute lasts. */
const SHARE = 60 / LIMIT;

let database: TestDatabase;
/** One key for all services: a log that was sealed with another is refused, and the service not ready. */
let folder: string;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
});

afterEach(async () => {
  jest.useRealTimers();
  await api.close();
});

afterAll(async () => {
  await database.drop();
});

async function open(env: NodeJS.ProcessEnv = {}): Promise<Api> {
  const own = { DATA_DIR: folder, RATE_LIMIT_PER_MINUTE: String(LIMIT) };
  api = await openApi(database.url, { env: { ...own, ...env } });
  return api;
}

const ask = (path: string, from?: string, role?: Role) => {
  const request = api.call('get', path, role);
  return from === undefined ? request : request.set('X-Forwarded-For', from);
};

async function statuses(count: number, send: (index: number) => ReturnType<typeof ask>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) found.push((await send(index)).status);
  return found;
}

const times = (count: number, status: number) => Array.from({ length: count }, () => status);

describe('a client that is not signed in', () => {
  it('is held to its number of requests, whatever it asks for, and told when to come again', async () => {
    await open();
    const paths = ['/patients', '/nothing', '/audit-events', '/patients/x', '/deletions'];
    const found = await statuses(LIMIT, (index) => ask(paths[index % paths.length] ?? ''));
    expect(found.filter((status) => status !== 401 && status !== 404)).toEqual([]);
    for (const path of paths) {
      const response = await ask(path);
      expectProblem(response, 429, 'RATE_LIMITED');
      const retryAfter = Number(response.headers['retry-after']);
      expect(retryAfter).toBeGreaterThanOrEqual(1);
      expect(retryAfter).toBeLessThanOrEqual(SHARE);
    }
    expectProblem(await api.raw('get', '/docs'), 429, 'RATE_LIMITED');
    expectProblem(await api.raw('put', '/'), 429, 'RATE_LIMITED');
    const warnings = api.log.filter(({ context }) => context === 'TrafficLimits');
    expect(warnings).toMatchObject([{ level: 'warn', limit: 'requests', client: '127.0.0.1' }]);
  });

  it('never keeps its probes out, but those that ask the database are counted', async () => {
    await open();
    await statuses(LIMIT + 1, () => ask('/patients'));
    expect(await statuses(LIMIT, () => ask('/health/ready'))).toEqual(times(LIMIT, 200));
    expect(await statuses(3, () => ask('/health/ready'))).toEqual(times(3, 429));
    expectProblem(await api.raw('get', '/metrics'), 429, 'RATE_LIMITED');
    expect(await statuses(5 * LIMIT, () => ask('/health/live'))).toEqual(times(5 * LIMIT, 200));
    await api.raw('get', '/health/live').expect(200);
  });

  it('cannot be another by saying so', async () => {
    await open();
    const headers = (index: number) => ({
      'X-Forwarded-For': `203.0.113.${index}`,
      Forwarded: `for=203.0.113.${index}`,
      'X-Real-IP': `203.0.113.${index}`,
    });
    expect(await statuses(LIMIT + 2, (index) => ask('/patients').set(headers(index)))).toEqual([
      ...times(LIMIT, 401),
      ...times(2, 429),
    ]);
  });

  it('is whom the trusted proxy names, not what the client says before', async () => {
    await open({ TRUST_PROXY: '127.0.0.1' });
    expect(await statuses(LIMIT + 1, () => ask('/patients', '203.0.113.1'))).toEqual([
      ...times(LIMIT, 401),
      429,
    ]);
    expect((await ask('/patients', '203.0.113.2')).status).toBe(401);
    expect((await ask('/patients', '203.0.113.3, 203.0.113.1')).status).toBe(429);
    expect((await ask('/patients', '203.0.113.1, 203.0.113.3')).status).toBe(401);
  });

  it('is its first 64 bits where it speaks IPv6', async () => {
    await open({ TRUST_PROXY: '127.0.0.1' });
    const found = await statuses(LIMIT + 1, (index) => ask('/patients', `2001:db8:1:2::${index}`));
    expect(found).toEqual([...times(LIMIT, 401), 429]);
    expect((await ask('/patients', '2001:db8:1:3::1')).status).toBe(401);
  });
});

describe('a subject', () => {
  it('is held to its number of requests from whatever address, also of forbidden ones', async () => {
    await open({ TRUST_PROXY: '127.0.0.1' });
    const found = await statuses(LIMIT + 2, (index) =>
      ask(index % 2 === 0 ? '/deletions' : '/patients', `203.0.113.${index}`, 'auditor'),
    );
    expect(found.slice(0, LIMIT).filter((status) => status !== 200 && status !== 403)).toEqual([]);
    expect(found.slice(LIMIT)).toEqual([429, 429]);
    // A token that does not hold takes nothing from the one whom it names.
    const other = await openApi(database.url);
    expectProblem(
      await ask('/deletions', '203.0.113.99').set(
        'Authorization',
        other.call('get', '/deletions', 'auditor').get('Authorization'),
      ),
      401,
      'UNAUTHENTICATED',
    );
    await other.close();
  });
});

describe('failed sign-ins', () => {
  const bad = (from?: string) => ask('/patients', from).set('Authorization', 'Bearer a.b.c');

  it('are held to their own number by address, and lock out no other address', async () => {
    await open({
      RATE_LIMIT_PER_MINUTE: '1000',
      FAILED_SIGN_INS_PER_MINUTE: '3',
      TRUST_PROXY: '127.0.0.1',
    });
    expect(await statuses(5, () => bad('203.0.113.1'))).toEqual([401, 401, 401, 429, 429]);
    expect((await ask('/patients', '203.0.113.1')).status).toBe(401);
    expect((await ask('/patients', '203.0.113.2', 'system-admin')).status).toBe(200);
    expect((await bad('203.0.113.2')).status).toBe(401);
  });

  it('keep nobody out who comes from the same address with a token that holds, however many there are', async () => {
    await open({ FAILED_SIGN_INS_PER_MINUTE: '3' });
    const answers = await statuses(3 * LIMIT, () => bad());
    expect(answers).toEqual([401, 401, 401, ...times(3 * LIMIT - 3, 429)]);
    expect((await ask('/patients', undefined, 'system-admin')).status).toBe(200);
    const warnings = api.log.filter(({ context }) => context === 'TrafficLimits');
    expect(warnings).toMatchObject([{ level: 'warn', limit: 'failed sign-ins', client: '127.0.0.1' }]);
  });

  it('take nothing from the requests of their address, and those nothing from them', async () => {
    await open({ FAILED_SIGN_INS_PER_MINUTE: '3' });
    await statuses(4, () => bad());
    expect(await statuses(LIMIT + 1, () => ask('/patients'))).toEqual([...times(LIMIT, 401), 429]);
    expect((await ask('/patients', undefined, 'system-admin')).status).toBe(200);
  });

  it('are all counted for the alert, also those that were told to wait', async () => {
    await open({ RATE_LIMIT_PER_MINUTE: '1000', FAILED_SIGN_INS_PER_MINUTE: '2' });
    expect((await bad()).status).toBe(401);
    await statuses(4, () => bad());
    await ask('/patients');
    await ask('/patients', undefined, 'system-admin');
    const { text } = await api.raw('get', '/metrics').expect(200);
    expect(text).toMatch(/^silgi_failed_sign_ins_total 5$/m);
  });
});

describe('a wall clock that jumps', () => {
  it('neither lets a client in nor locks it out for longer than its share', async () => {
    await open();
    await statuses(LIMIT, () => ask('/patients'));
    const now = Date.now();
    for (const jump of [86_400_000, -86_400_000, 0]) {
      setWallClock(now + jump);
      const response = await ask('/patients');
      expect(response.status).toBe(429);
      expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(response.headers['retry-after'])).toBeLessThanOrEqual(SHARE);
    }
  });
});
