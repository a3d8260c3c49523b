import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { documentOf } from '../contract/document.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

let database: TestDatabase;
let api: Api;
let patientId: string;
let before: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
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

function remove() {
  return api.call('post', `/patients/${patientId}/deletions`, 'system-admin');
}

describe('a deletion is refused, and nothing changes,', () => {
  it.each([
    ['nothing', {}, ['reason', 'legalBasis']],
    ['no reason', { legalBasis: 'KVKK_ART_7' }, ['reason']],
    ['a reason in free text', { ...REQUEST, reason: 'Işıl Yıldız asked' }, ['reason']],
    ['a reason of another type', { ...REQUEST, reason: ['COURT_ORDER'] }, ['reason']],
    ['no reason but null', { ...REQUEST, reason: null }, ['reason']],
    ['a wrong law', { ...REQUEST, legalBasis: 'GDPR_ART_17_1_G' }, ['legalBasis']],
    ['a digest that is none', { ...REQUEST, previewDigest: 'abc' }, ['previewDigest']],
    ['a digest in capitals', { ...REQUEST, previewDigest: 'A'.repeat(64) }, ['previewDigest']],
    ['an unknown field', { ...REQUEST, force: true }, ['force']],
    ['a field that is the server’s', { ...REQUEST, requestedBy: 'root' }, ['requestedBy']],
    ['a list', [REQUEST], undefined],
    ['an empty list', [], undefined],
  ])('for %s in the body', async (_, body, paths) => {
    const response = await remove().send(body);
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
    const { errors } = response.body as { errors: { path: string }[] };
    if (paths !== undefined) expect(errors.map(({ path }) => path).sort()).toEqual([...paths].sort());
    expect(errors.length).toBeGreaterThan(0);
  });

  it.each([
    ['not JSON', 'application/json', '{"reason":"Işıl', 'The body is not valid JSON'],
    ['a bare string', 'application/json', '"COURT_ORDER"', 'The body is not valid JSON'],
    ['of another type', 'text/plain', JSON.stringify(REQUEST), 'must be application/json'],
    ['a form', 'application/x-www-form-urlencoded', 'reason=COURT_ORDER', 'must be application/json'],
    ['in another encoding', 'application/json; charset=latin9', '{}', 'send JSON in UTF-8'],
  ])('when its body is %s', async (_, type, body, expectation) => {
    expectProblem(await remove().set('Content-Type', type).send(body), 400, 'VALIDATION_FAILED', {
      errors: [{ path: expect.any(String), message: expect.stringContaining(expectation) }],
    });
  });

  it('when there is no body', async () => {
    expectProblem(await remove(), 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
  });

  it('when its body is too large', async () => {
    const response = await remove().send({ ...REQUEST, note: 'x'.repeat(70_000) });
    expectProblem(response, 413, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: 'The body is larger than 64 kB' }],
    });
  });

  it.each([
    ['with a space', 'a b'],
    ['too long', 'k'.repeat(256)],
    ['empty', ''],
    ['not ASCII', 'ümit'],
  ])('when its Idempotency-Key is %s', async (_, key) => {
    expectProblem(await remove().set('Idempotency-Key', key).send(REQUEST), 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'Idempotency-Key', message: expect.stringContaining('visible ASCII') }],
    });
  });

  it('when the patient’s id is none', async () => {
    const response = await api.call('post', '/patients/1/deletions', 'system-admin').send(REQUEST);
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'patientId', message: 'must be a UUID' }],
    });
  });

  it('when a query comes with it', async () => {
    const response = await api
      .call('post', `/patients/${patientId}/deletions?dryRun=true`, 'system-admin')
      .send(REQUEST);
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'dryRun', message: 'is not known here' }],
    });
  });
});

describe('what is not there', () => {
  it.each([
    ['get', '/api/v1/nothing'],
    ['post', '/nothing'],
    ['put', '/api/v1/patients/Yıldız/deletions/Yıldız/nothing'],
    ['get', '/nothing'],
    ['get', '/api/v1'],
  ] as const)('%s %s is a problem too', async (method, path) => {
    expectProblem(await api.raw(method, encodeURI(path)), 404, 'ROUTE_NOT_FOUND');
  });
});

describe('a method that its path does not have', () => {
  const READ = 'GET, HEAD';
  const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
  const expectRefused = (response: Awaited<ReturnType<Api['raw']>>, allow: string) => {
    expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
    expect(response.headers['allow']).toBe(allow);
  };

  it.each([
    ['put', '/api/v1/patients', READ],
    ['delete', '/api/v1/patients/Yıldız', READ],
    ['patch', '/API/v1/patients/1/', READ],
    ['post', '/api/v1/patients/%zz', READ],
    ['post', '/api/v1/patients?search=x', READ],
    ['get', '/api/v1/patients/1/deletion-preview', 'POST'],
    ['delete', '/api/v1/patients/1/deletions', 'GET, HEAD, POST'],
    ['put', '/api/v1/deletion-batches', 'GET, HEAD, POST'],
    ['post', '/api/v1/health/ready', READ],
    ['put', '/health/live', READ],
    ['delete', '/api/v1/metrics', READ],
    ['post', '/metrics', READ],
    ['put', '/docs', READ],
    ['post', '/docs-json', READ],
    ['post', '/', READ],
  ] as const)('is refused as %s %s, with those that it has', async (method, path, allow) => {
    const sent = path.includes('%') ? path : encodeURI(path);
    expectRefused(await api.raw(method, sent), allow);
  });

  it('is refused on every path of the document, and every other is not', async () => {
    const { paths } = documentOf(api.app);
    expect(Object.keys(paths).length).toBeGreaterThan(15);
    for (const [path, calls] of Object.entries(paths)) {
      const has: string[] = 'get' in calls ? [...Object.keys(calls), 'head'] : Object.keys(calls);
      for (const method of METHODS) {
        const response = await api.raw(method, path.replace(/\{\w+\}/g, 'x'));
        const { status } = response;
        expect({ method, path, is405: status === 405 }).toEqual({
          method,
          path,
          is405: !has.includes(method),
        });
        const allow = METHODS.filter((one) => has.includes(one)).map((one) => one.toUpperCase());
        if (status === 405) expect(response.headers['allow']).toBe(allow.join(', '));
      }
    }
  });

  it('is what is wrong with it, whatever its body is', async () => {
    const path = `/api/v1/patients/${patientId}`;
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const method of ['post', 'put'] as const)
      expectRefused(await api.raw(method, path).set(form).send('reason=COURT_ORDER'), READ);
    expectRefused(await api.raw('post', path).set('Content-Type', 'application/json').send('{'), READ);
  });

  it('is not told to whoever asks with OPTIONS', async () => {
    const response = await api.raw('options', '/api/v1/patients');
    expectProblem(response, 404, 'ROUTE_NOT_FOUND');
    expect(response.headers).not.toHaveProperty('allow');
  });
});
