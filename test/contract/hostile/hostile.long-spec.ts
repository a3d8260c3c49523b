import { randomInt } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { readEnvironment } from '../../../src/config/index.js';
import { type Api, openApi } from '../../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/processes.js';
import { temporaryFolder } from '../../support/run.folder.js';
import { Contract, type Received } from '../contract.js';
import { documentOf } from '../document.js';
import { Client } from './client.js';
import { credentialsOf, HostileRun } from './hostile.run.js';
import { contentOf, marksOf, type Patients, SECRETS, seedPatients } from './patients.js';
import { hostileRequests } from './requests.js';

const FULL = process.env['SILGI_FUZZ'] === 'full';
const RUNS = FULL ? 10_000 : 2_000;
const SEED = Number(process.env['SILGI_FUZZ_SEED'] ?? randomInt(2 ** 31));

jest.setTimeout(FULL ? 900_000 : 120_000);

let database: TestDatabase;
let api: Api;
let patients: Patients;
let content: string;
let client: Client;
let port: number;
let run: HostileRun;

beforeAll(async () => {
  database = await createTestDatabase();
  patients = await seedPatients(database, FULL ? 400 : 80);
  content = await contentOf(database);
  const env = {
    DATA_DIR: await temporaryFolder(),
    // Only how much is asked is tested elsewhere; what is asked is tested here.
    RATE_LIMIT_PER_MINUTE: '1000000',
    FAILED_SIGN_INS_PER_MINUTE: '1000000',
  };
  api = await openApi(database.url, { env });
  port = (api.app.getHttpServer().address() as AddressInfo).port;
  client = new Client(port);
  const contract = new Contract(documentOf(api.app));
  run = new HostileRun(client, contract, patients, await credentialsOf(readEnvironment(env)));
  await run.begin(3);
});

afterAll(async () => {
  client.close();
  await api.close();
  await database.drop();
});

function lastFailure(): unknown[] {
  return api.log.filter(({ context }) => context === 'Problem').slice(-1);
}

describe('hostile requests', () => {
  it(`are all answered as the document says (SILGI_FUZZ_SEED=${SEED})`, async () => {
    const { document, routes } = new Contract(documentOf(api.app));
    const requests = hostileRequests(document, routes);
    const started = performance.now();
    const property = fc.asyncProperty(requests, (hostile) => run.try(hostile));
    const { failed, errorInstance } = await fc.check(property, { seed: SEED, numRuns: RUNS });
    // The smallest request that fails; a failure of our own making stands in the log under its request id.
    if (failed) {
      const what = (errorInstance as Error).message;
      throw new Error(`SILGI_FUZZ_SEED=${SEED}: ${what}\n${JSON.stringify(lastFailure())}`);
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const statuses = [...run.statuses].sort().map(([status, times]) => `${status}: ${times}`);
    process.stdout.write(
      `hostile requests: ${run.sent} in ${seconds} s, SILGI_FUZZ_SEED=${SEED}; ${statuses.join(', ')}; ` +
        `${run.deleted.size} patients deleted\n`,
    );
    expect(run.sent).toBeGreaterThanOrEqual(RUNS);
  });

  it('reached every call of the document, and came through where they were right', () => {
    for (const { operation } of new Contract(documentOf(api.app)).routes) {
      const { operationId } = operation;
      const answers = [...run.calls.keys()].filter((name) => name.startsWith(`${operationId} `));
      expect({ operationId, ok: answers.some((name) => / 20\d$/.test(name)) }).toEqual({
        operationId,
        ok: true,
      });
      expect({ operationId, refused: answers.some((name) => / 4\d\d$/.test(name)) }).toEqual({
        operationId,
        refused: true,
      });
    }
    // The deliberate ones: a few in a thousand.
    if (FULL) expect(run.statuses.get('500')).toBeGreaterThan(0);
    expect(run.deleted.size).toBeGreaterThanOrEqual(3);
  });

  it('changed no patient but those whose deletion or restoration was answered, and those entirely', async () => {
    expect(await contentOf(database)).toBe(content);
    const marks = await marksOf(database);
    expect(marks.filter(({ whole }) => !whole)).toEqual([]);
    const standing = [...run.deleted].filter((deletion) => !run.restored.has(deletion));
    expect(marks.map(({ deletion }) => deletion)).toEqual(standing.sort());
    const events = await database.query<{ action: string; events: number }>(
      `SELECT action, count(*)::int AS events FROM audit.sharded_audit_event
       WHERE action IN ('SYSTEM_DELETE_PATIENT', 'SYSTEM_RESTORE_PATIENT') GROUP BY 1 ORDER BY 1`,
    );
    expect(events).toEqual([
      { action: 'SYSTEM_DELETE_PATIENT', events: run.deleted.size },
      { action: 'SYSTEM_RESTORE_PATIENT', events: run.restored.size },
    ]);
  });

  it('left nothing of a patient, of a token or of a header in the log', () => {
    const log = JSON.stringify(api.log);
    expect(api.log.length).toBeGreaterThan(RUNS);
    for (const word of [...SECRETS, 'eyJ', 'Bearer '])
      expect({ word, found: log.includes(word) }).toEqual({
        word,
        found: false,
      });
  });

  it('left no client of the pool in use, and the process alive', async () => {
    type Pool = { master: { totalCount: number; idleCount: number; waitingCount: number } };
    const { master } = api.app.get(DataSource).driver as unknown as Pool;
    await until(() => master.totalCount === master.idleCount && master.waitingCount === 0);
    expect((await client.send('GET', '/health/live', {})).status).toBe(200);
  });
});

/** Node answers by itself, without a body and so outside the document, where only the name of the host is missing. */
const ANSWERED_BY_NODE = /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n(?:.*\r\n)*\r\n(?:0\r\n\r\n)?$/;

/** What is no HTTP never reaches the service: the connection is closed, with a problem where there is time for one. */
describe('what is no HTTP', () => {
  it.each([
    ['a header with a line in it', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\nb\0\r\n\r\n'],
    ['a header with a null byte', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-Id: \0\r\n\r\n'],
    ['a path with a space', 'GET /health/ live HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no method', '\r\nHost: a\r\n\r\n'],
    ['another protocol', 'GET /health/live HTTQ/9.9\r\n\r\n'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a chunk of no size',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
    ],
    ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\n${'A: '.padEnd(20_000, 'a')}\r\n\r\n`],
    ['a greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('is refused: %s', async (_, bytes) => {
    const answer = await rawAnswer(bytes);
    if (answer !== '' && !ANSWERED_BY_NODE.test(answer)) {
      const [head = '', text = ''] = answer.split('\r\n\r\n');
      const [start = '', ...lines] = head.split('\r\n');
      const pairs = lines.map((line) => line.toLowerCase().split(': '));
      const headers = Object.fromEntries(pairs) as Record<string, string>;
      const received: Received = {
        method: 'GET',
        target: '/',
        status: Number(start.split(' ')[1]),
        headers,
        text,
      };
      new Contract(documentOf(api.app)).check(received);
      expect(headers['connection']).toBe('close');
      expect([400, 413, 431]).toContain(received.status);
    }
    expect((await client.send('GET', '/health/live', {})).status).toBe(200);
  });

  function rawAnswer(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(bytes, 'latin1')));
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      socket.once('close', () => {
        resolve(answer);
      });
    });
  }
});
