import { rm } from 'node:fs/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { expect } from '@jest/globals';
import supertest from 'supertest';
import { configureHttp } from '../../src/admin/index.js';
import { NestLog, serviceLogger } from '../../src/telemetry/index.js';
import { ServiceModule } from '../../src/service/service.module.js';
import { openAuditLog } from '../../src/transparency-log/index.js';
import { developmentToken, type Role, ROLES, TokenVerifier } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { retentionPolicyOf } from '../../src/retention/index.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import type { FaultInjection } from '../../src/protocol/index.js';
import { Contract } from '../contract/contract.js';
import { documentOf } from '../contract/document.js';
import { faultsBy } from '../support/silgi.js';
import { temporaryFolder } from '../support/run.folder.js';

export const SUBJECT = 'admin@hospital.example';
/** What a deletion is asked for with. */
export const REQUEST = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' };

/** A test is no client: how many requests it makes is not what it is about, but for those of the limits. */
const UNHURRIED = { RATE_LIMIT_PER_MINUTE: '1000000', FAILED_SIGN_INS_PER_MINUTE: '1000000' };

/** Methods that a request of {@link Api.raw} may have. */
export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';

/** The service behind its REST API, in this process. Every answer is held against the OpenAPI document. */
export interface Api {
  readonly app: NestExpressApplication;
  /** Every line that was logged, parsed. */
  readonly log: Record<string, unknown>[];
  /** A request below `/api/v1`, signed in with this role; without one, not signed in. */
  call(method: 'get' | 'post', path: string, role?: Role): supertest.Test;
  /** A request anywhere; fails where the document does not promise its answer. */
  raw(method: Method, path: string): supertest.Test;
  close(): Promise<void>;
}

/** How {@link openApi} differs from a service that has started in good order. */
export interface ApiOptions {
  /** false leaves the database unopened, as at a start at which it is down. */
  readonly open?: boolean;
  /** Variables of the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Makes steps fail. */
  readonly faults?: FaultInjection;
  /** Replaces providers. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

/** @param url PostgreSQL URL of the service */
export async function openApi(url: string, options: ApiOptions = {}): Promise<Api> {
  const dataDir = await temporaryFolder();
  const environment = readEnvironment({ DATA_DIR: dataDir, ...UNHURRIED, ...options.env });
  const log: Record<string, unknown>[] = [];
  const logger = serviceLogger('trace', {
    write: (line) => {
      log.push(JSON.parse(line) as Record<string, unknown>);
    },
  });
  const { auditLog, tracesUrl, batch, controller } = environment;
  const { restoreWindowDays, deletionVetoes, timeZone } = environment;
  const verifier = await TokenVerifier.of(environment);
  const service = ServiceModule.over(url, verifier, await openAuditLog(auditLog), {
    tracesUrl,
    batch,
    controller,
    restoreWindowDays,
    retentionPolicy: await retentionPolicyOf(environment),
    deletionVetoes,
    timeZone,
  });
  const imports = [service, ...(options.faults === undefined ? [] : [faultsBy(options.faults)])];
  const builder = Test.createTestingModule({ imports }).setLogger(new NestLog(logger));
  const module = await (options.override?.(builder) ?? builder).compile();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
  configureHttp(app, environment, logger);
  await app.listen(0, '127.0.0.1');
  if (options.open !== false) await app.get(DatabaseLifecycle).open(url);

  const tokens = new Map<Role, string>();
  for (const role of environment.tokenIssuer === undefined ? ROLES : []) {
    // Longer than the longest suite on a slow machine.
    const token = { subject: SUBJECT, roles: [role], expiresIn: '1h' };
    tokens.set(role, await developmentToken(environment, token));
  }
  const contract = new Contract(documentOf(app));
  const raw: Api['raw'] = (method, target) =>
    supertest(app.getHttpServer())
      [method](target)
      .expect(({ status, headers, text, body }: Omit<supertest.Response, 'text'> & { text?: string }) => {
        // A test that reads the bytes itself has them for a body, and no text.
        const content = text ?? (Buffer.isBuffer(body) ? body.toString() : '');
        contract.check({ method: method.toUpperCase(), target, status, headers, text: content });
      });
  return {
    app,
    log,
    raw,
    call: (method, path, role) => {
      const request = raw(method, `/api/v1${path}`);
      return role === undefined ? request : request.set('Authorization', `Bearer ${tokens.get(role) ?? ''}`);
    },
    async close() {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Asserts that an answer is this problem, whole and with nothing that it may not hold. */
export function expectProblem(
  response: supertest.Response,
  status: number,
  code: string,
  members: object = {},
): void {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.body).toEqual({
    type: `urn:silgi:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: response.headers['x-request-id'],
    code,
    ...members,
  });
  expect(response.status).toBe(status);
  expect(response.text).not.toMatch(/SELECT|INSERT|UPDATE|node_modules|\.[jt]s:\d|Işıl|Yıldız|H-1\b/);
}
