import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { auditEventsOf, countRows } from '../support/patients.js';
import { deletionOf, openBehindProxy, restorationOf, type Silgi } from '../support/silgi.js';
import { until } from '../support/processes.js';
import type { WireProxy } from '../support/wire.proxy.js';
import { DELETED_ROWS, DeletedPatient, ROWS, rowsOf } from './restoration.stage.js';

let silgi: Silgi;
let proxy: WireProxy;
let patient: DeletedPatient;

beforeAll(async () => {
  ({ silgi, proxy } = await openBehindProxy());
});
beforeEach(async () => {
  patient = await DeletedPatient.prepare(silgi);
});
afterEach(async () => {
  jest.restoreAllMocks();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
  await proxy.close();
});

describe('a restoration', () => {
  it('brings every row back as it was, and leaves hidden what the hospital had hidden before', async () => {
    const { answer, replayed } = await patient.restore();
    expect(replayed).toBe(false);
    expect(answer).toMatchObject({ ...patient.deletion, state: 'RESTORED', totalRows: DELETED_ROWS });
    await patient.assertRestored();
    const counts = await countRows(silgi.database, patient.patientId);
    expect(counts['clinical.sharded_tani']).toEqual({ live: ROWS - 1, deleted: 1 });
  });

  it('makes the record RESTORED, and says who undid it, when and why', async () => {
    const before = await patient.record();
    const { answer } = await patient.restore({ reason: 'COURT_ORDER' });
    expect(await patient.record()).toEqual({
      ...before,
      state: 'RESTORED',
      restored_at: new Date(answer.restoredAt),
      restored_by: 'officer@hospital.example',
      restoration_reason: 'COURT_ORDER',
      restoration_event_id: answer.restorationEventId,
    });
  });

  it('writes exactly one SYSTEM_RESTORE_PATIENT event, with the rows that came back', async () => {
    const { answer } = await patient.restore();
    const events = await auditEventsOf(silgi.database, patient.patientId);
    expect(events.map(({ action }) => action)).toEqual(['SYSTEM_DELETE_PATIENT', 'SYSTEM_RESTORE_PATIENT']);
    const [deletion, event] = events;
    expect(event).toMatchObject({
      actor: 'officer@hospital.example',
      actor_role: 'privacy-officer',
      reason: 'DELETED_IN_ERROR',
      legal_basis: null,
      deletion_id: patient.deletion.deletionId,
      audit_event_id: answer.restorationEventId,
      purged: deletion?.purged,
      failure: null,
    });
  });

  it('may be followed by another deletion, which may be undone, too', async () => {
    const { patientId, before } = patient;
    await patient.restore();
    const { answer: second } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect(second.deletionId).not.toBe(patient.deletion.deletionId);
    expect(await patient.fails()).toMatchObject({ refusal: 'ALREADY_RESTORED' });
    const { answer } = await silgi.orchestrator.restorePatient(restorationOf(second));
    expect(answer).toMatchObject({ deletionId: second.deletionId, state: 'RESTORED' });
    expect(await rowsOf(silgi.database, patientId)).toBe(before);
  });

  it('works as silgi_restorer, and its session as silgi_service again afterwards', async () => {
    const roles: string[] = [];
    const look = async () => {
      const real = silgi.app.get(ClinicalRepository);
      const vote = real.vote.bind(real);
      const restore = real.restore.bind(real);
      const note = async (manager: Parameters<typeof vote>[0]) => {
        const [row] = await manager.query<{ role: string }[]>(
          `SELECT current_user || ' ' || pg_backend_pid() AS role`,
        );
        roles.push(row?.role ?? '');
      };
      jest.spyOn(real, 'restore').mockImplementationOnce(async (manager, ...asked) => {
        await note(manager);
        return restore(manager, ...asked);
      });
      jest.spyOn(real, 'vote').mockImplementationOnce(async (manager, id) => {
        await note(manager);
        return vote(manager, id);
      });
      await patient.restore();
      await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
    };
    await look();
    const [restored = '', deleted = ''] = roles;
    expect([restored.split(' ')[0], deleted.split(' ')[0]]).toEqual(['silgi_restorer', 'silgi_service']);
    expect(restored.split(' ')[1]).toBe(deleted.split(' ')[1]);
  });

  it('says nothing of what silgi_service may see: a deletion after it is vetoed where rows are hidden from that', async () => {
    const table = 'clinical.sharded_tani';
    await silgi.database.query(
      `CREATE POLICY less ON ${table} AS RESTRICTIVE FOR SELECT TO silgi_service USING (true)`,
    );
    await patient.restore();
    const deleted = await silgi.orchestrator
      .deletePatient(deletionOf(patient.patientId))
      .catch((error: unknown) => error);
    await silgi.database.query(`DROP POLICY less ON ${table}`);
    expect(deleted).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [
        { code: 'UNDECLARED_TABLE', detail: expect.stringContaining('hides rows of it from the service') },
      ],
    });
  });

  it('takes its steps in their order', async () => {
    silgi.faults.reset();
    await patient.restore();
    expect(silgi.faults.entered).toEqual([
      ...['connect', 'begin', 'take role', 'lock', 'read record'],
      ...['vote patient', 'vote clinical', 'vote finance', 'vote audit', 'vote catalogue'],
      ...['restore patient', 'restore clinical', 'restore finance', 'check constraints'],
      ...['guard demographics', 'rescan', 'audit', 'record', 'compare counts', 'commit'],
    ]);
  });
});

describe('a restoration with an Idempotency-Key', () => {
  const idempotencyKey = 'a key';

  it('gets its first answer again, byte for byte, and changes nothing', async () => {
    const first = await patient.restore({ idempotencyKey });
    const record = await patient.record();
    const again = await patient.restore({ idempotencyKey });
    expect(again.replayed).toBe(true);
    expect(JSON.stringify(again.answer)).toBe(JSON.stringify(first.answer));
    expect(await patient.record()).toEqual(record);
    await patient.assertRestored();
  });

  it('gets it again also when the patient was deleted again since', async () => {
    const first = await patient.restore({ idempotencyKey });
    await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
    expect(await patient.restore({ idempotencyKey })).toEqual({ answer: first.answer, replayed: true });
  });

  it.each([
    ['another reason', { reason: 'COURT_ORDER' as const }],
    ['another requester', { requestedBy: 'another@hospital.example' }],
  ])('is refused with %s', async (_, other) => {
    await patient.restore({ idempotencyKey });
    expect(await patient.fails({ idempotencyKey, ...other })).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('is refused with another key, as a deletion is undone once', async () => {
    await patient.restore({ idempotencyKey });
    expect(await patient.fails({ idempotencyKey: 'another' })).toMatchObject({ refusal: 'ALREADY_RESTORED' });
  });

  it('that comes while the first is under way waits for it, and gets its answer', async () => {
    let second: Promise<unknown> = Promise.resolve();
    silgi.faults.at('compare counts', async ({ backendPid }) => {
      second = patient.restore({ idempotencyKey });
      await somebodyWaitsFor(backendPid);
    });
    const first = await patient.restore({ idempotencyKey });
    expect(await second).toEqual({ answer: first.answer, replayed: true });
    await patient.assertRestored();
  });

  it('whose acknowledgement is lost is resolved to the answer that it gets again', async () => {
    proxy.cutAt('COMMIT', 'after');
    const fired = proxy.fired;
    const { answer, replayed } = await patient.restore({ idempotencyKey });
    expect({ replayed, fired: proxy.fired }).toEqual({ replayed: false, fired: fired + 1 });
    // A repeat writes nothing: whatever becomes of its COMMIT, it has its answer.
    proxy.cutAt('COMMIT', 'before');
    expect(await patient.restore({ idempotencyKey })).toEqual({ answer, replayed: true });
    await patient.assertRestored();
  });

  /** Returns once a session waits for this one. */
  async function somebodyWaitsFor(backendPid: number | undefined): Promise<void> {
    await until(async () => {
      const waiting = await silgi.database.query(
        'SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
        [backendPid],
      );
      return waiting.length > 0;
    });
  }
});
