import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { expectProblem, REQUEST } from '../admin/api.js';
import { seedPatient } from '../support/patients.js';
import { statusesIn } from './raw.socket.js';
import { UntouchedPatient } from './requests.stage.js';

let patient: UntouchedPatient;

beforeAll(async () => {
  patient = await UntouchedPatient.open();
});

afterEach(() => patient.assertUntouched());

afterAll(() => patient.close());

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
    const response = await patient.api.call('get', `/patients?${query}`, 'system-admin');
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  it('is refused where the address is longer than any search', async () => {
    const response = await patient.api.call('get', `/patients?search=${'x'.repeat(4_100)}`, 'system-admin');
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
    const heard = await patient.hearDeletion(
      JSON.stringify(REQUEST),
      values.map((value) => `${name}: ${value}`),
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
    const heard = await patient.hearDeletion('{}', [header]);
    expect(statusesIn(heard)).toEqual([status]);
    expect(heard).not.toMatch(/^set-cookie/im);
    expect(heard).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r$/im);
  });

  it.each(['a%0d%0aSet-Cookie:x=1', '<script>', 'ı', 'a\tb', '{"a":1}'])(
    'with the request id “%s” gets one of our own back',
    async (id) => {
      const heard = await patient.hearDeletion('{}', [`X-Request-Id: ${id}`]);
      expect(heard).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r$/im);
      expect(heard).not.toContain(id);
    },
  );

  it('cannot change the method', async () => {
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
      await patient.api
        .call('get', patient.deletions, 'system-admin')
        .set(name, 'POST')
        .expect(200)
        .expect(({ body }) => {
          expect(body).toHaveProperty('items', []);
        });
    expectProblem(
      await patient.api.call('post', `${patient.deletions}?_method=GET`, 'system-admin').send(REQUEST),
      400,
      'VALIDATION_FAILED',
      { errors: [{ path: '_method', message: 'is not known here' }] },
    );
  });

  it('that is too large is refused before the application hears of it', async () => {
    const heard = await patient.hearDeletion('{}', [`X-Fill: ${'x'.repeat(17_000)}`]);
    expect(statusesIn(heard)).toEqual([431]);
    expect(heard).toContain('"message":"The headers are larger than 16 kB"');
    expect(heard).toContain('Content-Type: application/problem+json');
    const many = Array.from({ length: 4_000 }, (_, index) => `X-${index}: 1`);
    expect(statusesIn(await patient.hearDeletion('{}', many))).toEqual([431]);
  });

  it('with a token that is too large is refused', async () => {
    const response = await patient.api
      .call('get', '/patients')
      .set('Authorization', `Bearer ${'x'.repeat(9_000)}`);
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
    const heard = await patient.hearDeletion(`0\r\n\r\n${smuggled}`, headers);
    expect(statusesIn(heard)).toEqual([400]);
    expect(heard).toMatch(/^Connection: close\r$/im);
    expect(heard).not.toContain('live');
  });

  it.each(['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000\u0001'])(
    'or that is none at all gets a problem back: %j',
    async (text) => {
      const heard = await patient.hear(text);
      expect(statusesIn(heard)).toEqual([400]);
      expect(heard).toContain('"code":"VALIDATION_FAILED"');
      expect(heard).toContain('X-Content-Type-Options: nosniff');
    },
  );

  it('is not accepted without a host', async () => {
    expect(statusesIn(await patient.hear('GET /api/v1/health/live HTTP/1.1\r\n\r\n'))).toEqual([400]);
  });
});

describe('a method that no call has', () => {
  it.each(['TRACE', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'PURGE', 'QUERY'])(
    'is refused, with what came in it repeated nowhere: %s',
    async (method) => {
      const path = `/api/v1${patient.deletions}`;
      const secret = 'X-Secret: Yıldız';
      const heard = await patient.hear(
        `${method} ${path} HTTP/1.1\r\nHost: silgi\r\n${secret}\r\nConnection: close\r\n\r\n`,
      );
      const status =
        method === 'OPTIONS' ? 404 : method === 'QUERY' && heard.includes('not HTTP') ? 400 : 405;
      expect(statusesIn(heard)).toEqual([status]);
      expect(/^allow: (.*)$/im.exec(heard)?.[1]).toBe(status === 405 ? 'GET, HEAD, POST' : undefined);
      expect(heard).not.toMatch(/Y.+ld.+z/i);
    },
  );

  it('is not CONNECT either', async () => {
    expect(await patient.hear('CONNECT db:5432 HTTP/1.1\r\nHost: db\r\n\r\n')).not.toContain('200');
  });
});

describe('an id of something that is another patient’s', () => {
  it('finds nothing under this patient', async () => {
    const other = await seedPatient(patient.database, 2);
    const done = await patient.api
      .call('post', `/patients/${other}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(201);
    const { deletionId } = done.body as { deletionId: string };
    await patient.api.call('get', `/patients/${other}/deletions/${deletionId}`, 'auditor').expect(200);
    for (const path of [
      `${patient.deletions}/${deletionId}`,
      `${patient.deletions}/${deletionId}/certificate`,
    ])
      expectProblem(await patient.api.call('get', path, 'auditor'), 404, 'DELETION_NOT_FOUND');
    expect((await patient.api.call('get', patient.deletions, 'auditor').expect(200)).body).toHaveProperty(
      'items',
      [],
    );
  });
});
