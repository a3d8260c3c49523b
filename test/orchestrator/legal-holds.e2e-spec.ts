import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Held } from '../../src/orchestrator/index.js';
import { CHILD_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { HeldPatient, OFFICER } from './hold.stage.js';

let silgi: Silgi;
let patient: HeldPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = new HeldPatient(silgi, await seedPatient(silgi.database, 1));
  silgi.faults.reset();
});
afterEach(async () => {
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
});

const remove = () => silgi.orchestrator.deletePatient(deletionOf(patient.patientId));

describe('a legal hold', () => {
  it('vetoes a deletion until it is released, each with one event', async () => {
    const { hold, replayed } = await patient.place();
    expect(replayed).toBe(false);
    await patient.assertPlaced({ hold, replayed });
    await expect(remove()).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.stringContaining('LITIGATION') }],
    });
    const released = await patient.release(hold.holdId);
    expect(released.hold).toMatchObject({
      ...hold,
      releasedBy: OFFICER.requestedBy,
      releaseGround: 'CASE_CLOSED',
      releasedAt: expect.any(Date),
      releasedEventId: expect.any(String),
    });
    expect(await patient.holds()).toEqual([expect.objectContaining({ ...released.hold })]);
    expect(
      (await patient.events()).map(({ action, audit_event_id, reason }) => [action, audit_event_id, reason]),
    ).toEqual([
      ['SYSTEM_PLACE_LEGAL_HOLD', hold.placedEventId, 'LITIGATION'],
      ['SYSTEM_RELEASE_LEGAL_HOLD', released.hold.releasedEventId, 'CASE_CLOSED'],
    ]);
    expect((await remove()).answer.state).toBe('DELETED');
  });

  it('is placed on a deleted patient, names the deletion in its event, and keeps it from being undone', async () => {
    const { answer: deletion } = await remove();
    const held = await patient.place();
    await patient.assertPlaced(held, deletion.deletionId);
    await expect(silgi.orchestrator.restorePatient(restorationOf(deletion))).rejects.toMatchObject({
      code: 'RESTORATION_REFUSED',
      refusal: 'VETOED',
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD' }],
    });
    await patient.release(held.hold.holdId);
    const { answer } = await silgi.orchestrator.restorePatient(restorationOf(deletion));
    expect(answer.state).toBe('RESTORED');
  });

  it('stands beside others, and what one of them keeps stays kept when another is released', async () => {
    const first = await patient.place();
    const second = await patient.place({ reference: '2026/18 E.' });
    const third = await patient.place({ ground: 'REGULATOR' });
    const ids = [first, second, third].map(({ hold }) => hold.holdId);
    expect(new Set(ids).size).toBe(3);
    for (const holdId of ids) {
      await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED' });
      await patient.release(holdId);
    }
    expect((await remove()).answer.state).toBe('DELETED');
  });

  it('asked for again, one at a time and at once, is placed once and answered alike', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => patient.place()));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    answers.push(await patient.place({ requestedBy: 'somebody@hospital.example' }));
    expect(new Set(answers.map(({ hold }) => hold.holdId)).size).toBe(1);
    await patient.assertPlaced(answers[0] as Held);
  });

  it('that was released is answered as it is where the ground is the same, and refused where it is another', async () => {
    const { hold } = await patient.place();
    const first = await patient.release(hold.holdId);
    const again = await patient.release(hold.holdId, { requestedBy: 'somebody@hospital.example' });
    expect(again).toEqual({ hold: expect.objectContaining({ ...first.hold }), replayed: true });
    await expect(patient.release(hold.holdId, { ground: 'PLACED_IN_ERROR' })).rejects.toMatchObject({
      code: 'LEGAL_HOLD_RELEASED',
    });
    expect(await patient.events()).toHaveLength(2);
    expect((await patient.place()).replayed).toBe(false);
  });

  it('of another patient is not released, nor one that was never there; nobody unknown is held', async () => {
    const { hold } = await patient.place();
    const held = patient;
    patient = new HeldPatient(silgi, await seedPatient(silgi.database, 1));
    await expect(patient.release(hold.holdId)).rejects.toMatchObject({ code: 'LEGAL_HOLD_NOT_FOUND' });
    await expect(patient.release(randomUUID())).rejects.toMatchObject({ code: 'LEGAL_HOLD_NOT_FOUND' });
    const unknown = { patientId: randomUUID() };
    for (const call of [patient.place(unknown), patient.release(hold.holdId, unknown)])
      await expect(call).rejects.toMatchObject({ code: 'PATIENT_NOT_FOUND' });
    expect(await patient.events()).toEqual([]);
    patient = held;
    await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED' });
  });

  const hide = async (hidden: boolean) => {
    const root = 'patient.sharded_patient_demographics';
    for (const table of hidden ? [...CHILD_TABLES, root] : [root])
      await silgi.database.query(`UPDATE ${table} SET is_deleted = $2 WHERE patient_id = $1`, [
        patient.patientId,
        hidden,
      ]);
  };

  it('is refused for who was hidden by the hospital’s own system, and released for him where it was there before', async () => {
    await hide(true);
    await expect(patient.place()).rejects.toMatchObject({
      code: 'PATIENT_ALREADY_DELETED',
      deletionId: null,
    });
    await patient.assertNotPlaced();
    await hide(false);
    const { hold } = await patient.place();
    await hide(true);
    expect(await patient.release(hold.holdId)).toMatchObject({ replayed: false });
    expect(await patient.events()).toHaveLength(2);
  });

  it('of who is not there any more is released, and read', async () => {
    const { hold } = await patient.place();
    const session = await silgi.database.connect();
    await session.query('SET session_replication_role = replica');
    for (const table of [...CHILD_TABLES, 'patient.sharded_patient_demographics'])
      await session.query(`DELETE FROM ${table} WHERE patient_id = $1`, [patient.patientId]);
    await session.end();
    expect(await patient.holds()).toHaveLength(1);
    await expect(patient.place({ reference: '1' })).rejects.toMatchObject({ code: 'PATIENT_NOT_FOUND' });
    expect(await patient.release(hold.holdId)).toMatchObject({ replayed: false });
  });

  it('waits for no writer of a row of the patient, nor does one wait for it', async () => {
    const writer = await silgi.database.connect();
    await writer.query('BEGIN');
    await writer.query(
      'SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR KEY SHARE',
      [patient.patientId],
    );
    await writer.query('SELECT FROM clinical.sharded_tani WHERE patient_id = $1 FOR UPDATE', [
      patient.patientId,
    ]);
    await patient.assertPlaced(await patient.place());
    await writer.query('ROLLBACK');
    await writer.end();
  });

  it('from before it had a case vetoes, and is released with its one event', async () => {
    const holdId = randomUUID();
    await silgi.database.query(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, $2, 'COURT', 'someone', now())`,
      [patient.patientId, holdId],
    );
    await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED' });
    expect((await patient.release(holdId)).hold).toMatchObject({
      ground: 'COURT',
      reference: null,
      placedEventId: null,
    });
    expect(await patient.events()).toHaveLength(1);
    expect((await remove()).answer.state).toBe('DELETED');
  });

  it('that was released past Silgi is no hold any more, and is not released again', async () => {
    const { hold } = await patient.place();
    await silgi.database.query(
      `UPDATE patient.sharded_legal_hold SET released_at = '2026-11-01', released_by = 'x' WHERE hold_id = $1`,
      [hold.holdId],
    );
    const refusal: unknown = await patient.release(hold.holdId).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'LEGAL_HOLD_RELEASED',
      message: expect.stringContaining('no ground'),
    });
    expect((await remove()).answer.state).toBe('DELETED');
  });
});
