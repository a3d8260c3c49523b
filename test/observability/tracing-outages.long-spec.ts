import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { Collector } from './collector.js';

const ROOT = resolve(import.meta.dirname, '../..');

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe('a collector that is', () => {
  /** A port that nobody listens on. */
  async function closedPort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    return [await work, performance.now() - started];
  };

  /** An export is tried for longer than a stop may take. */
  const EXPORT_LIMIT_MS = 6_000;
  const STOP_LIMIT_MS = 4_000;

  async function run(collector: Collector | undefined): Promise<Api> {
    const url = collector?.url ?? `http://127.0.0.1:${await closedPort()}`;
    const api = await openApi(database.url, { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url } });
    const patientId = await seedPatient(database, 1);
    // More spans than a batch has, so that the exporter is at it when the deletion comes.
    for (let done = 0; done < 45; done++)
      await api.call('post', `/patients/${patientId}/deletion-preview`, 'system-admin').expect(200);
    if (collector !== undefined) await until(() => collector.spans.length > 0);
    const deletion = api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
    const [{ status }, milliseconds] = await timed(deletion);
    expect(status).toBe(201);
    expect(milliseconds).toBeLessThan(2_000);
    const [, stop] = await timed(api.close());
    expect(stop).toBeLessThan(STOP_LIMIT_MS);
    return api;
  }

  it('away or silent costs no deletion and holds up no stop', async () => {
    const collector = await Collector.start();
    collector.silent = true;
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = String(EXPORT_LIMIT_MS);
    try {
      const services = await Promise.all([run(collector), run(undefined)]);
      // Nest has one log in a process: the lines of both are in the log of one of them.
      const lines = () => services.flatMap(({ log }) => log).filter(({ context }) => context === 'Tracing');
      await until(() => lines().length >= 2);
      expect(lines().map(({ level, msg }) => [level, /does not take traces/.test(String(msg))])).toEqual([
        ['warn', true],
        ['warn', true],
      ]);
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
      await collector.close();
    }
  });
});

it('without a collector nothing of OpenTelemetry is loaded but its interfaces', async () => {
  // In a process of its own: this one has loaded it for the tests above. The interfaces come with prom-client.
  const script = `
    await import('./src/app.module.ts');
    const { createRequire } = await import('node:module');
    const cached = Object.keys(createRequire(import.meta.url).cache);
    console.log(cached.some((path) => path.includes('/pg/')), cached.some((path) => /@opentelemetry.(?!api)/.test(path)));`;
  const args = ['--import', '@swc-node/register/esm-register', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(stdout.trim()).toBe('true false');
});
