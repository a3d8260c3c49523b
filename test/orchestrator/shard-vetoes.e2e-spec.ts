import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DELETION_VETOES } from '../../src/common/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { isWaitedFor } from '../support/waiting.js';
import { HeldPatient } from './hold.stage.js';

const OPEN = {
  shard: 'clinical',
  code: 'OPEN_EXAMINATION',
  detail: "An examination of the patient is not ended. End it in the hospital's system, and ask again.",
};
const UNPAID = {
  shard: 'finance',
  code: 'UNPAID_BALANCE',
  detail:
    "An invoice of the patient has an unpaid balance. Have it paid or written off in the hospital's system, and ask again.",
};

let silgi: Silgi;
let patientId: string;
let writer: pg.Client;

beforeAll(async () => {
  silgi = await openSilgi({ vetoes: DELETION_VETOES });
});
beforeEach(async () => {
  patientId = await seedPatient(silgi.database, 3);
  writer = await silgi.database.connect();
  await change('clinical.sharded_muayene SET ended_at = now()');
});
afterEach(async () => {
  await writer.end();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(() => silgi.close());

const change = (what: string, more = '') =>
  writer.query(`UPDATE ${what} WHERE patient_id = $1 ${more}`, [patientId]);
/** Of so many rows of the table. */
const some = (table: string, rows: number) =>
  `AND id IN (SELECT id FROM ${table} WHERE patient_id = $1 LIMIT ${rows})`;
const openOne = () =>
  change('clinical.sharded_muayene SET ended_at = NULL', some('clinical.sharded_muayene', 1));
const remove = () => silgi.orchestrator.deletePatient(deletionOf(patientId));
const preview = () => silgi.orchestrator.previewDeletion({ patientId, requestId: 'preview' });

describe('a veto of a shard’s own', () => {
  it('is none where every examination is ended and nothing is outstanding', async () => {
    await change(
      'finance.sharded_fatura SET primary_outstanding = 0, secondary_outstanding = NULL, patient_outstanding = -1',
    );
    expect((await preview()).blockers).toEqual([]);
    expect((await remove()).answer.state).toBe('DELETED');
  });

  it.each(['primary_outstanding', 'secondary_outstanding', 'patient_outstanding'])(
    'stands while an invoice has %s',
    async (column) => {
      await change(`finance.sharded_fatura SET ${column} = 0.01`, some('finance.sharded_fatura', 2));
      await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED', blockers: [UNPAID] });
      await change(`finance.sharded_fatura SET ${column} = 0`);
      expect((await remove()).answer.state).toBe('DELETED');
    },
  );

  it('is told with those of every other shard at once, in a preview and by a deletion', async () => {
    await openOne();
    await change('finance.sharded_fatura SET patient_outstanding = 12', some('finance.sharded_fatura', 2));
    const held = new HeldPatient(silgi, patientId);
    const { hold } = await held.place();
    const blockers = [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }, OPEN, UNPAID];
    expect(await preview()).toMatchObject({ ready: false, blockers });
    await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED', blockers });
    await held.release(hold.holdId);
    expect((await preview()).blockers).toEqual([OPEN, UNPAID]);
  });

  it('looks at live rows of this patient alone', async () => {
    await openOne();
    const other = patientId;
    patientId = await seedPatient(silgi.database, 1);
    await change('clinical.sharded_muayene SET ended_at = NULL, is_deleted = true');
    expect((await remove()).answer.state).toBe('DELETED');
    patientId = other;
    await expect(remove()).rejects.toMatchObject({ blockers: [OPEN] });
  });

  it('is none against the restoration of a deletion', async () => {
    const { answer } = await remove();
    await silgi.database.query(`UPDATE clinical.sharded_muayene SET ended_at = NULL WHERE patient_id = $1`, [
      patientId,
    ]);
    expect((await silgi.orchestrator.restorePatient(restorationOf(answer))).answer.state).toBe('RESTORED');
  });

  it('waits for a writer who is opening an examination, and sees it', async () => {
    await writer.query('BEGIN');
    await openOne();
    const [{ pid } = { pid: 0 }] = (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))
      .rows;
    const refused = expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED', blockers: [OPEN] });
    await isWaitedFor(silgi.database, pid);
    await writer.query('COMMIT');
    await refused;
  });

  it('is told by a preview that waits for no writer of an examination or an invoice', async () => {
    await openOne();
    await writer.query('BEGIN');
    await change('clinical.sharded_muayene SET ended_at = now()');
    await change('finance.sharded_fatura SET patient_outstanding = 7');
    expect((await preview()).blockers).toEqual([OPEN]);
    await writer.query('COMMIT');
    expect((await preview()).blockers).toEqual([UNPAID]);
  });

  it('is not passed by: an examination that is opened after the vote is not marked as if it were ended', async () => {
    let opened: Promise<{ rowCount: number | null }> | undefined;
    await writer.query('SET ROLE relevant_writer');
    silgi.faults.at('mark clinical', async ({ backendPid }) => {
      opened = openOne();
      await isWaitedFor(silgi.database, backendPid);
    });
    expect((await remove()).answer.state).toBe('DELETED');
    expect(silgi.faults.unfired).toEqual([]);
    // Whoever has waited finds no live row any more.
    expect((await opened)?.rowCount).toBe(0);
    await writer.query('RESET ROLE');
  });
});

it('no shard has a veto of its own unless it is switched on', async () => {
  const plain = await openSilgi();
  try {
    const held = await seedPatient(plain.database, 1);
    for (const change of [
      'clinical.sharded_muayene SET ended_at = NULL',
      'finance.sharded_fatura SET patient_outstanding = 5',
    ])
      await plain.database.query(`UPDATE ${change} WHERE patient_id = $1`, [held]);
    expect((await plain.orchestrator.deletePatient(deletionOf(held))).answer.state).toBe('DELETED');
  } finally {
    await plain.close();
  }
});

it('a veto counts no hidden row as a login that works as the owner, from whom no policy keeps them', async () => {
  const owner = await openSilgi({ vetoes: DELETION_VETOES, asOwner: true });
  try {
    const ended = await seedPatient(owner.database, 1);
    for (const change of [
      'clinical.sharded_muayene SET ended_at = NULL, is_deleted = true',
      'finance.sharded_fatura SET patient_outstanding = 5, is_deleted = true',
    ])
      await owner.database.query(`UPDATE ${change} WHERE patient_id = $1`, [ended]);
    expect((await owner.orchestrator.deletePatient(deletionOf(ended))).answer.state).toBe('DELETED');
  } finally {
    await owner.close();
  }
});
