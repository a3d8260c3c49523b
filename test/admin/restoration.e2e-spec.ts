import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OutcomePending } from '../../src/protocol/index.js';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from './api.js';

const REASON = { reason: 'DELETED_IN_ERROR' };

let database: TestDatabase;
let api: Api;
let patientId: string;
let path: string;
let before: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});
beforeEach(async () => {
  patientId = await seedPatient(database, 2);
  path = await remove();
  before = await digestOf(database, patientId);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** @returns the path of the deletion */
async function remove(): Promise<string> {
  const deleted = api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
  const { deletionId } = (await deleted.expect(201)).body as { deletionId: string };
  return `/patients/${patientId}/deletions/${deletionId}`;
}

const restore = (body: object = REASON, headers: Record<string, string> = {}) =>
  api.call('post', `${path}/restoration`, 'privacy-officer').set(headers).send(body);
const record = async () =>
  (await api.call('get', path, 'auditor').expect(200)).body as Record<string, unknown>;
const metric = async (line: string) =>
  Number(
    (await api.raw('get', '/metrics').expect(200)).text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length) ?? 0,
  );

async function expectNothingChanged(): Promise<void> {
  expect(await digestOf(database, patientId)).toBe(before);
}

describe('POST /patients/{patientId}/deletions/{deletionId}/restoration', () => {
  it('answers the record, as every call shows it from then on', async () => {
    expect(await record()).toMatchObject({
      state: 'DELETED',
      restoredAt: null,
      restoredBy: null,
      restorationReason: null,
      restorationEventId: null,
    });
    const deleted = await record();
    const response = await restore().expect(200);
    const answer = response.body as Record<string, string>;
    expect(answer).toEqual({
      ...deleted,
      state: 'RESTORED',
      restoredAt: expect.stringMatching(/^\d{4}-.*Z$/),
      restoredBy: SUBJECT,
      restorationReason: 'DELETED_IN_ERROR',
      restorationEventId: expect.any(String),
    });
    expect(response.headers['idempotency-replayed']).toBeUndefined();
    expect(await record()).toEqual(answer);
    const lists = [`/patients/${patientId}/deletions`, '/deletions?state=RESTORED&limit=1'];
    for (const list of lists)
      expect((await api.call('get', list, 'auditor').expect(200)).body).toMatchObject({ items: [answer] });
    const gone = await api.call('get', '/deletions?state=DELETED&limit=200', 'auditor').expect(200);
    expect(JSON.stringify(gone.body)).not.toContain(answer['deletionId']);
    const event = await api.call('get', `/audit-events/${answer['restorationEventId'] ?? ''}`, 'auditor');
    expect(event.body).toMatchObject({
      action: 'SYSTEM_RESTORE_PATIENT',
      actor: SUBJECT,
      actorRole: 'privacy-officer',
      reason: 'DELETED_IN_ERROR',
      legalBasis: null,
      deletionId: answer['deletionId'],
      purged: deleted['shards'],
      failure: null,
      occurredAt: answer['restoredAt'],
    });
  });

  it('makes the patient readable again, and one who may be deleted again', async () => {
    expectProblem(await api.call('get', `/patients/${patientId}`, 'system-admin'), 410, 'PATIENT_DELETED', {
      deletion: `/api/v1${path}`,
    });
    await restore().expect(200);
    const shown = await api.call('get', `/patients/${patientId}`, 'system-admin').expect(200);
    expect(shown.body).toMatchObject({ patientId, state: 'live' });
    const first = path;
    path = await remove();
    expect(path).not.toBe(first);
    await restore().expect(200);
  });

  it('with an Idempotency-Key answers again, byte for byte, and refuses the key with another reason', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await restore(REASON, key).expect(200);
    const again = await restore(REASON, key).expect(200);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expectProblem(await restore({ reason: 'COURT_ORDER' }, key), 422, 'IDEMPOTENCY_KEY_REUSED');
    expectProblem(await restore(REASON, { 'Idempotency-Key': 'two words' }), 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'Idempotency-Key', message: expect.any(String) }],
    });
  });

  it.each(['system-admin', 'auditor'] as const)('is not for the role %s', async (role) => {
    expectProblem(await api.call('post', `${path}/restoration`, role).send(REASON), 403, 'FORBIDDEN');
    expectProblem(await api.call('post', `${path}/restoration`).send(REASON), 401, 'UNAUTHENTICATED');
    await expectNothingChanged();
  });

  it.each([
    ['another reason', { reason: 'RETENTION_EXPIRED' }, 'reason'],
    ['no reason', {}, 'reason'],
    ['more than a reason', { ...REASON, legalBasis: 'OTHER_LAW' }, 'legalBasis'],
  ])('takes no body with %s', async (_, body, field) => {
    expectProblem(await restore(body), 400, 'VALIDATION_FAILED', {
      errors: [{ path: field, message: expect.any(String) }],
    });
    await expectNothingChanged();
  });

  it.each(['DELETED_IN_ERROR', 'REQUEST_WITHDRAWN', 'COURT_ORDER', 'OTHER_LAW'])(
    'takes the reason %s',
    async (reason) => {
      expect((await restore({ reason }).expect(200)).body).toMatchObject({ restorationReason: reason });
    },
  );

  it('does not know a deletion or a patient who was never there', async () => {
    const [, , , , deletionId] = path.split('/');
    path = `/patients/${patientId}/deletions/${randomUUID()}`;
    expectProblem(await restore(), 404, 'DELETION_NOT_FOUND');
    path = `/patients/${randomUUID()}/deletions/${deletionId ?? ''}`;
    expectProblem(await restore(), 404, 'PATIENT_NOT_FOUND');
  });
});

describe('a restoration that is refused', () => {
  const refused = async (members: object) => {
    const response = await restore();
    expectProblem(response, 409, 'RESTORATION_REFUSED', members);
    await expectNothingChanged();
  };

  it('says that the deletion is undone already', async () => {
    await restore().expect(200);
    before = await digestOf(database, patientId);
    await refused({ refusal: 'ALREADY_RESTORED' });
  });

  it('says that the window is over, and is counted and audited', async () => {
    const line = 'silgi_restoration_refusals_total{refusal="WINDOW_OVER"}';
    const counted = await metric(line);
    await database.query(
      `UPDATE patient.sharded_patient_deletion SET deleted_at = now() - interval '31 days' WHERE patient_id = $1`,
      [patientId],
    );
    before = await digestOf(database, patientId);
    await refused({ refusal: 'WINDOW_OVER' });
    expect(await metric(line)).toBe(counted + 1);
    const audited = await api
      .call('get', `/audit-events?patientId=${patientId}&action=SYSTEM_RESTORE_PATIENT_FAILED`, 'auditor')
      .expect(200);
    expect(audited.body).toMatchObject({
      items: [{ failure: { code: 'RESTORATION_REFUSED', refusal: 'WINDOW_OVER' }, purged: null }],
    });
  });

  it('lists every veto', async () => {
    await database.query(
      `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
      [patientId, randomUUID()],
    );
    before = await digestOf(database, patientId);
    const blockers = [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }];
    await refused({ refusal: 'VETOED', blockers });
  });

  it('names the table of which a unique value was taken, and not the value', async () => {
    const root = 'patient.sharded_patient_demographics';
    const number = 'H-1-taken';
    const take = `UPDATE ${root} SET record_number = '${number}' WHERE patient_id = $1`;
    await database.query(take, [patientId]);
    await database.query(
      `CREATE UNIQUE INDEX taken ON ${root} (record_number) WHERE NOT is_deleted AND record_number = '${number}'`,
    );
    await database.query(take, [await seedPatient(database, 1)]);
    before = await digestOf(database, patientId);
    await refused({
      refusal: 'VALUE_TAKEN',
      phase: 'EXECUTE',
      shard: 'patient',
      table: 'sharded_patient_demographics',
    });
    await database.query('DROP INDEX patient.taken');
  });
});

describe('a restoration that fails', () => {
  it('names phase, shard and table, changes nothing, and tells nothing of the database’s own words', async () => {
    await database.query(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'Işıl Yıldız'; END $$`);
    await database.query(
      'CREATE TRIGGER fail BEFORE UPDATE ON clinical.sharded_tani FOR EACH ROW EXECUTE FUNCTION public.fail()',
    );
    const line = 'silgi_restoration_failures_total{phase="EXECUTE",shard="clinical",code="SHARD_FAILED"}';
    const counted = await metric(line);
    const response = await restore(REASON, { 'X-Request-Id': 'failing-2' });
    await database.query('DROP FUNCTION public.fail() CASCADE');
    const point = { phase: 'EXECUTE', shard: 'clinical', table: 'sharded_tani' };
    expectProblem(response, 500, 'SHARD_FAILED', point);
    await expectNothingChanged();
    expect(await metric(line)).toBe(counted + 1);
    expect(JSON.stringify(api.log)).not.toMatch(/Işıl|Yıldız/);
    const [, event] = await auditEventsOf(database, patientId);
    expect(event).toMatchObject({ action: 'SYSTEM_RESTORE_PATIENT_FAILED', failure: { ...point } });
    expect(lineOf('failing-2')).toMatchObject({ level: 'error', outcome: 'SHARD_FAILED', ...point });
  });

  it('whose outcome is not known says where the truth will be', async () => {
    const [, , , , deletionId] = path.split('/');
    const lost = new OutcomePending(
      { name: 'restoration', ids: { patientId } },
      { phase: 'COMMIT', shard: 'patient', step: 'commit' },
    );
    jest.spyOn(api.app.get(PatientOrchestrator), 'restorePatient').mockRejectedValueOnce(lost);
    const response = await restore().expect(202);
    expect(response.body).toEqual({ patientId, deletionId, state: 'COMMITTING' });
    expect(response.headers).toMatchObject({ location: `/api/v1${path}`, 'retry-after': '5' });
  });
});

/** The line of the log about a restoration. */
function lineOf(requestId: string) {
  return api.log.find(
    (line) =>
      line['context'] === 'Deletion' && line['requestId'] === requestId && line['msg'] === 'restoration',
  );
}

describe('what an operator sees of a restoration', () => {
  it('is counted, timed, and one line of the log', async () => {
    const restored = 'silgi_restorations_total{outcome="RESTORED"}';
    const took = 'silgi_restoration_duration_seconds_count{outcome="RESTORED"}';
    const counted = [await metric(restored), await metric(took)];
    await restore(REASON, { 'X-Request-Id': 'restored-1' }).expect(200);
    expect([await metric(restored), await metric(took)]).toEqual(counted.map((count) => count + 1));
    const [, , , , deletionId] = path.split('/');
    expect(lineOf('restored-1')).toMatchObject({
      level: 'info',
      deletionId,
      outcome: 'RESTORED',
      totalRows: 29,
      ms: expect.any(Number),
    });
  });

  it('says in the line of one that is refused why', async () => {
    await restore().expect(200);
    await restore(REASON, { 'X-Request-Id': 'refused-1' }).expect(409);
    expect(lineOf('refused-1')).toMatchObject({
      level: 'warn',
      outcome: 'RESTORATION_REFUSED',
      refusal: 'ALREADY_RESTORED',
      vetoes: [],
    });
  });
});

// The last: whoever opens a service takes the log.
describe('a service that restores nobody', () => {
  it('refuses, and says so', async () => {
    const other = await openApi(database.url, { env: { RESTORE_WINDOW_DAYS: '0' } });
    const asked = other.call('post', `${path}/restoration`, 'privacy-officer').send(REASON);
    expectProblem(await asked, 409, 'RESTORATION_REFUSED', { refusal: 'SWITCHED_OFF' });
    await other.close();
    await expectNothingChanged();
  });
});
