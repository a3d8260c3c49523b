import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deflateSync, gzipSync } from 'node:zlib';
import { expectProblem, REQUEST } from '../admin/api.js';
import { statusesIn } from './raw.socket.js';
import { UntouchedPatient } from './requests.stage.js';

let patient: UntouchedPatient;

beforeAll(async () => {
  patient = await UntouchedPatient.open();
});

afterEach(() => patient.assertUntouched());

afterAll(() => patient.close());

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
    const response = await patient.remove().send(body);
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    expect(response.text).toContain(expectation);
    expect(({} as Record<string, unknown>)['roles']).toBeUndefined();
  });

  it.each([
    ['is not in UTF-8', [0x22, 0xfd, 0x22, 0x3a, 0x31], 'not in UTF-8'],
    ['has letters encoded too long', [0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31], 'not in UTF-8'],
  ])('when it %s', async (_, bytes, expectation) => {
    const body = Buffer.concat([Buffer.from('{'), Buffer.from(bytes), Buffer.from('}')]);
    const response = await patient
      .remove()
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
      const response = await patient.remove().set('Content-Type', type).send(JSON.stringify(REQUEST));
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
    const response = await patient.remove().set('Content-Type', type).send(JSON.stringify(REQUEST));
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
      const response = await patient
        .remove()
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
    const heard = await patient.hearDeletion(`${chunk.repeat(20)}0\r\n\r\n`, ['Transfer-Encoding: chunked']);
    expect(statusesIn(heard)).toEqual([413]);
    expect(heard).toContain('"code":"VALIDATION_FAILED"');
  });
});
