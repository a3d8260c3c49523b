import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RequestOrchestrator } from '../../src/orchestrator/index.js';
import { ErasureRequests } from '../../src/patient/index.js';
import { OutcomePending } from '../../src/protocol/index.js';
import { today } from '../orchestrator/request.stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from './api.js';

const PATH = '/erasure-requests';

interface Request {
  readonly requestId: string;
  readonly state: string;
  readonly dueOn: string;
  readonly overdue: boolean;
}

let database: TestDatabase;
let api: Api;
let patientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { CONTROLLER_NAME: 'Özel Işık Hastanesi' } });
});
beforeEach(async () => {
  patientId = await seedPatient(database, 1);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const post = (path: string, body: object = {}) => api.call('post', PATH + path, 'privacy-officer').send(body);
const record = (more: object = {}) => post('', { patientId, receivedOn: today(), channel: 'KEP', ...more });
const recorded = async (more: object = {}) => (await record(more).expect(201)).body as Request;
const get = async (path: string) =>
  (await api.call('get', PATH + path, 'privacy-officer').expect(200)).body as unknown;
const list = async (query: string) => (await get(query)) as { items: Request[]; nextCursor: string | null };
const remove = (more: object = {}) =>
  api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send({ ...REQUEST, ...more });

describe('a data subject’s request over HTTP', () => {
  it('is recorded, shown by every list, and fulfilled by the deletion that names it', async () => {
    const request = await recorded();
    expect(request).toEqual({
      requestId: expect.any(String),
      patientId,
      state: 'OPEN',
      receivedOn: today(),
      channel: 'KEP',
      dueOn: expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
      overdue: false,
      recordedBy: SUBJECT,
      recordedAt: expect.stringMatching(/Z$/),
      recordedEventId: expect.any(String),
      extensionReason: null,
      extendedBy: null,
      extendedAt: null,
      extendedEventId: null,
      deletionId: null,
      deletedAt: null,
      closingGround: null,
      closedBy: null,
      closedAt: null,
      closedEventId: null,
    });
    expect((await record().expect(200)).body).toEqual(request);
    expect(await list(`?patientId=${patientId}`)).toEqual({ items: [request], nextCursor: null });
    expect((await list('?state=OPEN&limit=1')).items).toEqual([request]);
    expect(await get(`/${request.requestId}`)).toEqual(request);

    const deletion = (await remove({ requestId: request.requestId }).expect(201)).body as Record<
      string,
      string
    >;
    const fulfilled = {
      ...request,
      state: 'FULFILLED',
      deletionId: deletion['deletionId'],
      deletedAt: deletion['deletedAt'],
    };
    expect(await get(`/${request.requestId}`)).toEqual(fulfilled);
    expect(await list(`?state=FULFILLED&patientId=${patientId}`)).toEqual({
      items: [fulfilled],
      nextCursor: null,
    });
    const record_ = api.call(
      'get',
      `/patients/${patientId}/deletions/${deletion['deletionId'] ?? ''}`,
      'auditor',
    );
    expect((await record_.expect(200)).body).toMatchObject({ erasureRequestId: request.requestId });
    const events = await api.call(
      'get',
      '/audit-events?action=SYSTEM_RECORD_ERASURE_REQUEST&limit=1',
      'auditor',
    );
    expect(events.body).toMatchObject({
      items: [{ patientId, reason: 'KEP', actorRole: 'privacy-officer' }],
    });
  });

  it('of another patient vetoes the deletion that names it, with what to do about it', async () => {
    const { requestId } = await recorded({ patientId: await seedPatient(database, 1) });
    expectProblem(await remove({ requestId }), 409, 'DELETION_VETOED', {
      blockers: [
        {
          shard: 'patient',
          code: 'ERASURE_REQUEST_NOT_OPEN',
          detail: expect.stringContaining('name an open one, or none'),
        },
      ],
    });
  });

  it('is paged through, the last recorded first, by state and by whether it is overdue', async () => {
    const late = await recorded({ receivedOn: today(-45) });
    const later = await recorded({ receivedOn: today(-44) });
    const punctual = await recorded();
    const mine = `patientId=${patientId}`;
    expect([late.overdue, later.overdue, punctual.overdue]).toEqual([true, true, false]);
    const first = await list(`?overdue=true&limit=1&${mine}`);
    expect(first).toEqual({ items: [later], nextCursor: later.requestId });
    expect(await list(`?overdue=true&limit=1&${mine}&cursor=${later.requestId}`)).toEqual({
      items: [late],
      nextCursor: null,
    });
    expect((await list(`?overdue=false&${mine}`)).items).toEqual([punctual]);
    await post(`/${late.requestId}/refusal`, { ground: 'GDPR_ART_12_5_B' }).expect(200);
    await post(`/${later.requestId}/withdrawal`).expect(200);
    for (const [state, { requestId }] of [
      ['REFUSED', late],
      ['WITHDRAWN', later],
      ['OPEN', punctual],
    ] as const)
      expect((await list(`?state=${state}&${mine}`)).items).toMatchObject([
        { requestId, state, overdue: false },
      ]);
    expect((await list(`?state=DEFERRED&${mine}`)).items).toEqual([]);
  });

  it('is counted in the metrics while it waits, by state', async () => {
    const figures = async (): Promise<Record<string, number>> => {
      const { text } = await api.raw('get', '/metrics');
      const lines = text.matchAll(/^silgi_erasure_requests\{state="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries(Array.from(lines, ([, state = '', figure]) => [state, Number(figure)]));
    };
    const before = await figures();
    const { requestId } = await recorded({ receivedOn: today(-45) });
    await recorded();
    expect(await figures()).toEqual({
      ...before,
      open: (before['open'] ?? 0) + 2,
      overdue: (before['overdue'] ?? 0) + 1,
    });
    await post(`/${requestId}/refusal`, { ground: 'GDPR_ART_12_5_B' }).expect(200);
    const held = api.call('post', `/patients/${patientId}/legal-holds`, 'privacy-officer');
    await held.send({ ground: 'LITIGATION', reference: '7/26' }).expect(201);
    expect(await figures()).toEqual({
      ...before,
      deferred: (before['deferred'] ?? 0) + 1,
      late: before['late'] ?? 0,
    });
  });

  it('is counted no longer than two seconds, one count at a time, and then no figure is shown', async () => {
    await api.raw('get', '/metrics');
    // A table that is locked keeps the service from being ready, and is not even asked.
    const counting = jest.spyOn(api.app.get(ErasureRequests), 'waiting').mockImplementation(
      (signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new Error('The count took too long.'));
          });
        }),
    );
    for (const { text } of await Promise.all([1, 2, 3].map(() => api.raw('get', '/metrics')))) {
      expect(text).toMatch(/^silgi_ready 1$/m);
      expect(text).not.toMatch(/^silgi_erasure_requests\{/m);
    }
    expect(counting).toHaveBeenCalledTimes(1);
    counting.mockRestore();
    expect((await api.raw('get', '/metrics')).text).toMatch(/^silgi_erasure_requests\{state="open"\} \d+$/m);
  });

  it.each([
    [{ receivedOn: '2026-02-30' }, 'receivedOn'],
    [{ receivedOn: '2026-11-20T10:00:00Z' }, 'receivedOn'],
    [{ receivedOn: 20261120 }, 'receivedOn'],
    [{ channel: 'TELEPATHY' }, 'channel'],
    [{ patientId: 'x' }, 'patientId'],
    [{ note: 'he was angry' }, 'note'],
  ])('is not recorded with %j', async (wrong, path) => {
    expectProblem(await record(wrong), 400, 'VALIDATION_FAILED', {
      errors: [{ path, message: expect.any(String) }],
    });
    expect((await list(`?patientId=${patientId}`)).items).toEqual([]);
  });

  it('is not recorded for a day that has not come, for nobody, or by anybody else', async () => {
    expectProblem(await record({ receivedOn: today(2) }), 400, 'VALIDATION_FAILED', {
      detail: expect.stringContaining('after today'),
    });
    expectProblem(await record({ patientId: randomUUID() }), 404, 'PATIENT_NOT_FOUND');
    for (const role of ['system-admin', 'auditor'] as const)
      expectProblem(
        await api.call('post', PATH, role).send({ patientId, receivedOn: today(), channel: 'KEP' }),
        403,
        'FORBIDDEN',
      );
    expect((await list(`?patientId=${patientId}`)).items).toEqual([]);
  });

  it('that nobody has recorded has no answer', async () => {
    const nothing = randomUUID();
    for (const answer of [
      post(`/${nothing}/extension`, { reason: 'COMPLEXITY' }),
      post(`/${nothing}/refusal`, { ground: 'GDPR_ART_12_5_B' }),
      post(`/${nothing}/withdrawal`),
      api.call('get', `${PATH}/${nothing}`, 'privacy-officer'),
      api.call('get', `${PATH}/${nothing}/letter`, 'privacy-officer'),
    ])
      expectProblem(await answer, 404, 'ERASURE_REQUEST_NOT_FOUND');
  });

  it('is answered with 202 and where to ask, where nobody knows whether it was recorded', async () => {
    const ids = { patientId, erasureRequestId: randomUUID(), requestId: 'x' };
    const point = { phase: 'COMMIT', shard: 'patient', step: 'commit' } as const;
    jest
      .spyOn(api.app.get(RequestOrchestrator), 'recordRequest')
      .mockRejectedValue(new OutcomePending({ name: 'erasure request', ids }, point));
    const answer = await record().expect(202);
    expect(answer.body).toEqual({ requestId: ids.erasureRequestId, state: 'COMMITTING' });
    expect(answer.headers).toMatchObject({
      location: `/api/v1/erasure-requests/${ids.erasureRequestId}`,
      'retry-after': '5',
    });
  });
});

describe('another time zone', () => {
  it('is in whose days requests come and are due', async () => {
    // Days begin 26 hours apart in these two, so that one of them has another day at any moment.
    const zones = ['Pacific/Kiritimati', 'Etc/GMT+12'];
    const dayIn = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
    const [east = '', west = ''] = zones.map(dayIn);
    expect(east > west).toBe(true);
    for (const [zone, expected] of [
      [zones[0], 201],
      [zones[1], 400],
    ] as const) {
      const other = await openApi(database.url, { env: { TIME_ZONE: zone } });
      const asked = other.call('post', PATH, 'privacy-officer');
      const answer = await asked.send({ patientId, receivedOn: east, channel: 'OTHER' });
      await other.close();
      expect([zone, answer.status]).toEqual([zone, expected]);
    }
  });
});
