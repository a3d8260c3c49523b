import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IssuerUnavailable, TokenVerifier } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { environmentOf } from '../../src/library/library.environment.js';
import { openTraceExport } from '../../src/telemetry/otlp.export.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type IssuerKey, makeKey, tokenOf } from './issuer.js';

let server: Server;
let url: string;
let key: IssuerKey;
/** Connections that were tried, and requests that came over them. */
const seen = { tried: 0, requests: 0 };

beforeAll(async () => {
  key = await makeKey('first');
  const folder = await temporaryFolder();
  const [keyFile, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', keyFile, '-out', certificate],
  ]);
  const files = { key: await readFile(keyFile), cert: await readFile(certificate) };
  server = createServer(files, (request, response) => {
    seen.requests++;
    request.resume();
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }));
  });
  server.on('connection', () => seen.tried++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  Object.assign(seen, { tried: 0, requests: 0 });
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
});

describe('a server whose certificate nobody known has signed', () => {
  it('is not asked for the keys of the issuer', async () => {
    const names = { AUTH_ISSUER: 'https://id.hospital.example', AUTH_AUDIENCE: 'silgi-test' };
    const verifier = await TokenVerifier.of(readEnvironment({ AUTH_JWKS: url, ...names }));
    await expect(verifier.verify(await tokenOf(key))).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(seen).toEqual({ tried: expect.any(Number), requests: 0 });
    expect(seen.tried).toBeGreaterThan(0);
  });

  it('is sent no traces', async () => {
    const traces = openTraceExport(`${url}/v1/traces`);
    traces.tracer.startSpan('a deletion').end();
    await traces.close();
    expect(seen).toEqual({ tried: expect.any(Number), requests: 0 });
    expect(seen.tried).toBeGreaterThan(0);
  });
});

describe('the certificate of the database', () => {
  const url = 'postgres://silgi@db.example/hospital?sslmode=';

  it.each([
    ['DATABASE_URL', `${url}no-verify`],
    ['MIGRATION_DATABASE_URL', `${url}verify-full&sslmode=no-verify`],
    ['DATABASE_URL', `${url}require&uselibpqcompat=true`],
    ['DATABASE_URL', 'postgres://db.example/hospital?ssl=no-verify'],
    ['PGSSLMODE', 'no-verify'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ])('is not left unchecked by %s=%s', (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(new RegExp(`^${name} must not`));
  });

  it('is not left unchecked by the process of an application that embeds Silgi', () => {
    const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
    const before = process.env[name];
    process.env[name] = '0';
    try {
      expect(() => environmentOf({ database: { url: `${url}verify-full` } })).toThrow(
        `${name} must not be 0`,
      );
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    }
  });

  it.each(['require', 'verify-ca', 'verify-full'])('is checked with sslmode=%s', (mode) => {
    const env = { DATABASE_URL: url + mode, PGSSLMODE: mode, NODE_TLS_REJECT_UNAUTHORIZED: '1' };
    expect(readEnvironment(env).databaseUrl).toBe(url + mode);
  });
});
