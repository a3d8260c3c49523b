import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, countRows, digestOf, seedPatient } from '../support/patients.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from './api.js';

let database: TestDatabase;
let api: Api;
let patientId: string;
let before: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});

beforeEach(async () => {
  patientId = await seedPatient(database, 2);
  before = await digestOf(database, patientId);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function remove(body: object = REQUEST, headers: Record<string, string> = {}) {
  return api.call('post', `/patients/${patientId}/deletions`, 'system-admin').set(headers).send(body);
}

function preview() {
  return api.call('post', `/patients/${patientId}/deletion-preview`, 'privacy-officer');
}

async function expectNothingChanged(): Promise<void> {
  expect(await digestOf(database, patientId)).toBe(before);
}

describe('POST /patients/{patientId}/deletion-preview', () => {
  it.each([
    ['no body', () => preview()],
    ['an empty object', () => preview().send({})],
    ['an empty body of another type', () => preview().set('Content-Type', 'text/plain').send('')],
  ])('says what a deletion would do and changes nothing, with %s', async (_, asked) => {
    const body = (await asked().expect(200)).body as object;
    expect(Object.keys(body)).toEqual(['patientId', 'ready', 'shards', 'blockers', 'totalRows', 'digest']);
    expect(body).toMatchObject({ patientId, ready: true, blockers: [], totalRows: 29 });
    await expectNothingChanged();
  });

  it('refuses fields, for it knows none', async () => {
    expectProblem(await preview().send({ reason: 'COURT_ORDER' }), 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'reason', message: 'is not known here' }],
    });
  });

  it('shows every veto', async () => {
    await database.query(
      `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
      [patientId, randomUUID()],
    );
    before = await digestOf(database, patientId);
    const blockers = [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }];
    expect((await preview().expect(200)).body).toMatchObject({ ready: false, blockers });
    expectProblem(await remove(), 409, 'DELETION_VETOED', { blockers });
    await expectNothingChanged();
  });
});

describe('POST /patients/{patientId}/deletions', () => {
  it('deletes the patient, and the record and the audit event tell the same', async () => {
    const response = await remove(REQUEST, { 'X-Request-Id': 'call-17' }).expect(201);
    const answer = response.body as Record<string, unknown>;
    const { deletionId, auditEventId } = answer as { deletionId: string; auditEventId: string };
    expect(answer).toEqual({
      deletionId,
      patientId,
      state: 'DELETED',
      shards: expect.any(Array),
      totalRows: 29,
      auditEventId,
      requestedBy: SUBJECT,
      deletedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(response.headers['location']).toBe(`/api/v1/patients/${patientId}/deletions/${deletionId}`);
    expect(response.headers['idempotency-replayed']).toBeUndefined();
    for (const { live, deleted } of Object.values(await countRows(database, patientId)))
      expect({ live, some: deleted > 0 }).toEqual({ live: 0, some: true });

    const location = response.headers['location']?.replace('/api/v1', '') ?? '';
    const record = await api.call('get', location, 'auditor').expect(200);
    expect(record.body).toEqual({
      deletionId,
      patientId,
      state: 'DELETED',
      ...REQUEST,
      requestedBy: SUBJECT,
      requestedAt: expect.stringMatching(/Z$/),
      requestId: 'call-17',
      erasureRequestId: null,
      deletedAt: answer['deletedAt'],
      shards: answer['shards'],
      totalRows: 29,
      auditEventId,
      restoredAt: null,
      restoredBy: null,
      restorationReason: null,
      restorationEventId: null,
    });
    const ofPatient = await api.call('get', `/patients/${patientId}/deletions`, 'auditor').expect(200);
    expect(ofPatient.body).toEqual({ items: [record.body], nextCursor: null });

    const event = await api.call('get', `/audit-events/${auditEventId}`, 'auditor').expect(200);
    expect(event.body).toEqual({
      auditEventId,
      patientId,
      action: 'SYSTEM_DELETE_PATIENT',
      actor: SUBJECT,
      actorRole: 'system-admin',
      actorSource: { kind: 'TOKEN', issuer: 'silgi-development' },
      ...REQUEST,
      deletionId,
      purged: answer['shards'],
      failure: null,
      requestId: 'call-17',
      requestedAt: (record.body as { requestedAt: string }).requestedAt,
      occurredAt: answer['deletedAt'],
    });
  });

  it('holds to what a preview showed', async () => {
    const { digest } = (await preview().expect(200)).body as { digest: string };
    await database.query('INSERT INTO clinical.sharded_asi (patient_id, id) VALUES ($1, $2)', [
      patientId,
      randomUUID(),
    ]);
    before = await digestOf(database, patientId);
    expectProblem(await remove({ ...REQUEST, previewDigest: digest }), 412, 'PREVIEW_OUTDATED');
    await expectNothingChanged();
    const now = (await preview().expect(200)).body as { digest: string };
    await remove({ ...REQUEST, previewDigest: now.digest }).expect(201);
  });

  it('says which deletion got there first', async () => {
    const { deletionId } = (await remove().expect(201)).body as { deletionId: string };
    const deletion = `/api/v1/patients/${patientId}/deletions/${deletionId}`;
    expectProblem(await remove(), 409, 'PATIENT_ALREADY_DELETED', { deletion });
    expectProblem(await preview(), 409, 'PATIENT_ALREADY_DELETED', { deletion });
  });

  it('does not know a patient who was never there', async () => {
    patientId = randomUUID();
    expectProblem(await remove(), 404, 'PATIENT_NOT_FOUND');
    expectProblem(await preview(), 404, 'PATIENT_NOT_FOUND');
    const list = await api.call('get', `/patients/${patientId}/deletions`, 'auditor');
    expectProblem(list, 404, 'PATIENT_NOT_FOUND');
    const record = await api.call('get', `/patients/${patientId}/deletions/${randomUUID()}`, 'auditor');
    expectProblem(record, 404, 'DELETION_NOT_FOUND');
    expect(
      await database.query('SELECT FROM patient.sharded_patient_deletion WHERE patient_id = $1', [patientId]),
    ).toEqual([]);
  });
});

describe('a deletion that fails', () => {
  it('names phase, shard and table, changes nothing, and tells nothing of the database’s own words', async () => {
    await failOn('clinical.sharded_tani', "RAISE EXCEPTION 'Işıl Yıldız'", async () => {
      const response = await remove(REQUEST, { 'X-Request-Id': 'failing-1' });
      const point = { phase: 'EXECUTE', shard: 'clinical', table: 'sharded_tani' };
      expectProblem(response, 500, 'SHARD_FAILED', point);
      await expectNothingChanged();
      const line = api.log.find(
        ({ context, requestId }) => context === 'Problem' && requestId === 'failing-1',
      );
      expect(line).toMatchObject({ level: 'error', err: { code: 'SHARD_FAILED', point } });
      expect(JSON.stringify(line)).toContain('P0001');
      expect(JSON.stringify(api.log)).not.toMatch(/Işıl|Yıldız/);
      const [event] = await auditEventsOf(database, patientId);
      expect(event).toMatchObject({ action: 'SYSTEM_DELETE_PATIENT_FAILED', failure: { ...point } });
      const audited = await api
        .call('get', `/audit-events?patientId=${patientId}&action=SYSTEM_DELETE_PATIENT_FAILED`, 'auditor')
        .expect(200);
      expect(audited.body).toMatchObject({
        items: [{ purged: null, failure: { code: 'SHARD_FAILED', ...point, step: 'mark clinical' } }],
      });
    });
  });

  it('fails fast where the demographics could not be marked', async () => {
    await failOn('patient.sharded_patient_demographics', 'RETURN NULL', async () => {
      // The children are marked before: without a live row of theirs the guard is what fails.
      expectProblem(await remove(), 500, 'DEMOGRAPHICS_NOT_DELETED', {
        phase: 'EXECUTE',
        shard: 'patient',
        table: 'sharded_patient_demographics',
      });
      await expectNothingChanged();
    });
  });

  it('is to be tried again later where somebody holds the patient’s row', async () => {
    const blocker = await database.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    const response = await remove();
    expectProblem(response, 503, 'SHARD_UNAVAILABLE', { phase: 'PREPARE', shard: 'patient' });
    expect(response.headers['retry-after']).toBe('5');
    await blocker.end();
    await expectNothingChanged();
  });

  /** Runs the test with a trigger on every update of a table. */
  async function failOn(table: string, statement: string, test: () => Promise<void>): Promise<void> {
    await database.query(
      `CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; END $$`,
    );
    await database.query(
      `CREATE TRIGGER fail BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.fail()`,
    );
    try {
      await test();
    } finally {
      await database.query('DROP FUNCTION public.fail() CASCADE');
    }
  }
});

describe('the lists across patients', () => {
  it('page through deletions and audit events, newest first', async () => {
    for (let i = 0; i < 3; i++) {
      await remove().expect(201);
      patientId = await seedPatient(database, 1);
    }
    for (const [path, id] of [
      ['/deletions?state=DELETED&', 'deletionId'],
      ['/audit-events?action=SYSTEM_DELETE_PATIENT&', 'auditEventId'],
    ] as const) {
      const all = await pageThrough(`${path}limit=200`, id);
      expect(all.length).toBeGreaterThanOrEqual(3);
      expect(all).toEqual([...all].sort().reverse());
      expect(await pageThrough(`${path}limit=2`, id)).toEqual(all);
    }
    expect(await pageThrough('/deletions?state=RESTORED&limit=1', 'deletionId')).toEqual([]);
  });

  async function pageThrough(path: string, id: string): Promise<string[]> {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const response = await api.call('get', path + (cursor && `&cursor=${cursor}`), 'auditor').expect(200);
      const page = response.body as { items: Record<string, string>[]; nextCursor: string | null };
      seen.push(...page.items.map((item) => item[id] ?? ''));
      cursor = page.nextCursor;
    }
    return seen;
  }

  it('say so when there is no such event', async () => {
    const response = await api.call('get', `/audit-events/${randomUUID()}`, 'privacy-officer');
    expectProblem(response, 404, 'AUDIT_EVENT_NOT_FOUND');
  });

  it.each([
    ['/deletions?state=CLAIMED', 'state'],
    ['/deletions?patientId=x', 'patientId'],
    ['/audit-events?action=SELECT', 'action'],
    ['/audit-events?patientId=12345678901', 'patientId'],
    ['/audit-events?cursor=1', 'cursor'],
    ['/audit-events/1', 'auditEventId'],
  ])('refuse %s', async (path, field) => {
    expectProblem(await api.call('get', path, 'privacy-officer'), 400, 'VALIDATION_FAILED', {
      errors: [{ path: field, message: expect.any(String) }],
    });
  });
});
