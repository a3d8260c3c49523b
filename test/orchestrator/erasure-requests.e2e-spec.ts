import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ErasureRequestRepository, ErasureRequests } from '../../src/patient/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { HeldPatient, OFFICER } from './hold.stage.js';
import { AskingPatient, today } from './request.stage.js';

let silgi: Silgi;
let patient: AskingPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = new AskingPatient(silgi, await seedPatient(silgi.database, 1));
});
afterEach(async () => {
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
});

const remove = (more = {}) => silgi.orchestrator.deletePatient({ ...deletionOf(patient.patientId), ...more });
const idOf = async () => (await patient.request()).erasureRequestId;

describe('a data subject’s request', () => {
  it('is recorded with one event, and open until it is due', async () => {
    const recorded = await patient.record();
    expect(recorded).toMatchObject({
      replayed: false,
      request: {
        patientId: patient.patientId,
        state: 'OPEN',
        overdue: false,
        receivedOn: today(),
        channel: 'KEP',
        recordedBy: OFFICER.requestedBy,
        deletionId: null,
        closedAs: null,
      },
    });
    await patient.assertRecorded(recorded);
  });

  it('asked for again, one at a time and at once, is recorded once; one of another day or way is another', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => patient.record()));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await patient.assertRecorded(answers[0] as (typeof answers)[number]);
    expect((await patient.record({ receivedOn: today(-1) })).replayed).toBe(false);
    expect((await patient.record({ channel: 'EMAIL' })).replayed).toBe(false);
    expect(await patient.requests()).toHaveLength(3);
  });

  it('is refused for nobody, and for a day that has not come', async () => {
    await expect(patient.record({ patientId: randomUUID() })).rejects.toMatchObject({
      code: 'PATIENT_NOT_FOUND',
    });
    await expect(patient.record({ receivedOn: today(2) })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await patient.assertNotRecorded();
  });

  it('is fulfilled by a deletion that names it, which its record says', async () => {
    const { request } = await patient.record();
    const { erasureRequestId } = request;
    const { answer } = await remove({ erasureRequestId });
    expect(await patient.request()).toMatchObject({
      state: 'FULFILLED',
      deletionId: answer.deletionId,
      deletedAt: new Date(answer.deletedAt),
    });
    const [record] = await silgi.database.query<{ erasure_request_id: string }>(
      'SELECT erasure_request_id FROM patient.sharded_patient_deletion WHERE patient_id = $1',
      [patient.patientId],
    );
    expect(record?.erasure_request_id).toBe(erasureRequestId);
  });

  it('is fulfilled by any deletion, and at once where the patient is deleted before it is recorded', async () => {
    await patient.record();
    const { answer } = await remove();
    expect(await patient.request()).toMatchObject({ state: 'FULFILLED', deletionId: answer.deletionId });
    expect((await patient.record()).replayed).toBe(true);
    const late = await patient.record({ channel: 'LETTER' });
    expect(late.request).toMatchObject({ state: 'FULFILLED', deletionId: answer.deletionId });
    const [, event, ...more] = await patient.events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ reason: 'LETTER', deletion_id: answer.deletionId });
  });

  it('is open again where its deletion is undone, and withdrawn where it is for that reason', async () => {
    await patient.record();
    const { answer } = await remove();
    await silgi.orchestrator.restorePatient({ ...restorationOf(answer), reason: 'DELETED_IN_ERROR' });
    expect(await patient.request()).toMatchObject({ state: 'OPEN', deletionId: null });
    const second = await remove();
    await silgi.orchestrator.restorePatient({ ...restorationOf(second.answer), reason: 'REQUEST_WITHDRAWN' });
    expect(await patient.request()).toMatchObject({ state: 'WITHDRAWN', closedAs: null });
    expect((await patient.withdraw(await idOf())).replayed).toBe(true);
    await expect(patient.refuse(await idOf())).rejects.toMatchObject({ state: 'WITHDRAWN' });
    await expect(remove({ erasureRequestId: await idOf() })).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'ERASURE_REQUEST_NOT_OPEN', detail: expect.stringContaining('WITHDRAWN') }],
    });
    const { request } = await patient.record();
    expect(request.state).toBe('OPEN');
    // What was withdrawn stays so, whatever becomes of the patient.
    await remove();
    expect((await patient.requests()).map(({ state }) => state)).toEqual(['FULFILLED', 'WITHDRAWN']);
  });

  it('that was refused vetoes a deletion that names it, and no other; nothing is changed by the veto', async () => {
    const { request } = await patient.record();
    const { erasureRequestId } = request;
    const refused = await patient.refuse(erasureRequestId);
    expect(refused.request).toMatchObject({
      state: 'REFUSED',
      closingGround: 'GDPR_ART_17_3_B',
      closedBy: OFFICER.requestedBy,
    });
    await expect(remove({ erasureRequestId })).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'patient', code: 'ERASURE_REQUEST_NOT_OPEN' }],
    });
    expect((await remove()).answer.state).toBe('DELETED');
    expect((await patient.request()).state).toBe('REFUSED');
  });

  it('of another patient, or that nobody has recorded, vetoes the deletion that names it', async () => {
    const other = new AskingPatient(silgi, await seedPatient(silgi.database, 1));
    const { request } = await other.record();
    for (const erasureRequestId of [request.erasureRequestId, randomUUID()])
      await expect(remove({ erasureRequestId })).rejects.toMatchObject({
        blockers: [{ code: 'ERASURE_REQUEST_NOT_OPEN', detail: expect.stringContaining('not one of this') }],
      });
    expect((await other.request()).state).toBe('OPEN');
  });

  it('of another name is another request for an Idempotency-Key; without one the key is known as before', async () => {
    const { request } = await patient.record();
    const { erasureRequestId } = request;
    const idempotencyKey = randomUUID();
    const first = await remove({ idempotencyKey, erasureRequestId });
    expect(await remove({ idempotencyKey, erasureRequestId })).toEqual({ ...first, replayed: true });
    await expect(remove({ idempotencyKey })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('the answer to a request', () => {
  it('is one: what is refused, withdrawn or fulfilled is neither extended, refused nor withdrawn', async () => {
    const { request } = await patient.record();
    const { erasureRequestId } = request;
    const first = await patient.refuse(erasureRequestId);
    expect(await patient.refuse(erasureRequestId)).toEqual({ ...first, replayed: true });
    const closed = { code: 'ERASURE_REQUEST_CLOSED', state: 'REFUSED' };
    await expect(patient.refuse(erasureRequestId, { ground: 'GDPR_ART_17_3_E' })).rejects.toMatchObject(
      closed,
    );
    await expect(patient.withdraw(erasureRequestId)).rejects.toMatchObject(closed);
    await expect(patient.extend(erasureRequestId)).rejects.toMatchObject(closed);
    const second = (await patient.record()).request.erasureRequestId;
    const withdrawn = await patient.withdraw(second);
    expect(withdrawn.request).toMatchObject({ state: 'WITHDRAWN', closingGround: 'REQUEST_WITHDRAWN' });
    expect(await patient.withdraw(second)).toEqual({ ...withdrawn, replayed: true });
    const third = (await patient.record()).request.erasureRequestId;
    await remove();
    await expect(patient.refuse(third)).rejects.toMatchObject({ state: 'FULFILLED' });
    expect((await patient.events()).map(({ action, reason }) => [action, reason])).toEqual([
      ['SYSTEM_RECORD_ERASURE_REQUEST', 'KEP'],
      ['SYSTEM_REFUSE_ERASURE_REQUEST', 'GDPR_ART_17_3_B'],
      ['SYSTEM_RECORD_ERASURE_REQUEST', 'KEP'],
      ['SYSTEM_WITHDRAW_ERASURE_REQUEST', 'REQUEST_WITHDRAWN'],
      ['SYSTEM_RECORD_ERASURE_REQUEST', 'KEP'],
    ]);
  });

  it('is for a request that is there', async () => {
    const nothing = randomUUID();
    for (const asked of [
      () => patient.refuse(nothing),
      () => patient.extend(nothing),
      () => patient.withdraw(nothing),
    ])
      await expect(asked()).rejects.toMatchObject({ code: 'ERASURE_REQUEST_NOT_FOUND' });
  });

  it('comes later by two months where it is extended, once, and by its day', async () => {
    const { request } = await patient.record();
    const { request: extended } = await patient.extend(request.erasureRequestId);
    expect(extended).toMatchObject({
      state: 'OPEN',
      extensionReason: 'COMPLEXITY',
      extendedBy: OFFICER.requestedBy,
      dueOn: laterBy(request.dueOn, 2),
    });
    expect((await patient.extend(request.erasureRequestId)).replayed).toBe(true);
    await expect(
      patient.extend(request.erasureRequestId, { reason: 'NUMBER_OF_REQUESTS' }),
    ).rejects.toMatchObject({ code: 'EXTENSION_REFUSED', refusal: 'EXTENDED_BEFORE', dueOn: extended.dueOn });
    const late = await patient.record({ receivedOn: today(-40) });
    expect(late.request).toMatchObject({ state: 'OPEN', overdue: true });
    await expect(patient.extend(late.request.erasureRequestId)).rejects.toMatchObject({
      code: 'EXTENSION_REFUSED',
      refusal: 'PERIOD_OVER',
    });
  });

  it('is due on the day itself, and overdue on the next', async () => {
    const { request } = await patient.record({ receivedOn: '2026-10-01' });
    expect(request.dueOn).toBe('2026-10-31');
    const repository = silgi.app.get(ErasureRequestRepository);
    const { manager } = silgi.app.get(DataSource);
    for (const [day, overdue] of [
      ['2026-10-30', false],
      ['2026-10-31', false],
      ['2026-11-01', true],
    ] as const)
      expect(await repository.ofPatient(manager, patient.patientId, day)).toMatchObject([{ overdue }]);
  });
});

describe('a request beside a legal hold', () => {
  it('waits for it, is due again once it is released, and is fulfilled by a deletion then', async () => {
    const held = new HeldPatient(silgi, patient.patientId);
    const { request: late } = await patient.record({ receivedOn: today(-60) });
    const before = await silgi.app.get(ErasureRequests).waiting();
    const { hold } = await held.place();
    expect(await patient.request()).toEqual({ ...late, state: 'DEFERRED', overdue: false });
    expect(await silgi.app.get(ErasureRequests).waiting()).toEqual({
      open: before.open - 1,
      overdue: before.overdue - 1,
      deferred: before.deferred + 1,
      late: before.late + 1,
    });
    await expect(remove({ erasureRequestId: late.erasureRequestId })).rejects.toMatchObject({
      blockers: [{ code: 'LEGAL_HOLD' }],
    });
    await held.release(hold.holdId);
    expect(await patient.request()).toEqual(late);
    expect(await silgi.app.get(ErasureRequests).waiting()).toEqual(before);
    await remove({ erasureRequestId: late.erasureRequestId });
    expect((await patient.request()).state).toBe('FULFILLED');
  });

  it('is refused, extended or withdrawn all the same', async () => {
    const held = new HeldPatient(silgi, patient.patientId);
    const { request } = await patient.record();
    await held.place();
    expect((await patient.extend(request.erasureRequestId)).request.state).toBe('DEFERRED');
    expect((await patient.refuse(request.erasureRequestId)).request.state).toBe('REFUSED');
  });
});

describe('the day by which a request has to be answered', () => {
  it('is the earlier of thirty days and a calendar month later, and two months more where it is extended, from every day of five years', async () => {
    const rows = await silgi.database.query<{ received: string; due: string; extended: string }>(`
      WITH day AS (
        INSERT INTO patient.sharded_erasure_request (patient_id, erasure_request_id, received_on, channel, recorded_by,
          recorded_at, recorded_event_id, extension_reason, extended_by, extended_at, extended_event_id)
        SELECT gen_random_uuid(), gen_random_uuid(), d::date, 'KEP', 'x', now(), gen_random_uuid(), e.reason, e.reason,
          CASE WHEN e.reason IS NOT NULL THEN now() END, CASE WHEN e.reason IS NOT NULL THEN gen_random_uuid() END
        FROM generate_series('2024-01-01', '2028-12-31', interval '1 day') d, (VALUES (NULL), ('COMPLEXITY')) e (reason)
        RETURNING received_on, due_on, extended_at
      )
      SELECT received_on::text AS received, max(due_on) FILTER (WHERE extended_at IS NULL)::text AS due,
        max(due_on) FILTER (WHERE extended_at IS NOT NULL)::text AS extended
      FROM day GROUP BY received_on`);
    expect(rows).toHaveLength(1827);
    for (const { received, due, extended } of rows)
      expect([received, due, extended]).toEqual([received, dueDay(received), laterBy(dueDay(received), 2)]);
    const of = (day: string) => rows.find(({ received }) => received === day)?.due;
    expect([
      of('2026-01-31'),
      of('2028-01-31'),
      of('2028-01-30'),
      of('2026-02-01'),
      of('2026-03-31'),
    ]).toEqual(['2026-02-28', '2028-02-29', '2028-02-29', '2026-03-01', '2026-04-30']);
    await silgi.database.query("DELETE FROM patient.sharded_erasure_request WHERE recorded_by = 'x'");
  });
});

/** The same day of a later month, or its last one. */
function laterBy(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0));
  last.setUTCDate(Math.min(date, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

function dueDay(day: string): string {
  const thirty = new Date(Date.parse(day) + 30 * 86_400_000).toISOString().slice(0, 10);
  const month = laterBy(day, 1);
  return thirty < month ? thirty : month;
}
