import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { exportJWK, SignJWT } from 'jose';
import supertest from 'supertest';
import { parse } from 'yaml';
import {
  ConfigurationError,
  DatabaseUnavailable,
  getSilgiToken,
  Silgi,
  SilgiModule,
  type SilgiOptions,
} from '../../src/library/index.js';
import { DECLARATION } from '../adopted/hospital.stage.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import {
  DELETION,
  hospital,
  hospitalDatabase,
  type KeptLog,
  met,
  sessionsOfSilgi,
  withoutHttp,
} from './hospital.js';

const AUTH = { issuer: 'https://id.hospital.example', audience: 'silgi' };

let database: TestDatabase;
let folder: string;
let token: string;
let jwks: string;

beforeAll(async () => {
  database = await hospitalDatabase();
  folder = await temporaryFolder();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  jwks = join(folder, 'jwks.json');
  await writeFile(jwks, JSON.stringify({ keys: [await exportJWK(publicKey)] }), { mode: 0o600 });
  token = await new SignJWT({ roles: ['system-admin', 'auditor'] })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setSubject('admin@hospital.example')
    .setIssuer(AUTH.issuer)
    .setAudience(AUTH.audience)
    .setExpirationTime('1h')
    .sign(privateKey);
});
afterAll(() => database.drop());

async function sealing() {
  const keyFile = join(folder, 'key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { keyFile, origin: 'hospital.example/audit-log', checkpointsFile: join(folder, 'checkpoints.txt') };
}

describe('an application with everything of Silgi on', () => {
  let app: NestExpressApplication;
  let log: KeptLog;

  beforeAll(async () => {
    const options: SilgiOptions = {
      database: { url: database.url },
      http: { path: '/silgi', auth: { jwks, ...AUTH }, swaggerUi: true },
      sealing: await sealing(),
      batches: { concurrency: 2 },
    };
    ({ app, log } = await hospital(database.url, [SilgiModule.forRoot(options)]));
  });
  afterAll(() => app.close());

  const call = (method: 'get' | 'post', path: string) =>
    supertest(app.getHttpServer())[method](`/silgi${path}`).set('Authorization', `Bearer ${token}`);

  it('answers the REST API below its path, with its own sign-in, and nothing of the application’s', async () => {
    Object.assign(met, { guard: [], pipe: 0, filter: 0 });
    const patientId = await seedPatient(database);
    const path = `/api/v1/patients/${patientId}/deletions`;
    const asked = { reason: DELETION.reason, legalBasis: DELETION.legalBasis };
    const unknown = await supertest(app.getHttpServer()).post(`/silgi${path}`).send(asked);
    expect([unknown.status, unknown.body]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    const deleted = await call('post', path).send(asked).expect(201);
    const { deletionId } = deleted.body as { deletionId: string };
    const record = `/silgi${path}/${deletionId}`;
    expect(deleted.headers['location']).toBe(record);
    const again = await call('post', path).send(asked).expect(409);
    expect(again.body).toMatchObject({ deletion: record });
    expect((await call('get', '/nowhere')).body).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    expect(met).toEqual({ guard: [], pipe: 0, filter: 0 });
  });

  it('reads bodies as strictly as the service, whatever the application reads before', async () => {
    const twice = '{"reason":"COURT_ORDER","reason":"COURT_ORDER","legalBasis":"KVKK_ART_7"}';
    const path = `/api/v1/patients/${randomUUID()}/deletions`;
    const refused = await call('post', path).set('Content-Type', 'application/json').send(twice);
    const detail: unknown = expect.stringContaining('names a field more than once');
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'VALIDATION_FAILED', detail }]);
  });

  it('writes a line for each request of the REST API into the application’s log', async () => {
    await call('get', '/api/v1/audit-log/checkpoint').expect(200);
    expect(log.lines).toContainEqual([
      'request',
      expect.objectContaining({ method: 'GET', path: '/api/v1/audit-log/checkpoint', status: 200 }),
      'Silgi',
    ]);
  });

  it('leads Swagger UI and its calls below the path', async () => {
    const root = await call('get', '/').expect(302);
    expect(root.headers['location']).toBe('/silgi/docs');
    const document = await call('get', '/docs-json').expect(200);
    expect(document.body).toMatchObject({ servers: [{ url: '/silgi' }] });
  });

  it('works at batches, and seals their events', async () => {
    const silgi = app.get(Silgi);
    const patientIds = [await seedPatient(database), await seedPatient(database)];
    const order = { patientIds, ...DELETION, dryRun: false };
    const { batchId } = await silgi.batches.create(order);
    const ended = await listenTo(app, batchId);
    expect(await ended.text()).toContain('COMPLETED');
    expect(await silgi.batches.get(batchId)).toMatchObject({ state: 'COMPLETED', counts: { DELETED: 2 } });
    const [event] = await auditEventsOf(database, patientIds[0] ?? '');
    const { audit_event_id: id } = event as unknown as { audit_event_id: string };
    expect(await silgi.auditLog.inclusionOf(id)).toMatchObject({ leaf: { auditEventId: id } });
    expect(await silgi.auditLog.verify()).toMatchObject({ valid: true });
  });
});

/** The events of a batch, as they come. */
async function listenTo(app: NestExpressApplication, batchId: string): Promise<Response> {
  return fetch(`${await app.getUrl()}/silgi/api/v1/deletion-batches/${batchId}/events`, {
    headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' },
  });
}

describe('Silgi in an application', () => {
  it('lets it be closed while somebody listens to a batch that does not end', async () => {
    const http = { path: '/silgi', auth: { jwks, ...AUTH } };
    // Nobody works at it.
    const options: SilgiOptions = { database: { url: database.url }, http, batches: { concurrency: 0 } };
    const { app } = await hospital(database.url, [SilgiModule.forRoot(options)]);
    const order = { patientIds: [randomUUID()], ...DELETION, dryRun: true };
    const { batchId } = await app.get(Silgi).batches.create(order);
    const events = (await listenTo(app, batchId)).body?.getReader();
    const first = await events?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('RUNNING');
    await app.close();
    expect(await events?.read()).toMatchObject({ done: true });
    await until(async () => (await sessionsOfSilgi(database)) === 0);
  });

  it('is injected by its name where there are several, each on its own database', async () => {
    const other = await createTestDatabase();
    const east = SilgiModule.forRoot({ name: 'east', database: { url: database.url } });
    const west = SilgiModule.forRoot({ name: 'west', database: { url: other.url } });
    const context = await withoutHttp(east, west);
    const patientId = await seedPatient(other);
    const command = { patientId, ...DELETION };
    await expect(context.get<Silgi>(getSilgiToken('east')).deletePatient(command)).rejects.toThrow(
      'No patient',
    );
    await context.get<Silgi>(getSilgiToken('west')).deletePatient(command);
    await context.close();
    for (const one of [database, other]) await until(async () => (await sessionsOfSilgi(one)) === 0);
    await other.drop();
  });

  it('undoes a deletion, in the window that it is told', async () => {
    const open = (days: number) =>
      withoutHttp(SilgiModule.forRoot({ database: { url: database.url }, restoreWindowDays: days }));
    const context = await open(1);
    const silgi = context.get(Silgi);
    const patientId = await seedPatient(database);
    const { answer } = await silgi.deletePatient({ patientId, ...DELETION });
    const { deletionId } = answer;
    const { requestedBy } = DELETION;
    const restoration = { patientId, deletionId, requestedBy, reason: 'DELETED_IN_ERROR' } as const;
    await expect(silgi.restorePatient({ ...restoration, deletionId: 'x' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'deletionId', message: 'must be a UUID' }],
    });
    const never = await open(0);
    await expect(never.get(Silgi).restorePatient(restoration)).rejects.toMatchObject({
      code: 'RESTORATION_REFUSED',
      refusal: 'SWITCHED_OFF',
    });
    await never.close();
    expect(await silgi.restorePatient(restoration)).toMatchObject({
      answer: { deletionId, state: 'RESTORED', restoredBy: requestedBy.subject },
      replayed: false,
    });
    expect(await silgi.integrity()).toMatchObject({ mismatches: [] });
    await context.close();
  });

  it('migrates only where it is told to', async () => {
    const empty = await createEmptyDatabase();
    const open = async (migrations?: SilgiOptions['migrations']) => {
      const silgi = SilgiModule.forRoot({ database: { url: empty.url }, ...(migrations && { migrations }) });
      const context = await withoutHttp(silgi);
      const { migrations: state } = await context.get(Silgi).readiness();
      await context.close();
      return state;
    };
    expect(await open()).toBe('pending');
    expect(await open({})).toBe('applied');
    await empty.drop();
  });

  it('lets the application start where the database is down, and refuses every call until it is up', async () => {
    const silgi = SilgiModule.forRoot({ database: { url: 'postgres://127.0.0.1:1/none' }, waitMs: 10 });
    const context = await withoutHttp(silgi);
    await expect(context.get(Silgi).previewDeletion({ patientId: randomUUID() })).rejects.toThrow(
      DatabaseUnavailable,
    );
    expect(await context.get(Silgi).readiness()).toMatchObject({ status: 'not-ready', database: 'down' });
    await context.close();
  });

  it('answers below its path in an application of @nestjs/testing', async () => {
    const http = { path: '/silgi', auth: { jwks, ...AUTH } };
    const silgi = SilgiModule.forRoot({ database: { url: database.url }, http });
    const app = (
      await Test.createTestingModule({ imports: [silgi] }).compile()
    ).createNestApplication<NestExpressApplication>();
    await app.init();
    await supertest(app.getHttpServer()).get('/silgi/health/ready').expect(200);
    await supertest(app.getHttpServer())
      .get('/silgi/api/v1/audit-log/checkpoint')
      .set('Authorization', `Bearer ${token}`)
      .expect(404);
    await app.close();
  });

  it.each<[string, object, string]>([
    ['no database', { database: { url: '' } }, 'database.url must be set.'],
    ['a URL of another database', { database: { url: 'mysql://h/d' } }, 'database.url must be a URL such as'],
    [
      'unchecked certificates',
      { database: { url: 'postgres://h/d?sslmode=no-verify' } },
      'database.url must not',
    ],
    ['an API without sign-in', { http: { path: '/silgi' } }, 'http.auth.jwks must be set.'],
    ['an API at the root', { http: { path: '/', auth: { jwks: 'x', ...AUTH } } }, 'http.path must be a path'],
    ['sealing without a key', { sealing: {} }, 'sealing.keyFile must be set.'],
    [
      'a window that ends before it begins',
      { restoreWindowDays: -1 },
      'restoreWindowDays must be a whole number',
    ],
    [
      'a policy that is not there',
      { retentionPolicy: '/nowhere.yaml' },
      'retentionPolicy must name a file that can be read: /nowhere.yaml (ENOENT).',
    ],
    ['a veto that is none', { deletionVetoes: ['ALL'] }, 'deletionVetoes must be codes out of'],
    ['too many at a time', { batches: { concurrency: 99 } }, 'batches.concurrency must be'],
  ])('stops the start with one line that names the option, for %s', async (_, wrong, message) => {
    const options = { database: { url: 'postgres://127.0.0.1:1/none' }, ...wrong } as SilgiOptions;
    const start = withoutHttp(SilgiModule.forRoot(options));
    await expect(start).rejects.toThrow(ConfigurationError);
    await expect(start).rejects.toThrow(message);
  });

  it('takes no declaration in a process in which patients stand in Silgi’s own tables', async () => {
    const context = await withoutHttp(SilgiModule.forRoot({ database: { url: database.url } }));
    await expect(context.get(Silgi).findPatient('7')).rejects.toThrow('not found by key');
    const declaration = parse(DECLARATION) as object;
    const start = withoutHttp(SilgiModule.forRoot({ database: { url: database.url }, declaration }));
    await expect(start).rejects.toThrow(ConfigurationError);
    await expect(start).rejects.toThrow(/^A declaration cannot be put in force .* Silgi’s own tables/);
    await context.close();
  });

  it('stops the start where the REST API has no Express to be answered by', async () => {
    const http = { path: '/silgi', auth: { jwks, ...AUTH } };
    const silgi = SilgiModule.forRoot({ database: { url: database.url }, http });
    const start = withoutHttp(silgi);
    await expect(start).rejects.toThrow('http must be left out here');
  });
});
