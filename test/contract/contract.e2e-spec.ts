import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ProblemFilter } from '../../src/admin/problems/problem.filter.js';
import { DeletionRecords, PatientDirectory } from '../../src/patient/index.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Contract, ContractViolation, type Received } from './contract.js';
import { currentDocument } from './document.js';

const patientId = randomUUID();
const PATIENT = {
  patientId,
  recordNumber: 'H-1',
  givenName: 'Ada',
  familyName: 'Deniz',
  birthDate: null,
  state: 'live',
  deletionId: null,
};

let database: TestDatabase;
let contract: Contract;
let api: Api | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  contract = new Contract(await currentDocument());
});

afterEach(async () => {
  await api?.close();
  api = undefined;
});

afterAll(async () => {
  await database.drop();
});

/** The service with a reader of patients that answers so. */
async function answering(get: () => unknown): Promise<Api> {
  return (api = await openApi(database.url, {
    override: (builder) =>
      builder.overrideProvider(PatientDirectory).useValue({ get: () => Promise.resolve(get()) }),
  }));
}

async function faultOf(request: PromiseLike<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('every test through the API', () => {
  it('passes where a handler answers what the document promises', async () => {
    const service = await answering(() => PATIENT);
    await service.call('get', `/patients/${patientId}`, 'system-admin').expect(200);
    await service.raw('head', '/health/live').expect(200);
    await service.raw('head', '/nowhere').expect(404);
    await service.raw('delete', '/api/v1/patients').expect(405);
  });

  it.each([
    [
      'a field too few',
      { ...PATIENT, recordNumber: undefined },
      /must have required property 'recordNumber'/,
    ],
    ['a value of another type', { ...PATIENT, familyName: 5 }, /\/familyName must be string/],
    [
      'a value that is none of the listed',
      { ...PATIENT, state: 'gone' },
      /must be equal to one of the allowed/,
    ],
    ['a date that is none', { ...PATIENT, birthDate: 'May' }, /\/birthDate must match format "date"/],
  ])('fails where a handler answers %s', async (_, patient, message) => {
    const service = await answering(() => patient);
    const fault = await faultOf(service.call('get', `/patients/${patientId}`, 'system-admin'));
    expect(fault).toMatch(
      /GET \/api\/v1\/patients\/\{patientId\} \(getPatient\) answered 200: the body does not/,
    );
    expect(fault).toMatch(message);
  });

  it('fails where a handler answers a field that the document does not have', async () => {
    const page = { items: [], nextCursor: null, nationalId: '10000000146' };
    api = await openApi(database.url, {
      override: (builder) =>
        builder.overrideProvider(DeletionRecords).useValue({
          page: () => ({ slice: () => ({ ...page, map: () => [] }), map: () => [page] }),
        }),
    });
    const fault = await faultOf(api.call('get', '/deletions', 'auditor'));
    expect(fault).toContain('must NOT have additional properties');
  });

  it('fails where an error leaves in another shape', async () => {
    const filter = ProblemFilter.prototype;
    const original = Object.getOwnPropertyDescriptor(filter, 'catch') ?? {};
    Object.defineProperty(filter, 'catch', {
      ...original,
      value: (_: unknown, host: { switchToHttp(): { getResponse(): Wrong } }) => {
        host.switchToHttp().getResponse().status(500).json({ message: 'Internal server error' });
      },
    });
    try {
      api = await openApi(database.url, {
        override: (builder) =>
          builder.overrideProvider(PatientDirectory).useValue({ get: () => Promise.reject(new Error()) }),
      });
      const fault = await faultOf(api.call('get', `/patients/${patientId}`, 'system-admin'));
      expect(fault).toMatch(/answered 500: the content type application\/json.* is not documented/);
    } finally {
      Object.defineProperty(filter, 'catch', original);
    }
  });
});

/** Found by the hostile requests, and held here for good. */
describe('a request', () => {
  it('with a body too deep to walk through is refused, not failed at', async () => {
    api = await openApi(database.url);
    const response = await api
      .call('post', `/patients/${patientId}/deletions`, 'system-admin')
      .set('Content-Type', 'application/json')
      .send('['.repeat(30_000) + ']'.repeat(30_000));
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: 'The body is nested deeper than 16 levels' }],
    });
  });

  it('that asks whether its copy still holds gets the whole answer', async () => {
    api = await openApi(database.url);
    const request = api.call('get', '/deletions', 'auditor').set('If-None-Match', '*');
    expect((await request.expect(200)).body).toEqual({ items: [], nextCursor: null });
  });

  it('with a field that may be a value is refused without a word of it', async () => {
    api = await openApi(database.url);
    const request = api.call('post', `/patients/${patientId}/deletions`, 'system-admin');
    const response = await request.send({ ...REQUEST, 'Işıl Yıldız': 1 });
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: '(a field)', message: 'is not known here' }],
    });
  });
});

interface Wrong {
  status(code: number): { json(body: object): void };
}

describe('the contract', () => {
  const LIVE: Received = {
    method: 'GET',
    target: '/api/v1/health/live?x=1',
    status: 200,
    text: '{"status":"live"}',
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'r-1' },
  };
  const problem = (code: string, status: number, more: object = {}): Partial<Received> => ({
    status,
    headers: { ...LIVE.headers, 'content-type': 'application/problem+json', ...more },
    text: JSON.stringify({ type: 'urn:x:y', title: 't', status, detail: 'd', instance: 'r-1', code }),
  });
  const patients = { target: '/api/v1/patients' };
  const notAllowed = (Allow: string) => problem('METHOD_NOT_ALLOWED', 405, { allow: Allow });

  it.each<[string, Partial<Received>]>([
    ['what is documented', {}],
    ['a probe at the root', { target: '/health/live' }],
    ['another case and a slash at the end', { target: '/API/v1/health/LIVE/' }],
    ['no body to HEAD', { method: 'HEAD', text: '' }],
    ['a problem of the call', { ...patients, ...problem('VALIDATION_FAILED', 400) }],
    ['no such route', { target: '/nowhere', ...problem('ROUTE_NOT_FOUND', 404) }],
    ['no such method', { ...patients, method: 'DELETE', ...notAllowed('GET, HEAD') }],
  ])('takes %s', (_, more) => {
    expect(() => {
      contract.check({ ...LIVE, ...more });
    }).not.toThrow();
  });

  it.each<[string, Partial<Received>, RegExp]>([
    ['a route that is not there', { target: '/api/v1/secrets' }, /has no such route/],
    ['a method that is not there', { method: 'PUT' }, /has no such route/],
    [
      'a path that is there as one that is not',
      { ...patients, method: 'PUT', ...problem('ROUTE_NOT_FOUND', 404) },
      /has this path, with GET, HEAD/,
    ],
    ['a method too many', { ...patients, method: 'PUT', ...notAllowed('GET, HEAD, POST') }, /Allow says/],
    ['methods of no path', { target: '/nowhere', ...notAllowed('GET, HEAD') }, /has no such path/],
    ['a status', { status: 204, text: '' }, /answered 204: this status is not documented; 200/],
    [
      'a content type',
      { headers: { ...LIVE.headers, 'content-type': 'text/html' } },
      /text\/html is not doc/,
    ],
    ['no content type', { headers: { 'x-request-id': 'r-1' } }, /\(none\) is not documented/],
    ['a body that is not JSON', { text: '{"status":' }, /not JSON/],
    ['a body of another shape', { text: '{"status":"dead"}' }, /does not match its schema: \/status/],
    ['one field more', { text: '{"status":"live","host":"a"}' }, /additional properties/],
    ['no request id', { headers: { 'content-type': 'application/json' } }, /X-Request-Id is missing/],
    [
      'a header of another shape',
      { headers: { ...LIVE.headers, 'x-request-id': 'a b' } },
      /X-Request-Id does/,
    ],
    ['no challenge', { ...patients, ...problem('UNAUTHENTICATED', 401) }, /WWW-Authenticate is missing/],
    [
      'a time to wait that is none',
      { ...patients, ...problem('SHARD_UNAVAILABLE', 503, { 'retry-after': 'soon' }) },
      /Retry-After does not match/,
    ],
    [
      'a code of another status',
      { ...patients, ...problem('FORBIDDEN', 400) },
      /FORBIDDEN is not documented/,
    ],
    ['a code of another call', { target: '/x', ...problem('PATIENT_NOT_FOUND', 404) }, /none of its answers/],
    [
      'an instance that is not the request id',
      { ...patients, ...problem('VALIDATION_FAILED', 400, { 'x-request-id': 'r-2' }) },
      /instance is not/,
    ],
  ])('refuses %s', (_, more, message) => {
    const check = () => {
      contract.check({ ...LIVE, ...more });
    };
    expect(check).toThrow(ContractViolation);
    expect(check).toThrow(message);
  });
});
