import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ShardFailed } from '../../src/protocol/index.js';
import { databaseAttributes } from '../../src/telemetry/database.attributes.js';
import { DeletionTracing } from '../../src/telemetry/deletion.tracing.js';
import { openTraceExport } from '../../src/telemetry/otlp.export.js';
import { Collector, type Span } from './collector.js';

const URL_OF_SERVICE =
  'postgres://silgi_login:s%40cret@db.hospital.example:6432/hospital%20data?sslmode=disable';
const RUN = { name: 'deletion', ids: { deletionId: 'd', requestId: 'r' } };
const LOCK = { name: 'lock', phase: 'PREPARE', shard: 'patient' } as const;
const WHERE = {
  'db.system.name': 'postgresql',
  'db.namespace': 'hospital data',
  'server.address': 'db.hospital.example',
};
/** OTLP has whole numbers as such, or as text. */
const PORT = 6432;

let collector: Collector;

beforeEach(async () => {
  collector = await Collector.start();
});

afterEach(async () => {
  await collector.close();
});

/** The spans of a run of one step, by name. */
async function traced(error?: unknown): Promise<Record<string, Span>> {
  const traces = openTraceExport(`${collector.url}/v1/traces`);
  const tracing = new DeletionTracing(traces.tracer, databaseAttributes(URL_OF_SERVICE));
  tracing.began(RUN);
  tracing.transactionBegan(RUN);
  tracing.stepBegan(RUN, LOCK);
  tracing.stepEnded(RUN, LOCK, error);
  tracing.ended(RUN, { milliseconds: 1, outcome: 'DELETED' });
  await traces.close();
  return Object.fromEntries(collector.spans.map((span) => [span.name, span]));
}

it('a step is a call of a PostgreSQL client, with its database and server, and what is around it is none', async () => {
  const { lock, deletion, 'PREPARE patient': phase } = await traced();
  expect(lock).toMatchObject({
    kind: 3,
    attributes: { ...WHERE, 'server.port': PORT, 'silgi.step': 'lock' },
  });
  expect(lock?.attributes).not.toHaveProperty('db.response.status_code');
  for (const span of [deletion, phase]) {
    expect(span?.kind).toBe(1);
    expect(Object.keys(span?.attributes ?? {}).filter((key) => /^(?:db|server)\./.test(key))).toEqual([]);
  }
});

it('a step that the server refused has the SQLSTATE, and nothing of its text', async () => {
  const cause = Object.assign(new Error('Key (name)=(Yıldız)'), { severity: 'ERROR', code: '23514' });
  const point = { phase: 'PREPARE', shard: 'patient', step: 'lock' } as const;
  const { lock } = await traced(new ShardFailed('It failed.', point, { cause }));
  expect(lock).toMatchObject({ status: 2, attributes: { 'db.response.status_code': '23514' } });
  expect(collector.bodies.join()).not.toContain('Yıldız');
});

it('the resource is this version of the product, and nobody who signs in is named', async () => {
  await traced();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(collector.resource).toMatchObject({ 'service.name': 'silgi', 'service.version': version });
  expect(collector.bodies.join()).not.toMatch(/silgi_login|s%40cret|s@cret|sslmode/);
});

it.each([
  ['postgres://u:p@127.0.0.1/silgi', 'silgi', '127.0.0.1', 5432],
  ['postgres://u:p@[::1]:5433/silgi', 'silgi', '::1', 5433],
  ['postgresql://u:p@localhost/', 'u', 'localhost', 5432],
  ['postgres://u@/silgi?host=/var/run/postgresql', 'silgi', '/var/run/postgresql', undefined],
])('of %s are the database %s at %s, port %s', (url, namespace, address, port) => {
  expect(databaseAttributes(url)).toEqual({
    'db.system.name': 'postgresql',
    'db.namespace': namespace,
    'server.address': address,
    ...(port !== undefined && { 'server.port': port }),
  });
});
