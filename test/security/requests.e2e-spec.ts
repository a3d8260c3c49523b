import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { readEnvironment } from '../../src/config/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { hear, statusesIn } from './raw.socket.js';

let database: TestDatabase;
let api: Api;
let port: number;
let bearer: string;
let patientId: string;
let before: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  port = (api.app.getHttpServer().address() as AddressInfo).port;
  bearer = api.call('get', '/patients', 'system-admin').get('Authorization');
  patientId = await seedPatient(database, 1);
  before = await digestOf(database, patientId);
});

afterEach(async () => {
  expect(await digestOf(database, patientId)).toBe(before);
  expect(await auditEventsOf(database, patientId)).toEqual([]);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const deletions = () => `/patients/${patientId}/deletions`;
const remove = () => api.call('post', deletions(), 'system-admin').set('Content-Type', 'application/json');

/** A deletion as text, with a body of the test's own; the connection ends after it. */
function rawDeletion(body: string, more: string[] = []): string {
  return [
    `POST /api/v1${deletions()} HTTP/1.1`,
    'Host: silgi',
    `Authorization: ${bearer}`,
    'Content-Type: application/json',
    ...(more.some((line) => /^(?:Content-Length|Transfer-Encoding)/i.test(line))
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`]),
    'Connection: close',
    ...more,
    '',
    body,
  ].join('\r\n');
}

const TWICE = '{"reason":"COURT_ORDER","reason":"DATA_SUBJECT_REQUEST","legalBasis":"KVKK_ART_7"}';

describe('the body of a deletion is refused, and nothing changes,', () => {
  it.each([
    ['names a field twice', TWICE, 'more than once'],
    ['names a field twice, once escaped', TWICE.replace('"reason"', '"\\u0072eason"'), 'more than once'],
    [
      'brings a prototype',
      '{"reason":"COURT_ORDER","legalBasis":"KVKK_ART_7","__proto__":{"roles":["auditor"]}}',
      'a field that no call has',
    ],
    [
      'brings a constructor',
      JSON.stringify({ ...REQUEST, constructor: { prototype: { a: 1 } } }),
      'no call has',
    ],
    ...['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'].map((name) => [
      `brings ${name}`,
      JSON.stringify({ ...REQUEST, [name]: 1 }),
      'no call has',
    ]),
    ...['then', 'length', 'toJSON'].map((name) => [
      `brings ${name}`,
      JSON.stringify({ ...REQUEST, [name]: 1 }),
      'not known here',
    ]),
    ['is nested deeper than anybody needs', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'nested'],
    ['is a list nested as deep as 64 kB go', '['.repeat(32_000) + ']'.repeat(32_000), 'nested'],
    ['has a byte order mark', `\ufeff${JSON.stringify(REQUEST)}`, 'not valid JSON'],
    ['has a null byte', JSON.stringify(REQUEST).replace('K', '\u0000K'), 'not valid JSON'],
    [
      'has an escaped null byte',
      '{"reason":"COURT_ORDER\\u0000","legalBasis":"KVKK_ART_7"}',
      'must be one of',
    ],
  ])('when it %s', async (_, body, expectation) => {
    const response = await remove().send(body);
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    expect(response.text).toContain(expectation);
    expect(({} as Record<string, unknown>)['roles']).toBeUndefined();
  });

  it.each([
    ['is not in UTF-8', [0x22, 0xfd, 0x22, 0x3a, 0x31], 'not in UTF-8'],
    ['has letters encoded too long', [0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31], 'not in UTF-8'],
  ])('when it %s', async (_, bytes, expectation) => {
    const body = Buffer.concat([Buffer.from('{'), Buffer.from(bytes), Buffer.from('}')]);
    const response = await remove()
      .serialize(() => body as unknown as string)
      .send({});
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: expect.any(String) }],
    });
    expect(response.text).toContain(expectation);
  });

  it.each(['application/json; charset=utf-16', 'application/json;charset="latin5"'])(
    'when it says that it is %s',
    async (type) => {
      const response = await remove().set('Content-Type', type).send(JSON.stringify(REQUEST));
      expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    },
  );

  it.each([
    'application/vnd.api+json',
    'application/json-patch+json',
    'text/json',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
    'application/json, text/plain',
  ])('when its type is “%s”', async (type) => {
    const response = await remove().set('Content-Type', type).send(JSON.stringify(REQUEST));
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'Content-Type', message: 'must be application/json' }],
    });
  });

  it('when it is compressed: a small one may hold a huge one', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const used = process.memoryUsage().arrayBuffers;
    for (const [encoding, body] of [
      ['gzip', bomb],
      ['gzip', gzipSync(JSON.stringify(REQUEST))],
      ['deflate', deflateSync(JSON.stringify(REQUEST))],
      ['br', Buffer.from('x')],
      ['gzip, gzip', bomb],
      ['x-unknown', Buffer.from('{}')],
    ] as const) {
      const response = await remove()
        .set('Content-Encoding', encoding)
        .serialize(() => body as unknown as string)
        .send({});
      expectProblem(response, 400, 'VALIDATION_FAILED', {
        errors: [{ path: 'Content-Encoding', message: 'must be absent; send plain JSON' }],
      });
    }
    expect(process.memoryUsage().arrayBuffers - used).toBeLessThan(20_000_000);
  });

  it('when it turns out to be too large as it comes', async () => {
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
    const heard = await hear(
      port,
      rawDeletion(`${chunk.repeat(20)}0\r\n\r\n`, ['Transfer-Encoding: chunked']),
    );
    expect(statusesIn(heard)).toEqual([413]);
    expect(heard).toContain('"code":"VALIDATION_FAILED"');
  });
});

describe('a query', () => {
  it.each([
    'limit=1&limit=2',
    'limit[]=1',
    'limit[a]=1',
    'search=a&search=b',
    'search[$ne]=a',
    'state=live&state=deleted',
    'state[]=live',
    'cursor=1&cursor=2',
    '__proto__=1',
    'constructor=1',
    'toString=1',
    'hasOwnProperty=1',
    '__proto__[limit]=1',
    'constructor[prototype][limit]=1',
    'search=%00',
    'search=a%0d%0aSet-Cookie:x=1',
    'limit=1%00',
    `cursor=${randomUUID()}%27--`,
  ])('is refused where it is ?%s', async (query) => {
    const response = await api.call('get', `/patients?${query}`, 'system-admin');
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  it('is refused where the address is longer than any search', async () => {
    const response = await api.call('get', `/patients?search=${'x'.repeat(4_100)}`, 'system-admin');
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: 'The address is longer than 4096 characters' }],
    });
  });
});

describe('a header', () => {
  it.each([
    ['Authorization', ['x']],
    ['Content-Type', ['text/plain']],
    ['Content-Encoding', ['identity', 'gzip']],
    ['Host', ['elsewhere']],
  ])('that must be single is refused where it comes twice: %s', async (name, values) => {
    const heard = await hear(
      port,
      rawDeletion(
        JSON.stringify(REQUEST),
        values.map((value) => `${name}: ${value}`),
      ),
    );
    expect(statusesIn(heard)).toEqual([400]);
    expect(heard).toContain(`"errors":[{"path":"${name}","message":"must be given once"}]`);
  });

  it.each([
    ['X-Request-Id: a\r\nb: c\r\n d', 400],
    ['X-Request-Id: a\nSet-Cookie: x=1', 400],
    ['X-Request-Id: a\rSet-Cookie: x=1', 400],
    ['X-Request-Id: a\u0000b', 400],
    ['Idempotency-Key: a\u0000b', 400],
    ['Idempotency-Key: a%0d%0aSet-Cookie: x=1', 400],
    ['Idempotency-Key : a', 400],
    ['Idempotency-Key: a\r\nIdempotency-Key: b', 400],
  ])('cannot bring another: %j', async (header, status) => {
    const heard = await hear(port, rawDeletion('{}', [header]));
    expect(statusesIn(heard)).toEqual([status]);
    expect(heard).not.toMatch(/^set-cookie/im);
    expect(heard).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r$/im);
  });

  it.each(['a%0d%0aSet-Cookie:x=1', '<script>', 'ı', 'a\tb', '{"a":1}'])(
    'with the request id “%s” gets one of our own back',
    async (id) => {
      const heard = await hear(port, rawDeletion('{}', [`X-Request-Id: ${id}`]));
      expect(heard).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r$/im);
      expect(heard).not.toContain(id);
    },
  );

  it('cannot change the method', async () => {
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
      await api
        .call('get', deletions(), 'system-admin')
        .set(name, 'POST')
        .expect(200)
        .expect(({ body }) => {
          expect(body).toHaveProperty('items', []);
        });
    expectProblem(
      await api.call('post', `${deletions()}?_method=GET`, 'system-admin').send(REQUEST),
      400,
      'VALIDATION_FAILED',
      { errors: [{ path: '_method', message: 'is not known here' }] },
    );
  });

  it('that is too large is refused before the application hears of it', async () => {
    const heard = await hear(port, rawDeletion('{}', [`X-Fill: ${'x'.repeat(17_000)}`]));
    expect(statusesIn(heard)).toEqual([431]);
    expect(heard).toContain('"message":"The headers are larger than 16 kB"');
    expect(heard).toContain('Content-Type: application/problem+json');
    const many = Array.from({ length: 4_000 }, (_, index) => `X-${index}: 1`);
    expect(statusesIn(await hear(port, rawDeletion('{}', many)))).toEqual([431]);
  });

  it('with a token that is too large is refused', async () => {
    const response = await api.call('get', '/patients').set('Authorization', `Bearer ${'x'.repeat(9_000)}`);
    expectProblem(response, 401, 'UNAUTHENTICATED');
    expect(response.text).toContain('The token is too long');
  });
});

describe('a request that two readers could end at different places', () => {
  const smuggled = 'GET /api/v1/health/live HTTP/1.1\r\nHost: silgi\r\n\r\n';

  it.each([
    ['with Content-Length and Transfer-Encoding', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['with Transfer-Encoding and Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['with two lengths', ['Content-Length: 2', 'Content-Length: 60']],
    ['with a length that is none', ['Content-Length: +2']],
    ['with a list of lengths', ['Content-Length: 2, 60']],
    ['with an encoding that hides', ['Transfer-Encoding: xchunked']],
    ['with an encoding that is not the last', ['Transfer-Encoding: chunked, identity']],
    ['with an encoding and a space before the colon', ['Transfer-Encoding : chunked']],
    ['with a folded encoding', ['Transfer-Encoding:\r\n chunked', 'Content-Length: 4']],
    ['with line ends of one letter', ['X: a\nTransfer-Encoding: chunked']],
  ])('is refused once and for all: %s', async (_, headers) => {
    const heard = await hear(port, rawDeletion(`0\r\n\r\n${smuggled}`, headers));
    expect(statusesIn(heard)).toEqual([400]);
    expect(heard).toMatch(/^Connection: close\r$/im);
    expect(heard).not.toContain('live');
  });

  it.each(['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000\u0001'])(
    'or that is none at all gets a problem back: %j',
    async (text) => {
      const heard = await hear(port, text);
      expect(statusesIn(heard)).toEqual([400]);
      expect(heard).toContain('"code":"VALIDATION_FAILED"');
      expect(heard).toContain('X-Content-Type-Options: nosniff');
    },
  );

  it('is not accepted without a host', async () => {
    expect(statusesIn(await hear(port, 'GET /api/v1/health/live HTTP/1.1\r\n\r\n'))).toEqual([400]);
  });
});

describe('a method that no call has', () => {
  it.each(['TRACE', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'PURGE', 'QUERY'])(
    'is no route: %s',
    async (method) => {
      const path = `/api/v1${deletions()}`;
      const secret = 'X-Secret: Yıldız';
      const heard = await hear(
        port,
        `${method} ${path} HTTP/1.1\r\nHost: silgi\r\n${secret}\r\nConnection: close\r\n\r\n`,
      );
      expect(statusesIn(heard)).toEqual([method === 'QUERY' && heard.includes('not HTTP') ? 400 : 404]);
      expect(heard).not.toMatch(/Y.+ld.+z|^allow:/im);
    },
  );

  it('is not CONNECT either', async () => {
    expect(await hear(port, 'CONNECT db:5432 HTTP/1.1\r\nHost: db\r\n\r\n')).not.toContain('200');
  });
});

describe('another site’s page', () => {
  const origin = 'https://evil.example';

  it('is told nothing that would let it read an answer', async () => {
    const responses = [
      await api.call('get', '/patients', 'system-admin').set('Origin', origin).expect(200),
      await api.call('get', '/patients').set('Origin', origin).expect(401),
      await api.raw('get', '/health/live').set('Origin', 'null').expect(200),
    ];
    for (const { headers } of responses) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(headers).toHaveProperty('cross-origin-resource-policy', 'same-origin');
    }
  });

  it('gets no leave to ask', async () => {
    const response = await api
      .raw('options', `/api/v1${deletions()}`)
      .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
    expectProblem(response, 404, 'ROUTE_NOT_FOUND');
    expect(JSON.stringify(response.headers)).not.toMatch(/access-control|"allow"/i);
  });
});

describe('every answer', () => {
  const HEADERS = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    'content-security-policy': expect.stringMatching(
      /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'.*sandbox/,
    ),
  };

  it('tells browsers to do nothing with it, success or failure', async () => {
    for (const response of [
      await api.call('get', '/patients', 'system-admin').expect(200),
      await api.call('get', '/patients').expect(401),
      await api.raw('get', '/nothing').expect(404),
      await api.raw('get', '/metrics').expect(200),
      await remove().send('{').expect(400),
    ]) {
      expect(response.headers).toMatchObject(HEADERS);
      expect(response.headers).not.toHaveProperty('strict-transport-security');
      expect(response.headers['content-type']).toMatch(/; charset=utf-8/);
    }
  });

  it('demands TLS from then on where it came over TLS, and believes nobody of that but the proxy', async () => {
    const behind = await openApi(database.url, { env: { TRUST_PROXY: '127.0.0.1' } });
    const over = (from: Api, proto: string) =>
      from.raw('get', '/health/live').set('X-Forwarded-Proto', proto).expect(200);
    expect((await over(behind, 'https')).headers).toHaveProperty(
      'strict-transport-security',
      'max-age=63072000; includeSubDomains',
    );
    for (const { headers } of [await over(behind, 'http'), await over(api, 'https')])
      expect(headers).not.toHaveProperty('strict-transport-security');
    await behind.close();
  });
});

describe('Swagger UI', () => {
  it('may load its own files and call this service, and no more', async () => {
    for (const path of ['/docs', '/docs/swagger-ui-init.js', '/docs/swagger-ui-bundle.js']) {
      const { headers } = await api.raw('get', path).expect(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/default-src 'none'.*script-src 'self';.*connect-src 'self'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).not.toMatch(/script-src[^;]*unsafe|sandbox|https?:/);
      expect(headers).toHaveProperty('x-content-type-options', 'nosniff');
    }
  });

  it('is not there in production, nor is the document, unless asked for', async () => {
    const inProduction = (SWAGGER_UI: string) => {
      const { swaggerUi } = readEnvironment({ NODE_ENV: 'production', SWAGGER_UI });
      return openApi(database.url, { env: { SWAGGER_UI: String(swaggerUi) } });
    };
    const bare = await inProduction('');
    for (const path of ['/docs', '/docs/', '/docs-json', '/docs-yaml', '/docs/swagger-ui-bundle.js'])
      expectProblem(await bare.raw('get', path), 404, 'ROUTE_NOT_FOUND');
    await bare.close();
    const wanted = await inProduction('true');
    for (const path of ['/docs', '/docs-json']) await wanted.raw('get', path).expect(200);
    await wanted.close();
  });
});

describe('an id of something that is another patient’s', () => {
  it('finds nothing under this patient', async () => {
    const other = await seedPatient(database, 2);
    const done = await api
      .call('post', `/patients/${other}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(201);
    const { deletionId } = done.body as { deletionId: string };
    await api.call('get', `/patients/${other}/deletions/${deletionId}`, 'auditor').expect(200);
    for (const path of [`${deletions()}/${deletionId}`, `${deletions()}/${deletionId}/certificate`])
      expectProblem(await api.call('get', path, 'auditor'), 404, 'DELETION_NOT_FOUND');
    expect((await api.call('get', deletions(), 'auditor').expect(200)).body).toHaveProperty('items', []);
  });
});
