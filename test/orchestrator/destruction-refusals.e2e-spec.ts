import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CatalogueGuard } from '../../src/catalogue/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { RestorationRepository } from '../../src/patient/index.js';
import { openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { DestroyedPatient, retentionOf, withTrigger } from './destruction.stage.js';
import { HeldPatient } from './hold.stage.js';

let silgi: Silgi;
let patient: DestroyedPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = await DestroyedPatient.prepare(silgi);
});
afterEach(async () => {
  jest.restoreAllMocks();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(() => silgi.close());

const refused = (refusal: string) => ({ code: 'DESTRUCTION_REFUSED', refusal });
const failures = () => patient.events('SYSTEM_DESTROY_PATIENT_FAILED');

describe('a destruction is refused', () => {
  it('of a deletion that was undone, whose patient is in use', async () => {
    await silgi.orchestrator.restorePatient(restorationOf(patient.deletion));
    expect(await patient.fails()).toMatchObject(refused('NOT_DELETED'));
  });

  it('of a deletion that was undone, of a patient who is deleted again by another', async () => {
    const { database, orchestrator } = silgi;
    const { patientId } = patient;
    await orchestrator.restorePatient(restorationOf(patient.deletion));
    const { answer } = await orchestrator.deletePatient({
      ...patient.command(),
      reason: 'COURT_ORDER',
      legalBasis: 'KVKK_ART_7',
    });
    expect(await patient.fails()).toMatchObject(refused('NOT_DELETED'));
    const { deletionId } = answer;
    await patient.destroy(retentionOf(), { deletionId });
    const [row] = await database.query(
      'SELECT state FROM patient.sharded_patient_deletion WHERE patient_id = $1 AND deletion_id = $2',
      [patientId, deletionId],
    );
    expect(row).toEqual({ state: 'DESTROYED' });
  });

  it('the second time, and such a patient is never restored', async () => {
    await patient.destroy();
    expect(await patient.fails()).toMatchObject(refused('ALREADY_DESTROYED'));
    await expect(silgi.orchestrator.restorePatient(restorationOf(patient.deletion))).rejects.toMatchObject({
      refusal: 'ALREADY_DESTROYED',
    });
    await patient.assertDestroyed();
  });

  it('as long as the deletion may be undone, and no longer', async () => {
    const younger = await DestroyedPatient.prepare(silgi, 30);
    expect(await younger.fails()).toMatchObject(refused('RESTORABLE'));
    const deletedAt = (interval: string) =>
      silgi.database.query(
        `UPDATE patient.sharded_patient_deletion SET deleted_at = now() - interval '${interval}' WHERE patient_id = $1`,
        [younger.patientId],
      );
    await deletedAt('29 days 23 hours 59 minutes');
    expect(await younger.fails()).toMatchObject(refused('RESTORABLE'));
    await deletedAt('30 days 1 second');
    await younger.destroy();
    await younger.assertDestroyed();
  });

  it('where everything has to be kept longer, which is not recorded as a failure', async () => {
    const keep = Object.fromEntries(
      retentionOf().rules.map(({ resourceType }) => [resourceType, { keep: 'P90Y' }]),
    );
    const error = await patient.fails(retentionOf(keep));
    expect(error).toMatchObject({ ...refused('NOTHING_DUE'), blockers: [] });
    expect((error as { kept: unknown[] }).kept).toHaveLength(14);
    expect(await failures()).toEqual([]);
  });

  it('up to a day that has not come', async () => {
    const later = { dueBefore: '2999-01-01' };
    expect(await patient.fails(retentionOf(), later)).toMatchObject(refused('DAY_TO_COME'));
    for (const dueBefore of ['1 Jan 2999', '12/31/2999', '2026-1-1', 'infinity', ''])
      expect(await patient.fails(retentionOf(), { dueBefore })).toBeInstanceOf(RangeError);
  });

  it('of a patient, and of a deletion, that is not there', async () => {
    expect(await patient.fails(retentionOf(), { patientId: randomUUID() })).toMatchObject({
      code: 'PATIENT_NOT_FOUND',
    });
    expect(await patient.fails(retentionOf(), { deletionId: randomUUID() })).toMatchObject({
      code: 'DELETION_NOT_FOUND',
    });
  });

  it('of a claim that no deletion has completed', async () => {
    await silgi.database.query(
      `UPDATE patient.sharded_patient_deletion SET state = 'CLAIMED', deleted_at = NULL WHERE patient_id = $1`,
      [patient.patientId],
    );
    expect(await patient.fails()).toMatchObject({ code: 'DELETION_NOT_FOUND' });
    await expect(
      patient.orchestrator.previewDestruction(patient.command(), retentionOf()),
    ).rejects.toMatchObject({ code: 'DELETION_NOT_FOUND' });
  });
});

it('a destruction that did not get the lock of the deletion runs again', async () => {
  const lock = jest.spyOn(silgi.app.get(RestorationRepository), 'lockHidden').mockResolvedValueOnce(false);
  await patient.destroy();
  expect(lock).toHaveBeenCalledTimes(2);
  await patient.assertDestroyed();
});

describe('a destruction is vetoed', () => {
  it('by a legal hold, with all that is against it, and recorded; once that is released it goes on', async () => {
    const held = new HeldPatient(silgi, patient.patientId);
    const { hold } = await held.place();
    const error = await patient.fails();
    expect(error).toMatchObject({
      ...refused('VETOED'),
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD' }],
    });
    expect(await failures()).toEqual([
      expect.objectContaining({ failure: { code: 'DESTRUCTION_REFUSED', refusal: 'VETOED' } }),
    ]);
    await held.release(hold.holdId);
    await patient.stillWorks();
  });

  it('by a table that nobody has declared, also where it appears between vote and rescan', async () => {
    const { database } = silgi;
    const TABLE = 'clinical.sharded_kan_grubu (patient_id uuid, id uuid)';
    silgi.faults.at('rescan', async () => {
      await database.query(`CREATE TABLE ${TABLE}`);
    });
    expect(await patient.fails()).toMatchObject({
      ...refused('VETOED'),
      blockers: [expect.objectContaining({ code: 'UNDECLARED_TABLE' })],
    });
    expect(silgi.faults.unfired).toEqual([]);
    silgi.faults.reset();
    expect(await patient.fails()).toMatchObject({
      ...refused('VETOED'),
      blockers: expect.arrayContaining([expect.objectContaining({ code: 'UNDECLARED_TABLE' })]),
    });
    // By the vote: nothing was removed to find it.
    expect(silgi.faults.entered).toContain('vote catalogue');
    expect(silgi.faults.entered).not.toContain('destroy clinical');
    await database.query('DROP TABLE clinical.sharded_kan_grubu');
    await patient.stillWorks();
  });
});

describe('the guards of a destruction', () => {
  const INVOICES = 'finance.sharded_fatura';
  const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
  const failsWith = async (table: string, on: string, body: string) =>
    withTrigger(silgi.database, { table, on, body }, () => patient.fails());

  it('find a trigger that keeps a row from going, and name table and both figures', async () => {
    const error = await failsWith(INVOICES, 'BEFORE DELETE', 'RETURN NULL;');
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { step: 'compare counts', shard: 'finance', table: 'sharded_fatura' },
    });
    expect((error as Error).message).toContain('Of 2 rows of finance.sharded_fatura, 0 were destroyed.');
    await patient.stillWorks();
  });

  it('find a trigger that puts a row back as it was', async () => {
    const body = `INSERT INTO ${INVOICES} (patient_id, id, service_at, is_deleted, deleted_at, deletion_id)
      VALUES (OLD.patient_id, OLD.id, OLD.service_at, true, OLD.deleted_at, OLD.deletion_id); RETURN NULL;`;
    const error = await failsWith(INVOICES, 'AFTER DELETE', body);
    expect((error as Error).message).toContain('Of 0 rows of finance.sharded_fatura, 2 are there still.');
    await patient.stillWorks();
  });

  it('find a trigger that puts a row back under a later date, so that it has to be kept', async () => {
    const body = `INSERT INTO ${INVOICES} (patient_id, id, service_at, is_deleted, deleted_at, deletion_id)
      VALUES (OLD.patient_id, OLD.id, now(), true, OLD.deleted_at, OLD.deletion_id); RETURN NULL;`;
    const error = await failsWith(INVOICES, 'AFTER DELETE', body);
    expect((error as Error).message).toContain('Of 0 rows of finance.sharded_fatura, 2 were kept.');
  });

  it('find a shard that tells of other rows of the deletion than it voted for', async () => {
    const finance = silgi.app.get(FinanceRepository);
    const real = finance.destroy.bind(finance);
    jest.spyOn(finance, 'destroy').mockImplementationOnce(async (manager, question) => {
      const tables = await real(manager, question);
      return tables.map((table) => ({ ...table, ofDeletion: { ...table.ofDeletion, rows: 1 } }));
    });
    expect(((await patient.fails()) as Error).message).toContain('1 of the deletion were destroyed.');
  });

  it('find a trigger that keeps the patient’s own row from being emptied', async () => {
    const error = await failsWith(DEMOGRAPHICS, 'BEFORE UPDATE', 'NEW.phone := OLD.patient_id; RETURN NEW;');
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { step: 'empty patient', shard: 'patient', table: 'sharded_patient_demographics' },
    });
    expect((error as Error).message).toContain('was not emptied (0 empty rows, 1 expected)');
    await patient.stillWorks();
  });

  it('find a live row of the patient, by the rescan of every table', async () => {
    const catalogue = silgi.app.get(CatalogueGuard);
    const table = {
      shard: 'finance',
      schema: 'finance',
      table: 'sharded_fatura',
      name: 'sharded_fatura',
    } as const;
    jest.spyOn(catalogue, 'rescan').mockResolvedValueOnce({ vetoes: [], remaining: [table] });
    const error = await patient.fails();
    expect(error).toMatchObject({ point: { step: 'rescan', shard: 'finance', table: 'sharded_fatura' } });
    expect((error as Error).message).toContain('Live rows of the patient are in finance.sharded_fatura.');
  });

  it.each([
    ['patient.sharded_patient_destruction', 'BEFORE INSERT', 'RETURN NULL;', /not kept/],
    [
      'patient.sharded_patient_destruction',
      'BEFORE INSERT',
      `NEW.destroyed_by := 'nobody'; RETURN NEW;`,
      /destroyed_by/,
    ],
    ['patient.sharded_patient_deletion', 'BEFORE UPDATE', 'RETURN NULL;', /not kept/],
    ['patient.sharded_patient_deletion', 'BEFORE UPDATE', `NEW.answer := 'x'; RETURN NEW;`, /answer/],
  ])('find a trigger on %s %s that meddles: %s', async (table, on, body, cause) => {
    const error = await failsWith(table, on, body);
    expect(error).toMatchObject({ point: { step: 'record', shard: 'patient' } });
    expect(((error as Error).cause as Error).cause).toMatchObject({
      message: expect.stringMatching(cause),
    });
    await patient.stillWorks();
  });
});
