import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { CHILD_TABLES, countRows, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi, type StepName } from '../support/silgi.js';
import { isWaitedFor } from '../support/waiting.js';
import { DeletedPatient, rowsOf } from './restoration.stage.js';

let silgi: Silgi;
let patient: DeletedPatient;
let writer: pg.Client;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = await DeletedPatient.prepare(silgi);
  writer = await silgi.database.connect();
});
afterEach(async () => {
  await writer.end();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(() => silgi.close());

const settled = <T>(promise: Promise<T>) =>
  promise.then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );

describe('two restorations of one deletion', () => {
  it('at once: one undoes it, and the other is refused', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => settled(patient.restore())));
    expect(all.filter(({ answer }) => answer?.replayed === false)).toHaveLength(1);
    const errors = all.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toMatchObject({ refusal: 'ALREADY_RESTORED' });
    await patient.assertRestored();
  });

  it.each(['restore patient', 'audit', 'commit'] as StepName[])(
    'of which one comes while the other is at "%s": it waits, and is refused',
    async (step) => {
      let second = settled(Promise.resolve<unknown>(undefined));
      silgi.faults.at(step, async ({ backendPid }) => {
        second = settled(patient.restore());
        await isWaitedFor(silgi.database, backendPid);
      });
      await patient.restore();
      expect((await second).error).toMatchObject({ refusal: 'ALREADY_RESTORED' });
      await patient.assertRestored();
    },
  );

  it('of which the first fails: the other undoes it', async () => {
    let second = settled(patient.restore({ requestId: 'never' }).catch(() => undefined));
    await second;
    patient = await DeletedPatient.prepare(silgi);
    silgi.faults.at('compare counts', async ({ backendPid }) => {
      second = settled(patient.restore());
      await isWaitedFor(silgi.database, backendPid);
      throw new Error('injected');
    });
    await expect(patient.restore()).rejects.toMatchObject({ code: 'SHARD_FAILED' });
    expect((await second).error).toBeUndefined();
    await patient.assertRestored();
  });
});

it('a restoration has the lock of the patient before anything is read, and waits for it no longer than two seconds', async () => {
  await writer.query('BEGIN');
  await writer.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
    patient.patientId,
  ]);
  const error = await patient.fails();
  await writer.query('ROLLBACK');
  expect(error).toMatchObject({
    code: 'SHARD_UNAVAILABLE',
    point: { phase: 'PREPARE', shard: 'patient', step: 'lock' },
  });
  await patient.stillWorks();
});

describe('a deletion', () => {
  it.each(['lock', 'restore patient', 'compare counts'] as StepName[])(
    'while a restoration is at "%s" finds the patient deleted, and afterwards can have him',
    async (step) => {
      let during: unknown;
      silgi.faults.at(step, async () => {
        during = (await settled(silgi.orchestrator.deletePatient(deletionOf(patient.patientId)))).error;
      });
      await patient.restore();
      expect(during).toMatchObject({
        code: 'PATIENT_ALREADY_DELETED',
        deletionId: patient.deletion.deletionId,
      });
      await patient.assertRestored();
      const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
      await silgi.orchestrator.restorePatient(restorationOf(answer));
      expect(await rowsOf(silgi.database, patient.patientId)).toBe(patient.before);
    },
  );

  it('that is under way cannot be undone yet', async () => {
    const patientId = await seedPatient(silgi.database, 1);
    let during: unknown;
    silgi.faults.at('commit', async ({ deletionId }) => {
      const early = restorationOf({ patientId, deletionId });
      during = (await settled(silgi.orchestrator.restorePatient(early))).error;
    });
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect(during).toMatchObject({ code: 'DELETION_NOT_FOUND' });
    await expect(silgi.orchestrator.restorePatient(restorationOf(answer))).resolves.toMatchObject({
      replayed: false,
    });
  });

  it('and restorations, again and again at once, leave the patient whole, live or deleted', async () => {
    const { patientId } = patient;
    const restore = async () => {
      const [last] = await silgi.database.query<{ deletionId: string }>(
        `SELECT deletion_id AS "deletionId" FROM patient.sharded_patient_deletion
         WHERE patient_id = $1 AND state = 'DELETED'`,
        [patientId],
      );
      if (last !== undefined) await silgi.orchestrator.restorePatient(restorationOf({ patientId, ...last }));
    };
    const remove = () => silgi.orchestrator.deletePatient(deletionOf(patientId));
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const codes: unknown[] = [];
        for (let round = 0; round < 6; round++)
          for (const act of [remove, restore])
            codes.push(
              ((await settled<unknown>(act())).error as { code?: string } | undefined)?.code ?? 'DONE',
            );
        return codes;
      }),
    );
    const codes = new Set(outcomes.flat());
    for (const code of codes)
      expect(['DONE', 'PATIENT_ALREADY_DELETED', 'RESTORATION_REFUSED', 'DELETION_NOT_FOUND']).toContain(
        code,
      );
    await restore();
    expect(await rowsOf(silgi.database, patientId)).toBe(patient.before);
    const [events] = await silgi.database.query<{ deletions: string; restorations: string }>(
      `SELECT count(*) FILTER (WHERE action = 'SYSTEM_DELETE_PATIENT') AS deletions,
         count(*) FILTER (WHERE action = 'SYSTEM_RESTORE_PATIENT') AS restorations
       FROM audit.sharded_audit_event WHERE patient_id = $1`,
      [patientId],
    );
    expect(Number(events?.deletions)).toBeGreaterThan(1);
    expect(events?.restorations).toBe(events?.deletions);
  });
});

describe('a writer', () => {
  const INDEX = 'CREATE UNIQUE INDEX taken ON finance.sharded_sigorta (member_id) WHERE NOT is_deleted';
  let value: string;
  let other: string;
  beforeEach(async () => {
    value = `H-${randomUUID()}`;
    await silgi.database.query(
      `UPDATE finance.sharded_sigorta SET member_id = $2 WHERE ctid =
         (SELECT ctid FROM finance.sharded_sigorta WHERE patient_id = $1 LIMIT 1)`,
      [patient.patientId, value],
    );
    await silgi.database.query(INDEX);
    other = await seedPatient(silgi.database, 1);
    await writer.query('BEGIN');
  });
  afterEach(() => silgi.database.query('DROP INDEX finance.taken'));

  const take = () =>
    writer.query('UPDATE finance.sharded_sigorta SET member_id = $2 WHERE patient_id = $1', [other, value]);
  const backend = async () =>
    (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;

  it.each([
    ['commits', 'COMMIT', 'VALUE_TAKEN'],
    ['rolls back', 'ROLLBACK', undefined],
  ])('who has taken a unique value is waited for, and %s', async (_, end, refusal) => {
    await take();
    const restored = settled(patient.restore());
    await isWaitedFor(silgi.database, await backend());
    await writer.query(end);
    const { error } = await restored;
    expect((error as { refusal?: string } | undefined)?.refusal).toBe(refusal);
    expect(await patient.restorations()).toHaveLength(refusal === undefined ? 1 : 0);
    const hidden = Object.values(await countRows(silgi.database, patient.patientId));
    expect(hidden.some(({ live }) => live > 0)).toBe(refusal === undefined);
  });

  it('who comes too late for a unique value is refused', async () => {
    let late: Promise<unknown> = Promise.resolve();
    silgi.faults.at('commit', async ({ backendPid }) => {
      late = take().catch((error: unknown) => error);
      await isWaitedFor(silgi.database, backendPid);
    });
    await patient.restore();
    expect(await late).toMatchObject({ code: '23505' });
    await writer.query('ROLLBACK');
  });

  it.each(CHILD_TABLES)(
    'adds a row to %s once the restoration has committed, and not before',
    async (table) => {
      const add = () =>
        writer.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [
          patient.patientId,
        ]);
      let early: unknown;
      silgi.faults.at('commit', async () => {
        await writer.query('SAVEPOINT before');
        early = await add().catch((error: unknown) => error);
        await writer.query('ROLLBACK TO before');
      });
      await patient.restore();
      expect(early).toMatchObject({ code: '23503' });
      await expect(add()).resolves.toMatchObject({ rowCount: 1 });
      await writer.query('COMMIT');
    },
  );
});
