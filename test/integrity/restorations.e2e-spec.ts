import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';

const RECORD = 'patient.sharded_patient_deletion';
const EVENT = 'audit.sharded_audit_event';

let silgi: Silgi;
let patientId: string;
let deletionId: string;
beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patientId = await seedPatient(silgi.database, 2);
  const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
  ({ deletionId } = answer);
  await silgi.orchestrator.restorePatient(restorationOf(answer));
});
afterAll(() => silgi.close());

const scan = () => new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard)).run();

/** Does as a superuser what nobody may, with every constraint and trigger off, looks, and takes it back. */
async function foundAfter(statement: string, back: string): Promise<readonly unknown[]> {
  const session = await silgi.database.connect();
  const run = (sql: string) =>
    session.query(sql.replaceAll('$1', `'${patientId}'`).replaceAll('$2', `'${deletionId}'`));
  await session.query('SET session_replication_role = replica');
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  await run(statement);
  await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
  const report = await scan();
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  await run(back);
  await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
  await session.end();
  expect(report.healthy).toBe(false);
  expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
  return report.mismatches;
}

describe('the integrity scan has nothing against', () => {
  it('a deletion that was undone, nor against one that followed it, undone or not', async () => {
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
    await silgi.orchestrator.restorePatient(restorationOf(answer));
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
  });
});

describe('the integrity scan finds', () => {
  it.each(PATIENT_TABLES)('rows of %s that are hidden still by a deletion that was undone', async (table) => {
    const rows = table === PATIENT_TABLES[0] ? 1 : 2;
    const found = await foundAfter(
      `UPDATE ${table} SET is_deleted = true, deleted_at = now(), deletion_id = $2 WHERE patient_id = $1`,
      `UPDATE ${table} SET is_deleted = false, deleted_at = NULL, deletion_id = NULL WHERE patient_id = $1`,
    );
    expect(found).toEqual([{ what: 'MARK_OF_RESTORED_DELETION', table, rows }]);
  });

  it('a record that is called undone without an event', async () => {
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${EVENT} WHERE patient_id = $1 AND action = 'SYSTEM_RESTORE_PATIENT';
       DELETE FROM ${EVENT} WHERE patient_id = $1 AND action = 'SYSTEM_RESTORE_PATIENT'`,
      `INSERT INTO ${EVENT} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toEqual([
      { what: 'RESTORATION_WITHOUT_AUDIT_EVENT', rows: 1 },
      { what: 'RECORD_CONTRADICTS_AUDIT_EVENT', rows: 1, fields: ['state'] },
    ]);
  });

  it('an event of a restoration whose record stands as if nothing had been', async () => {
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = $2;
       UPDATE ${RECORD} SET state = 'DELETED', restored_at = NULL, restored_by = NULL, restoration_reason = NULL,
         restoration_event_id = NULL WHERE deletion_id = $2`,
      `DELETE FROM ${RECORD} WHERE deletion_id = $2; INSERT INTO ${RECORD} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toEqual(
      expect.arrayContaining([
        { what: 'HALF_DELETION', rows: 1 },
        { what: 'AUDIT_EVENT_WITHOUT_RESTORATION', rows: 1 },
        { what: 'RECORD_CONTRADICTS_AUDIT_EVENT', rows: 1, fields: ['state'] },
      ]),
    );
  });

  it('an event of a restoration without any record', async () => {
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = $2; DELETE FROM ${RECORD} WHERE deletion_id = $2`,
      `INSERT INTO ${RECORD} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toContainEqual({ what: 'AUDIT_EVENT_WITHOUT_RESTORATION', rows: 1 });
  });

  it('a record in a state that no step of the product leaves behind', async () => {
    const found = await foundAfter(
      `ALTER TABLE ${RECORD} DROP CONSTRAINT restored_at_agrees; UPDATE ${RECORD} SET state = 'CLAIMED' WHERE deletion_id = $2`,
      `UPDATE ${RECORD} SET state = 'RESTORED' WHERE deletion_id = $2;
       ALTER TABLE ${RECORD} ADD CONSTRAINT restored_at_agrees CHECK ((state = 'RESTORED') = (restored_at IS NOT NULL))`,
    );
    expect(found).toContainEqual({ what: 'RECORD_NOT_DELETED', rows: 1 });
  });

  it.each([
    ['restoredAt', `restored_at = restored_at + interval '1 microsecond'`],
    ['restoredBy', `restored_by = 'somebody else'`],
    ['restoredBy', 'restored_by = NULL'],
    ['restorationReason', `restoration_reason = 'COURT_ORDER'`],
  ])('a record that contradicts the event of its restoration in %s (%s)', async (field, change) => {
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = $2; UPDATE ${RECORD} SET ${change} WHERE deletion_id = $2`,
      `DELETE FROM ${RECORD} WHERE deletion_id = $2; INSERT INTO ${RECORD} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toEqual([{ what: 'RECORD_CONTRADICTS_AUDIT_EVENT', rows: 1, fields: [field] }]);
  });

  it('a record that names the restoration of another', async () => {
    const other = await seedPatient(silgi.database, 1);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(other));
    const { answer: restored } = await silgi.orchestrator.restorePatient(restorationOf(answer));
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = $2;
       UPDATE ${RECORD} SET restoration_event_id = '${restored.restorationEventId}' WHERE deletion_id = $2`,
      `DELETE FROM ${RECORD} WHERE deletion_id = $2; INSERT INTO ${RECORD} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toEqual([
      { what: 'RESTORATION_WITHOUT_AUDIT_EVENT', rows: 1 },
      { what: 'AUDIT_EVENT_WITHOUT_RESTORATION', rows: 1 },
      {
        what: 'RECORD_CONTRADICTS_AUDIT_EVENT',
        rows: 1,
        fields: expect.arrayContaining(['restoredDeletionId', 'restoredPatientId']),
      },
    ]);
  });

  it('a record of fewer rows than came back', async () => {
    const found = await foundAfter(
      `CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = $2;
       UPDATE ${RECORD} SET shards = jsonb_set(shards, '{0,resources,0,rows}', '2') WHERE deletion_id = $2`,
      `DELETE FROM ${RECORD} WHERE deletion_id = $2; INSERT INTO ${RECORD} SELECT * FROM public.kept; DROP TABLE public.kept`,
    );
    expect(found).toEqual([
      { what: 'RECORD_CONTRADICTS_AUDIT_EVENT', rows: 1, fields: ['shards', 'restoredShards'] },
    ]);
  });
});
