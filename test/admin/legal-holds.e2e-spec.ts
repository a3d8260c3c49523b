import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OutcomePending } from '../../src/protocol/index.js';
import { HoldOrchestrator } from '../../src/orchestrator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from './api.js';

const BODY = { ground: 'LITIGATION', reference: '2026/1184 E.' };
const RELEASE = { ground: 'CASE_CLOSED' };

interface Hold {
  readonly holdId: string;
  readonly placedEventId: string;
  readonly releasedEventId: string | null;
}
interface Holds {
  readonly items: readonly Hold[];
  readonly nextCursor: string | null;
}

let database: TestDatabase;
let api: Api;
let patientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
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

const place = (body: object = BODY) =>
  api.call('post', `/patients/${patientId}/legal-holds`, 'privacy-officer').send(body);
const release = (holdId: string, body: object = RELEASE) =>
  api.call('post', `/patients/${patientId}/legal-holds/${holdId}/release`, 'privacy-officer').send(body);
const list = async (path = `/patients/${patientId}/legal-holds`) =>
  (await api.call('get', path, 'auditor').expect(200)).body as Holds;
const remove = () => api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);

describe('a legal hold over HTTP', () => {
  it('is placed, shown by every list, vetoes, and is released', async () => {
    const hold = (await place().expect(201)).body as Hold;
    expect(hold).toEqual({
      holdId: expect.any(String),
      patientId,
      state: 'STANDING',
      ...BODY,
      placedBy: SUBJECT,
      placedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      placedEventId: expect.any(String),
      releasedBy: null,
      releasedAt: null,
      releaseGround: null,
      releasedEventId: null,
    });
    expect(await list()).toEqual({ items: [hold], nextCursor: null });
    expect((await list('/legal-holds?state=STANDING&limit=1')).items).toEqual([hold]);
    const preview = api.call('post', `/patients/${patientId}/deletion-preview`, 'privacy-officer');
    expect((await preview.expect(200)).body).toMatchObject({
      ready: false,
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD' }],
    });
    expectProblem(await remove(), 409, 'DELETION_VETOED', {
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.stringContaining('LITIGATION') }],
    });

    const released = (await release(hold.holdId).expect(200)).body as Hold;
    expect(released).toEqual({
      ...hold,
      state: 'RELEASED',
      releasedBy: SUBJECT,
      releasedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      releaseGround: 'CASE_CLOSED',
      releasedEventId: expect.any(String),
    });
    expect(await list()).toEqual({ items: [released], nextCursor: null });
    expect((await list('/legal-holds?state=RELEASED&limit=1')).items).toEqual([released]);
    expect((await list('/legal-holds?state=STANDING')).items).not.toContainEqual(
      expect.objectContaining({ holdId: hold.holdId }),
    );
    await remove().expect(201);
  });

  it('is told by the audit log, which names no case', async () => {
    const hold = (await place().expect(201)).body as Hold;
    const { releasedEventId } = (await release(hold.holdId).expect(200)).body as Hold;
    for (const [action, auditEventId, reason] of [
      ['SYSTEM_PLACE_LEGAL_HOLD', hold.placedEventId, 'LITIGATION'],
      ['SYSTEM_RELEASE_LEGAL_HOLD', releasedEventId, 'CASE_CLOSED'],
    ]) {
      const path = `/audit-events?patientId=${patientId}&action=${action ?? ''}`;
      const { body } = (await api.call('get', path, 'auditor').expect(200)) as { body: unknown };
      expect(body).toMatchObject({
        items: [{ auditEventId, reason, actor: SUBJECT, purged: null, failure: null }],
      });
      expect(JSON.stringify(body)).not.toContain('1184');
    }
  });

  it('asked for again is answered with 200 and the hold that stands', async () => {
    const { body } = (await place().expect(201)) as { body: unknown };
    expect((await place().expect(200)).body).toEqual(body);
    const released = (await release((body as Hold).holdId).expect(200)).body as Hold;
    expect((await release(released.holdId).expect(200)).body).toEqual(released);
    expectProblem(await release(released.holdId, { ground: 'COURT_ORDER' }), 409, 'LEGAL_HOLD_RELEASED', {
      detail: expect.stringContaining('CASE_CLOSED'),
    });
  });

  it('is listed page by page across patients, newest first, each once', async () => {
    const placed: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      patientId = await seedPatient(database, 1);
      placed.unshift(((await place().expect(201)).body as Hold).holdId);
    }
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const page = await list(`/legal-holds?state=STANDING&limit=2${cursor}`);
      seen.push(...page.items.map(({ holdId }) => holdId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen.slice(0, 5)).toEqual(placed);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each([
    ['a ground that is none', { ...BODY, ground: 'BECAUSE' }, 'ground'],
    ['no ground', { reference: '1' }, 'ground'],
    ['no case', { ground: 'LITIGATION' }, 'reference'],
    ['an empty case', { ...BODY, reference: '' }, 'reference'],
    ['a case of 65 characters', { ...BODY, reference: '1'.repeat(65) }, 'reference'],
    ['a case of two lines', { ...BODY, reference: '1\n2' }, 'reference'],
    ['a case that ends in a blank', { ...BODY, reference: '2026/1 ' }, 'reference'],
    ['a case that begins with one', { ...BODY, reference: ' 2026/1' }, 'reference'],
    ['a sentence', { ...BODY, reference: 'She asked us to, "please"!' }, 'reference'],
    ['a field that is not known', { ...BODY, until: '2030-01-01' }, 'until'],
  ])('is not placed with %s', async (_, body, path) => {
    expectProblem(await place(body), 400, 'VALIDATION_FAILED', {
      errors: [{ path, message: expect.any(String) }],
    });
    expect((await list()).items).toEqual([]);
  });

  it.each(['1', '1'.repeat(64), '2026/1184 Esas', 'İST-2026/7 (3.)', '#12', '2019/12 E., 2020/5 K.'])(
    'takes %j for the number of a case',
    async (reference) => {
      expect((await place({ ...BODY, reference }).expect(201)).body).toMatchObject({ reference });
    },
  );

  it('is released on a ground of its own alone', async () => {
    const { holdId } = (await place().expect(201)).body as Hold;
    for (const body of [{ ground: 'LITIGATION' }, {}])
      expectProblem(await release(holdId, body), 400, 'VALIDATION_FAILED', {
        errors: [{ path: 'ground', message: expect.any(String) }],
      });
    expectProblem(await release(randomUUID()), 404, 'LEGAL_HOLD_NOT_FOUND');
    patientId = randomUUID();
    expectProblem(await release(holdId), 404, 'PATIENT_NOT_FOUND');
    expectProblem(await place(), 404, 'PATIENT_NOT_FOUND');
    expectProblem(
      await api.call('get', `/patients/${patientId}/legal-holds`, 'auditor'),
      404,
      'PATIENT_NOT_FOUND',
    );
  });

  it('is placed and released by a privacy officer, and read by an auditor too', async () => {
    const path = `/patients/${patientId}/legal-holds`;
    const { holdId } = (await place().expect(201)).body as Hold;
    for (const role of ['system-admin', 'auditor'] as const) {
      expectProblem(await api.call('post', path, role).send(BODY), 403, 'FORBIDDEN');
      expectProblem(
        await api.call('post', `${path}/${holdId}/release`, role).send(RELEASE),
        403,
        'FORBIDDEN',
      );
    }
    for (const one of [path, '/legal-holds']) {
      expectProblem(await api.call('get', one, 'system-admin'), 403, 'FORBIDDEN');
      expectProblem(await api.call('get', one), 401, 'UNAUTHENTICATED');
    }
    expect((await list()).items).toMatchObject([{ holdId, state: 'STANDING' }]);
  });

  it('is one line of the log when it is placed and one when it is released, with its id and no case', async () => {
    const { holdId } = (await place().expect(201)).body as Hold;
    await release(holdId).expect(200);
    await release(holdId).expect(200);
    const written = () =>
      api.log.filter((line) => line['context'] === 'Deletion' && line['holdId'] === holdId);
    await until(() => written().length === 3);
    const lines = written();
    expect(lines.map(({ msg, outcome, level }) => [msg, outcome, level])).toEqual([
      ['legal hold', 'DONE', 'info'],
      ['release of a legal hold', 'DONE', 'info'],
      ['release of a legal hold', 'REPLAYED', 'info'],
    ]);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`1184|${patientId}`));
  });

  it('that is refused is one line with its code', async () => {
    const holdId = randomUUID();
    await release(holdId);
    const written = () => api.log.find((one) => one['context'] === 'Deletion' && one['holdId'] === holdId);
    await until(() => written() !== undefined);
    expect(written()).toMatchObject({ level: 'warn', code: 'LEGAL_HOLD_NOT_FOUND' });
  });

  it('whose outcome is not known says where it will be told, and can be asked for again', async () => {
    const lost = new OutcomePending(
      { name: 'legal hold', ids: { patientId } },
      { phase: 'COMMIT', shard: 'patient', step: 'commit' },
    );
    jest.spyOn(api.app.get(HoldOrchestrator), 'placeHold').mockRejectedValueOnce(lost);
    const response = await place().expect(202);
    expect(response.body).toEqual({ patientId, state: 'COMMITTING' });
    expect(response.headers).toMatchObject({
      location: `/api/v1/patients/${patientId}/legal-holds`,
      'retry-after': '5',
    });
    const { holdId } = (await place().expect(201)).body as Hold;
    jest.spyOn(api.app.get(HoldOrchestrator), 'releaseHold').mockRejectedValueOnce(lost);
    await release(holdId).expect(202);
    await release(holdId).expect(200);
  });

  it('from before it had a case is shown as it is', async () => {
    await database.query(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, $2, 'COURT', 'someone', now())`,
      [patientId, randomUUID()],
    );
    expect((await list()).items).toMatchObject([
      { ground: 'COURT', reference: null, placedEventId: null, state: 'STANDING' },
    ]);
  });
});
