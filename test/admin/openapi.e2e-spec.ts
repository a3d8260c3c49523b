import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Role, ROLES } from '../../src/auth/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

type Method = 'get' | 'post';

interface Content {
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; description?: string }[];
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<Method, Operation>>;
  components: { schemas: Record<string, { description?: string; properties?: Record<string, object> }> };
}

const ADMIN_AND_OFFICER: readonly Role[] = ['system-admin', 'privacy-officer'];
const AUDIT: readonly Role[] = ['auditor', 'privacy-officer'];

/** The table of API.md, written out: calls that are not built yet are not in it. */
const CONTRACT: Record<string, readonly Role[] | 'public'> = {
  'get /patients': ADMIN_AND_OFFICER,
  'get /patients/{patientId}': ADMIN_AND_OFFICER,
  'post /patients/{patientId}/deletion-preview': ADMIN_AND_OFFICER,
  'post /patients/{patientId}/deletions': ['system-admin'],
  'get /patients/{patientId}/deletions': ROLES,
  'get /patients/{patientId}/deletions/{deletionId}': ROLES,
  'get /patients/{patientId}/deletions/{deletionId}/certificate': ROLES,
  'post /patients/{patientId}/deletions/{deletionId}/restoration': ['privacy-officer'],
  'post /patients/{patientId}/legal-holds': ['privacy-officer'],
  'post /patients/{patientId}/legal-holds/{holdId}/release': ['privacy-officer'],
  'get /patients/{patientId}/legal-holds': AUDIT,
  'get /legal-holds': AUDIT,
  'post /erasure-requests': ['privacy-officer'],
  'get /erasure-requests': ['privacy-officer'],
  'get /erasure-requests/{requestId}': ['privacy-officer'],
  'post /erasure-requests/{requestId}/extension': ['privacy-officer'],
  'post /erasure-requests/{requestId}/refusal': ['privacy-officer'],
  'post /erasure-requests/{requestId}/withdrawal': ['privacy-officer'],
  'get /erasure-requests/{requestId}/letter': ['privacy-officer'],
  'get /retention-policy': AUDIT,
  'get /deletions': ROLES,
  'post /deletion-batches': ['system-admin'],
  'get /deletion-batches': ROLES,
  'get /deletion-batches/{batchId}': ROLES,
  'get /deletion-batches/{batchId}/items': ROLES,
  'get /deletion-batches/{batchId}/events': ROLES,
  'post /deletion-batches/{batchId}/execution': ['system-admin'],
  'post /deletion-batches/{batchId}/pause': ['system-admin'],
  'post /deletion-batches/{batchId}/resume': ['system-admin'],
  'post /deletion-batches/{batchId}/cancel': ['system-admin'],
  'post /deletion-batches/{batchId}/retry': ['system-admin'],
  'get /integrity': ROLES,
  'get /audit-events': AUDIT,
  'get /audit-events/{auditEventId}': AUDIT,
  'get /audit-log/checkpoint': AUDIT,
  'get /audit-log/inclusion-proof/{auditEventId}': AUDIT,
  'get /audit-log/consistency-proof': AUDIT,
  'get /audit-log/verification': AUDIT,
  'get /health/live': 'public',
  'get /health/ready': 'public',
};

/** What a call needs, by the end of its path. */
const BODIES: Readonly<Record<string, object>> = {
  '/deletions': REQUEST,
  '/restoration': { reason: 'OTHER_LAW' },
  '/legal-holds': { ground: 'REGULATOR', reference: '7/26' },
  '/release': { ground: 'PERIOD_OVER' },
  '/erasure-requests': { patientId: randomUUID(), receivedOn: '2026-11-20', channel: 'KEP' },
  '/extension': { reason: 'COMPLEXITY' },
  '/refusal': { ground: 'KVKK_ART_28_1_CC' },
};

let database: TestDatabase;
let api: Api;
let document: Document;
let operations: { method: Method; path: string; operation: Operation }[];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  const response = await api.raw('get', '/docs-json').expect(200);
  document = response.body as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method as Method,
      path: path.replace('/api/v1', ''),
      operation,
    })),
  );
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function concrete(path: string): string {
  return path.replace(/\{\w+\}/g, () => randomUUID());
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and has every call of the contract, and no other', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document.paths).every((path) => path.startsWith('/api/v1/'))).toBe(true);
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      Object.keys(CONTRACT).sort(),
    );
  });

  it('names every call once, and puts it under a tag', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const { operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z]\w+$/);
      expect(operation.summary).toBeTruthy();
      expect(operation.tags).toHaveLength(1);
    }
  });

  it('shows an example of every answer, and under every problem one of its code', () => {
    for (const { operation, path } of operations) {
      for (const [status, { description, content = {} }] of Object.entries(operation.responses)) {
        expect({ path, status, description }).not.toMatchObject({ description: '' });
        // It has no body (RFC 9110, 15.3.5).
        if (status === '204') continue;
        const problem = content['application/problem+json'];
        const examples = problem === undefined ? [] : Object.entries(problem.examples ?? {});
        for (const [code, { value }] of examples)
          expect(value).toMatchObject({ code, status: Number(status) });
        const isFile = problem === undefined && !('application/json' in content);
        const shown = problem === undefined ? content['application/json']?.example : examples[0];
        expect({ path, status, shown: shown !== undefined }).toEqual({ path, status, shown: !isFile });
      }
    }
  });

  it('describes every schema and every field, and refers to nothing that is not there', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(name ?? '');
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
      for (const [field, property] of Object.entries(properties))
        expect({ name, field, property }).toHaveProperty('property.description');
    }
    expect(text).not.toMatch(/"nullable"/);
  });

  it('asks for the bearer token wherever one is needed', () => {
    for (const { operation, method, path } of operations) {
      const open = CONTRACT[`${method} ${path}`] === 'public';
      expect({ path, security: operation.security }).toEqual({
        path,
        security: open ? [] : [{ bearer: [] }],
      });
    }
  });

  it('has a page to read and try it on', async () => {
    const page = await api.raw('get', '/docs').expect(200);
    expect(page.text).toContain('<title>Silgi API</title>');
    const settings = await api.raw('get', '/docs/swagger-ui-init.js').expect(200);
    for (const option of ['persistAuthorization', 'displayRequestDuration', 'tryItOutEnabled'])
      expect(settings.text).toContain(`"${option}": true`);
  });

  it.each(['get', 'head'] as const)('is where the root leads to, asked with %s', async (method) => {
    const answer = await api.raw(method, '/').expect(302);
    expect(answer.headers['location']).toBe('/docs');
  });

  it('says of the Idempotency-Key that with another patient it is a second deletion', () => {
    const { parameters = [] } = document.paths['/api/v1/patients/{patientId}/deletions']?.post ?? {};
    const [key] = parameters.filter(({ name }) => name === 'Idempotency-Key');
    expect(key?.description).toContain('with another patient it is a second deletion');
  });

  it('is not served where the page is switched off', async () => {
    const bare = await openApi(database.url, { env: { SWAGGER_UI: 'false' } });
    for (const path of ['/', '/docs-json', '/docs', '/docs/swagger-ui-init.js']) {
      const refused = await bare.raw('get', path);
      expectProblem(refused, 404, 'ROUTE_NOT_FOUND');
      // Nor is anybody sent there.
      expect(refused.text).not.toContain('/docs');
    }
    await bare.close();
  });
});

describe('every call', () => {
  it('is closed to whoever is not signed in and to every role but those of the contract', async () => {
    for (const { method, path } of operations) {
      const allowed = CONTRACT[`${method} ${path}`] ?? [];
      const none = await api.call(method, concrete(path));
      if (allowed === 'public') expect(none.status).toBe(200);
      else expectProblem(none, 401, 'UNAUTHENTICATED');
      for (const role of allowed === 'public' ? [] : ROLES) {
        const response = await api.call(method, concrete(path), role);
        if (allowed.includes(role)) expect([200, 400, 404]).toContain(response.status);
        else expectProblem(response, 403, 'FORBIDDEN');
      }
    }
  });

  it('refuses a query parameter that it does not know', async () => {
    for (const { method, path } of operations) {
      const allowed = CONTRACT[`${method} ${path}`] ?? [];
      if (allowed === 'public') continue;
      const request = api.call(method, `${concrete(path)}?surprise=1`, allowed[0]);
      const body = BODIES[path.slice(path.lastIndexOf('/'))];
      const response = await (method === 'post' && body !== undefined ? request.send(body) : request);
      expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
      expect(response.text).toContain('surprise is not known here');
    }
  });
});
