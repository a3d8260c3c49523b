import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { type Api, openApi, REQUEST, SUBJECT } from './api.js';

let database: TestDatabase;
let api: Api;
let patientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  patientId = await seedPatient(database, 1);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function linesOf(id: string): Record<string, unknown>[] {
  return api.log.filter(({ requestId }) => requestId === id);
}

describe('the log', () => {
  it('has one line for a request, that says what, who and how it ended', async () => {
    await api.call('get', `/patients/${patientId}`, 'system-admin').set('X-Request-Id', 'log-1').expect(200);
    expect(linesOf('log-1')).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        requestId: 'log-1',
        msg: 'request',
        method: 'GET',
        path: `/api/v1/patients/${patientId}`,
        status: 200,
        ms: expect.any(Number),
        subject: SUBJECT,
      },
    ]);
  });

  it('says in every line when, how grave, what and where, and in that of the request who', async () => {
    const other = await seedPatient(database, 1);
    const remove = (role?: 'system-admin' | 'auditor') =>
      api.call('post', `/patients/${other}/deletions`, role).set('X-Request-Id', 'log-4').send(REQUEST);
    const statuses = [
      await remove(),
      await remove('auditor'),
      await remove('system-admin'),
      await remove('system-admin'),
    ];
    expect(statuses.map(({ status }) => status)).toEqual([401, 403, 201, 409]);
    for (const line of api.log) {
      expect(line).toMatchObject({ level: expect.any(String), msg: expect.stringMatching(/\S/) });
      expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect([line['context'], line['path']].filter((where) => typeof where === 'string')).toHaveLength(1);
    }
    const ofRequests = linesOf('log-4').filter(({ path }) => path !== undefined);
    expect(ofRequests.map(({ subject, client }) => [subject, client !== undefined])).toEqual([
      [undefined, true],
      [SUBJECT, true],
      [SUBJECT, false],
      [SUBJECT, false],
    ]);
    const { deletionId } = statuses[2]?.body as { deletionId: string };
    const ofDeletions = linesOf('log-4').filter(({ context }) => context === 'Deletion');
    expect(ofDeletions[0]).toHaveProperty('deletionId', deletionId);
  });

  it('never has a search, a header, a body or whatever else stood in the path', async () => {
    const name = encodeURIComponent('Yıldız');
    const send = (path: string) => api.call('get', path, 'system-admin').set('X-Request-Id', 'log-2');
    await send(`/patients?search=${name}`).expect(200);
    await send(`/patients/${name}`).expect(400);
    await send(`/patients/Yildiz`).expect(400);
    await send(`/${name}/Yildiz`).expect(404);
    await api
      .call('post', `/patients/${patientId}/deletions`, 'system-admin')
      .set({ 'X-Request-Id': 'log-2', 'Idempotency-Key': 'Yildiz' })
      .send({ ...REQUEST, reason: 'Yıldız' })
      .expect(400);
    expect(linesOf('log-2').map(({ path, status, code }) => [path, status, code])).toEqual([
      ['/api/v1/patients', 200, undefined],
      ['/api/v1/patients/:patientId', 400, 'VALIDATION_FAILED'],
      ['/api/v1/patients/:patientId', 400, 'VALIDATION_FAILED'],
      ['(no route)', 404, 'ROUTE_NOT_FOUND'],
      [`/api/v1/patients/${patientId}/deletions`, 400, 'VALIDATION_FAILED'],
    ]);
    expect(JSON.stringify(api.log)).not.toMatch(/Y[ıi]ld[ıi]z|eyJ|%C4|[Aa]uthorization|[Bb]earer /);
  });

  it('has the calls of probes at debug', async () => {
    await api.call('get', '/health/live').set('X-Request-Id', 'log-3').expect(200);
    await api.raw('get', '/health/ready').set('X-Request-Id', 'log-3').expect(200);
    expect(linesOf('log-3').map(({ level, path }) => [level, path])).toEqual([
      ['debug', '/api/v1/health/live'],
      ['debug', '/health/ready'],
    ]);
  });
});

describe('the request id', () => {
  it.each(['a', 'A-1._z', 'x'.repeat(64)])('is the caller’s own, %s', async (id) => {
    const response = await api.call('get', '/health/live').set('X-Request-Id', id);
    expect(response.headers['x-request-id']).toBe(id);
  });

  it.each(['x'.repeat(65), 'a b', 'a/b', '<script>', ''])('is made where it is not sane: %s', async (id) => {
    const response = await api.call('get', '/health/live').set('X-Request-Id', id);
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is the instance of a problem', async () => {
    const response = await api.call('get', '/patients').set('X-Request-Id', 'mine');
    expect(response.body).toHaveProperty('instance', 'mine');
  });
});

describe('every answer', () => {
  it('forbids caching and does not tell what made it', async () => {
    const { headers } = await api.call('get', `/patients/${patientId}`, 'system-admin').expect(200);
    expect(headers).toHaveProperty('cache-control', 'no-store');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('etag');
  });
});
