import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import {
  DeletionVetoed,
  ErasureRequestClosed,
  ErasureRequestNotFound,
  ExtensionRefused,
  LegalHoldNotFound,
  LegalHoldReleased,
  NothingToTell,
  NotReceivedYet,
  PatientNotFound,
  Silgi,
  SilgiModule,
  ValidationFailed,
} from '../../src/library/index.js';
import { today } from '../orchestrator/request.stage.js';
import type { TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { DELETION, hospitalDatabase, REQUESTED_BY, withoutHttp } from './hospital.js';

const HOLD = { ground: 'LITIGATION', reference: '2026/1184 E.', requestedBy: REQUESTED_BY } as const;
const CLOSED = { ground: 'CASE_CLOSED', requestedBy: REQUESTED_BY } as const;
const RECEIVED = { receivedOn: today(), channel: 'KEP', requestedBy: REQUESTED_BY } as const;

let database: TestDatabase;
let context: INestApplicationContext;
let silgi: Silgi;
let patientId: string;

beforeAll(async () => {
  database = await hospitalDatabase();
  const options = { database: { url: database.url }, controller: { name: 'Örnek Hastanesi' } };
  context = await withoutHttp(SilgiModule.forRoot(options));
  silgi = context.get(Silgi);
});
beforeEach(async () => {
  patientId = await seedPatient(database, 1);
});
afterAll(async () => {
  await context.close();
  await database.drop();
});

/** What the log says of the patient, oldest first, and that all of it was done in the name that the application gave. */
async function actions(): Promise<string[]> {
  const events = await auditEventsOf(database, patientId);
  expect(new Set(events.map(({ actor }) => actor))).toEqual(new Set([REQUESTED_BY.subject]));
  return events.map(({ action }) => action);
}

describe('a legal hold of an application’s', () => {
  it('vetoes a deletion until it is released, each with its event, and a repeat of either writes nothing', async () => {
    const { hold, replayed } = await silgi.legalHolds.place({ patientId, ...HOLD });
    const { holdId } = hold;
    const placed = { patientId, ground: 'LITIGATION', reference: '2026/1184 E.', placedBy: 'clerk' };
    expect([hold, replayed]).toMatchObject([{ ...placed, releasedAt: null }, false]);
    expect(await silgi.legalHolds.place({ patientId, ...HOLD })).toMatchObject({
      hold: { holdId },
      replayed: true,
    });
    await expect(silgi.deletePatient({ patientId, ...DELETION })).rejects.toThrow(DeletionVetoed);

    const released = await silgi.legalHolds.release({ patientId, holdId, ...CLOSED });
    expect(released).toMatchObject({ hold: { releaseGround: 'CASE_CLOSED' }, replayed: false });
    expect(await silgi.legalHolds.release({ patientId, holdId, ...CLOSED })).toMatchObject({
      replayed: true,
    });
    await silgi.deletePatient({ patientId, ...DELETION });
    expect(await actions()).toEqual([
      'SYSTEM_PLACE_LEGAL_HOLD',
      'SYSTEM_DELETE_PATIENT_FAILED',
      'SYSTEM_RELEASE_LEGAL_HOLD',
      'SYSTEM_DELETE_PATIENT',
    ]);
  });

  it('is shown with the others of its patient, and page by page with those of all, newest first', async () => {
    const holds = [];
    for (const reference of ['1', '2', '3'])
      holds.push((await silgi.legalHolds.place({ patientId, ...HOLD, reference })).hold.holdId);
    const [first = '', second, third = ''] = holds;
    await silgi.legalHolds.release({ patientId, holdId: first, ...CLOSED });
    const idsOf = (found: readonly { holdId: string }[]) => found.map(({ holdId }) => holdId);
    expect(idsOf(await silgi.legalHolds.ofPatient(patientId.toUpperCase()))).toEqual([third, second, first]);
    expect(idsOf(await silgi.legalHolds.page({ limit: 1 }))).toEqual([third]);
    expect(idsOf(await silgi.legalHolds.page({ before: third, limit: 1 }))).toEqual([second]);
    expect(idsOf(await silgi.legalHolds.page({ state: 'RELEASED', limit: 1 }))).toEqual([first]);
  });

  it('is refused by the classes of the errors', async () => {
    const { legalHolds } = silgi;
    const unknown = randomUUID();
    const { holdId } = (await legalHolds.place({ patientId, ...HOLD })).hold;
    await legalHolds.release({ patientId, holdId, ...CLOSED });
    await expect(legalHolds.place({ patientId: unknown, ...HOLD })).rejects.toThrow(PatientNotFound);
    await expect(legalHolds.ofPatient(unknown)).rejects.toThrow(PatientNotFound);
    const another = legalHolds.release({ patientId, holdId: unknown, ...CLOSED });
    await expect(another).rejects.toThrow(LegalHoldNotFound);
    const again = legalHolds.release({ patientId, holdId, ...CLOSED, ground: 'PERIOD_OVER' });
    await expect(again).rejects.toThrow(LegalHoldReleased);
  });
});

describe('a data subject’s request of an application’s', () => {
  it('is fulfilled by a deletion that names it, and answered by a letter', async () => {
    const { request, replayed } = await silgi.erasureRequests.record({ patientId, ...RECEIVED });
    const { erasureRequestId } = request;
    expect([request, replayed]).toMatchObject([{ patientId, state: 'OPEN', recordedBy: 'clerk' }, false]);
    expect(await silgi.erasureRequests.record({ patientId, ...RECEIVED })).toEqual({
      request,
      replayed: true,
    });
    await expect(silgi.erasureRequests.letter(erasureRequestId, 'tr')).rejects.toThrow(NothingToTell);

    const { answer } = await silgi.deletePatient({ patientId, ...DELETION, erasureRequestId });
    const { deletionId } = answer;
    expect(await silgi.erasureRequests.get(erasureRequestId)).toMatchObject({
      state: 'FULFILLED',
      deletionId,
    });
    const records = await database.query(
      'SELECT erasure_request_id FROM patient.sharded_patient_deletion WHERE patient_id = $1',
      [patientId],
    );
    expect(records).toEqual([{ erasure_request_id: erasureRequestId }]);
    const letter = await silgi.erasureRequests.letter(erasureRequestId, 'tr');
    expect(letter.subarray(0, 5).toString()).toBe('%PDF-');
    const late = { patientId, erasureRequestId, requestedBy: REQUESTED_BY };
    await expect(silgi.erasureRequests.withdraw(late)).rejects.toThrow(ErasureRequestClosed);
    expect(await actions()).toEqual(['SYSTEM_RECORD_ERASURE_REQUEST', 'SYSTEM_DELETE_PATIENT']);
  });

  it('is extended once, refused, and names no deletion any more', async () => {
    const { erasureRequestId } = (await silgi.erasureRequests.record({ patientId, ...RECEIVED })).request;
    const answer = { patientId, erasureRequestId, requestedBy: REQUESTED_BY };
    const extended = await silgi.erasureRequests.extend({ ...answer, reason: 'COMPLEXITY' });
    expect(extended).toMatchObject({ request: { extensionReason: 'COMPLEXITY' }, replayed: false });
    const twice = silgi.erasureRequests.extend({ ...answer, reason: 'NUMBER_OF_REQUESTS' });
    await expect(twice).rejects.toThrow(ExtensionRefused);
    const { request } = await silgi.erasureRequests.refuse({ ...answer, ground: 'GDPR_ART_17_3_B' });
    expect(request).toMatchObject({ state: 'REFUSED', closingGround: 'GDPR_ART_17_3_B', closedBy: 'clerk' });
    expect(await silgi.erasureRequests.page({ patientId, state: 'REFUSED', limit: 9 })).toEqual([request]);
    expect(await silgi.erasureRequests.page({ patientId, overdue: true, limit: 9 })).toEqual([]);
    const named = silgi.deletePatient({ patientId, ...DELETION, erasureRequestId });
    await expect(named).rejects.toMatchObject({ blockers: [{ code: 'ERASURE_REQUEST_NOT_OPEN' }] });
  });

  it('is withdrawn, and refused by the classes of the errors', async () => {
    const { erasureRequests } = silgi;
    const { erasureRequestId } = (await erasureRequests.record({ patientId, ...RECEIVED })).request;
    const answer = { patientId, erasureRequestId, requestedBy: REQUESTED_BY };
    const ofAnother = { ...answer, patientId: await seedPatient(database, 1) };
    await expect(erasureRequests.withdraw(ofAnother)).rejects.toThrow(ErasureRequestNotFound);
    expect((await erasureRequests.withdraw(answer)).request.state).toBe('WITHDRAWN');
    await expect(erasureRequests.get(randomUUID())).rejects.toThrow(ErasureRequestNotFound);
    const early = { patientId, ...RECEIVED, receivedOn: today(1) };
    await expect(erasureRequests.record(early)).rejects.toThrow(NotReceivedYet);
  });
});

describe('wrong input', () => {
  const id = randomUUID();
  const answer = { patientId: id, erasureRequestId: id, requestedBy: REQUESTED_BY };
  const place = (wrong: object) => silgi.legalHolds.place({ patientId, ...HOLD, ...wrong });
  const record = (wrong: object) => silgi.erasureRequests.record({ patientId, ...RECEIVED, ...wrong });

  it.each<[string, () => Promise<unknown>, string]>([
    ['no UUID', () => place({ patientId: 'H-204117' }), 'patientId must be a UUID'],
    ['another ground', () => place({ ground: 'A_FEELING' }), 'ground must be one of LITIGATION'],
    [
      'a sentence for a case',
      () => place({ reference: 'said he; “no”' }),
      'reference must be the number of a case',
    ],
    ['a case of 65 characters', () => place({ reference: '1'.repeat(65) }), 'must be the number of a case'],
    ['a blank before a case', () => place({ reference: ' 1' }), 'must be the number of a case'],
    ['a case that is no text', () => place({ reference: 17 }), 'must be the number of a case'],
    ['what nobody knows', () => place({ note: 'x' }), 'has what is not known: note'],
    [
      'nobody who asks',
      () => place({ requestedBy: { ...REQUESTED_BY, subject: ' ' } }),
      'requestedBy.subject',
    ],
    [
      'another reason for a release',
      () => silgi.legalHolds.release({ patientId, holdId: id, ...CLOSED, ground: 'OVER' as 'PERIOD_OVER' }),
      'ground must be one of CASE_CLOSED',
    ],
    ['a hold of nobody', () => silgi.legalHolds.ofPatient('1'), 'patientId must be a UUID'],
    [
      'a page of 201 holds',
      () => silgi.legalHolds.page({ limit: 201 }),
      'limit must be at most 200. Nothing was changed.',
    ],
    ['a page of no requests', () => silgi.erasureRequests.page({ limit: 0 }), 'limit must be at least 1'],
    ['half a page', () => silgi.erasureRequests.page({ limit: 0.5 }), 'limit must be a whole number'],
    [
      'a day that the calendar has not',
      () => record({ receivedOn: '2026-02-30' }),
      'receivedOn must be a day such as 2026-11-30. Nothing was changed.',
    ],
    [
      'a day of another century',
      () => record({ receivedOn: '1999-12-31' }),
      'receivedOn must be a day such as 2026-11-30. Nothing was changed.',
    ],
    ['a Date', () => record({ receivedOn: new Date() }), 'receivedOn must be a day such as 2026-11-30'],
    ['another way', () => record({ channel: 'FAX' }), 'channel must be one of IN_PERSON'],
    [
      'another extension',
      () => silgi.erasureRequests.extend({ ...answer, reason: 'TIME' as 'COMPLEXITY' }),
      'reason must be one of COMPLEXITY',
    ],
    [
      'another refusal',
      () => silgi.erasureRequests.refuse({ ...answer, ground: 'NO' as 'GDPR_ART_17_3_B' }),
      'ground must be one of GDPR_ART_12_5_B',
    ],
    [
      'a ground in a withdrawal',
      () => silgi.erasureRequests.withdraw({ ...answer, ground: 'NO' } as never),
      'has what is not known: ground',
    ],
    ['a request that is none', () => silgi.erasureRequests.get('1'), 'erasureRequestId must be a UUID'],
    [
      'a letter in another language',
      () => silgi.erasureRequests.letter(id, 'de' as 'tr'),
      'language must be one of',
    ],
    [
      'a deletion that names no UUID',
      () => silgi.deletePatient({ patientId, ...DELETION, erasureRequestId: '1' }),
      'erasureRequestId must be a UUID',
    ],
  ])('%s is refused before the database is asked', async (_, call, message) => {
    const before = await digestOf(database, patientId);
    const refused = call();
    await expect(refused).rejects.toThrow(ValidationFailed);
    await expect(refused).rejects.toThrow(message);
    expect([await digestOf(database, patientId), await auditEventsOf(database, patientId)]).toEqual([
      before,
      [],
    ]);
  });
});
