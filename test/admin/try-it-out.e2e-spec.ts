import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type supertest from 'supertest';
import { type Role, ROLES } from '../../src/auth/index.js';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { DEMO_SEED, demoPatients } from '../../src/demo/index.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { PatientIntake } from '../../src/orchestrator/index.js';
import { documentOf, type Operation, type Parameter, type Route, routesOf } from '../contract/document.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { type Api, openApi } from './api.js';

jest.setTimeout(60_000);

/** What the page sends of a call, before anybody has typed anything but ids that an earlier answer has told. */
interface Sent {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** In an order in which a visitor can try them: what an id of a path names was made before. */
const ORDER = [
  ...[
    'getLiveness',
    'getReadiness',
    'listPatients',
    'getPatient',
    'recordErasureRequest',
    'getErasureRequest',
  ],
  ...['listErasureRequests', 'refuseErasureRequest', 'getErasureRequestLetter', 'extendErasureRequest'],
  ...['withdrawErasureRequest', 'previewDeletion', 'deletePatient'],
  ...[
    'listDeletionsOfPatient',
    'getDeletion',
    'getDeletionCertificate',
    'listDeletions',
    'createDeletionBatch',
  ],
  ...['listDeletionBatches', 'getDeletionBatch', 'listDeletionBatchItems', 'getDeletionBatchEvents'],
  ...['pauseDeletionBatch', 'resumeDeletionBatch', 'cancelDeletionBatch', 'retryDeletionBatch'],
  ...['executeDeletionBatch', 'listAuditEvents', 'getAuditEvent', 'getCheckpoint', 'getInclusionProof'],
  ...['getConsistencyProof', 'verifyAuditLog', 'getIntegrity', 'placeLegalHold', 'listLegalHolds'],
  ...['listLegalHoldsOfPatient', 'releaseLegalHold', 'restorePatient', 'getRetentionPolicy'],
];
/** A batch that has ended cannot be steered, and a request that was refused is answered; both say so. */
const REFUSED = [
  ...['pauseDeletionBatch', 'resumeDeletionBatch', 'cancelDeletionBatch'],
  ...['extendErasureRequest', 'withdrawErasureRequest'],
];

let database: TestDatabase;
let api: Api;
let routes: Route[];
/** Ids out of earlier answers, by the name that a path gives them. */
const known: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  routes = routesOf(documentOf(api.app));
  // Patients are taken in by the owner of the tables, as at a start with demo data.
  const owner = await Test.createTestingModule({ imports: [AppModule.forDatabase(database.url)] }).compile();
  await owner.init();
  await owner.get(DatabaseLifecycle).open(database.url);
  await owner.get(PatientIntake, { strict: false }).admit([...demoPatients(DEMO_SEED, 3)]);
  await owner.close();
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

/** What Swagger UI writes into a field by itself. */
function prefilled({ example, schema }: Parameter & { example?: string }): string | undefined {
  return example ?? (schema.example as string | undefined) ?? (schema as { default?: string }).default;
}

/** One request for every media type that can be chosen for the body and for the answer. */
function sentBy({ path, operation }: Route): Sent[] {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let filled = path;
  for (const parameter of operation.parameters ?? []) {
    const value = prefilled(parameter) ?? (parameter.required === true ? known[parameter.name] : undefined);
    if (value === undefined && parameter.required === true)
      throw new Error(`${operation.operationId} needs ${parameter.name}, and nothing tells it.`);
    if (value === undefined) continue;
    if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, value);
    else if (parameter.in === 'query') query.set(parameter.name, value);
    else headers[parameter.name] = value;
  }
  const target = query.size === 0 ? filled : `${filled}?${query.toString()}`;
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { example, examples = {} }]) => {
      const value: unknown = example ?? Object.values(examples)[0]?.value ?? {};
      return { type, body: typeof value === 'string' ? value : JSON.stringify(value) };
    },
  );
  return answerTypes(operation).flatMap((accept): Sent[] =>
    bodies.length === 0
      ? [{ target, headers: { ...headers, Accept: accept } }]
      : bodies.map(({ type, body }) => ({
          target,
          headers: { ...headers, Accept: accept, 'Content-Type': type },
          body,
        })),
  );
}

/** Media types of the first success that is documented. */
function answerTypes({ responses }: Operation): string[] {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  return Object.keys(success?.content ?? {});
}

function send({ method, operation }: Route, { target, headers, body }: Sent, role: Role): supertest.Test {
  const request = api.call(method as 'get' | 'post', target.replace('/api/v1', ''), role).set(headers);
  return body === undefined || operation.requestBody === undefined ? request : request.send(body);
}

function routeOf(operationId: string): Route {
  const route = routes.find(({ operation }) => operation.operationId === operationId);
  if (route === undefined) throw new Error(`There is no call ${operationId}.`);
  return route;
}

/** The role that the description of a call names first. */
function roleFor({ operation }: Route): Role {
  const { description = '' } = operation as { description?: string };
  return ROLES.find((role) => description.includes(`Roles: ${role}`)) ?? 'system-admin';
}

/** What a visitor copies from an answer into the fields of the next calls. */
function remember(body: unknown): void {
  for (const name of ['deletionId', 'auditEventId', 'batchId', 'holdId', 'requestId']) {
    const value = (body as Record<string, unknown> | undefined)?.[name];
    if (typeof value === 'string') known[name] = value;
  }
}

describe('Swagger UI, on the demo data', () => {
  it('has every call in the order of this test', () => {
    expect(routes.map(({ operation }) => operation.operationId).sort()).toEqual([...ORDER].sort());
  });

  it.each(ORDER)(
    'gets an answer to %s with what it fills in by itself, in every media type',
    async (operationId) => {
      const route = routeOf(operationId);
      const expected = REFUSED.includes(operationId)
        ? /^409 .*(BATCH_STATE_CONFLICT|ERASURE_REQUEST_CLOSED)/
        : /^2/;
      const sent = sentBy(route);
      expect(sent.length).toBeGreaterThan(0);
      for (const one of sent) {
        let answer = await send(route, one, roleFor(route));
        // What follows from a deletion, its seal and its certificate, is there a moment later: the problem says so.
        if (answer.status === 409 && !REFUSED.includes(operationId))
          await until(async () => (answer = await send(route, one, roleFor(route))).status < 400);
        if (operationId === 'getInclusionProof' && answer.status === 404)
          await until(async () => (answer = await send(route, one, roleFor(route))).status < 400);
        // The whole of it in the failure: what was sent and what came back.
        const said = `${answer.status} ${answer.text}`;
        expect({ ...one, said }).toEqual({ ...one, said: expect.stringMatching(expected) });
        remember(answer.body);
      }
      if (operationId !== 'createDeletionBatch') return;
      await until(async () => {
        const batch = await api.call('get', `/deletion-batches/${known['batchId'] ?? ''}`, 'system-admin');
        return (batch.body as { state: string }).state === 'COMPLETED';
      });
    },
  );

  it('has tried the patient of the examples, who lives again, and deleted nobody else', async () => {
    const [row] = await database.query<{ deleted: string }>(
      'SELECT count(*) FILTER (WHERE is_deleted) AS deleted FROM patient.sharded_patient_demographics',
    );
    expect(row?.deleted).toBe('0');
  });

  it.each(['reason=COURT_ORDER', 'dryRun=false', 'legalBasis=GDPR_ART_17_1_A'])(
    'is refused a list in JSON whose query says %s, and its body something else',
    async (query) => {
      const route = routeOf('createDeletionBatch');
      const [json] = sentBy(route);
      if (json === undefined) throw new Error('There is no request.');
      const target = `${route.path}?${query}`;
      const answer = await send(route, { ...json, target }, 'system-admin');
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ path: query.split('=', 1)[0] }],
      });
    },
  );
});
