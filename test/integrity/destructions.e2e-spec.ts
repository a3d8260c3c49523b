import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { DestroyedPatient } from '../orchestrator/destruction.stage.js';

const DELETION = 'patient.sharded_patient_deletion';
const RECORD = 'patient.sharded_patient_destruction';
const EVENT = 'audit.sharded_audit_event';

let silgi: Silgi;
let patient: DestroyedPatient;
beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = await DestroyedPatient.prepare(silgi);
  await patient.date('finance.sharded_fatura', `service_at = '2020-03-01T10:00:00Z'`);
});
afterAll(() => silgi.close());

const scan = () => new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard)).run();

/** Does as a superuser what nobody may, with every constraint and trigger off, looks, and takes it back. */
async function foundAfter(statement: string): Promise<readonly unknown[]> {
  const session = await silgi.database.connect();
  await session.query('SET session_replication_role = replica');
  const { rows: before } = await session.query<Record<string, object[]>>(
    `SELECT (SELECT json_agg(d) FROM ${DELETION} d) AS "${DELETION}", (SELECT json_agg(d) FROM ${RECORD} d) AS "${RECORD}",
       (SELECT json_agg(e) FROM ${EVENT} e) AS "${EVENT}"`,
  );
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  await session.query(statement.replaceAll('$1', `'${patient.patientId}'`));
  await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
  const report = await scan();
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  for (const [table, rows] of Object.entries(before[0] ?? {})) {
    await session.query(`DELETE FROM ${table}`);
    await session.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(rows),
    ]);
  }
  await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
  await session.end();
  expect(report.healthy).toBe(false);
  expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
  return report.mismatches;
}

const OF_PATIENT = 'WHERE patient_id = $1';
const DESTROYED = `AND action = 'SYSTEM_DESTROY_PATIENT'`;

describe('the integrity scan has nothing against', () => {
  it('a destruction of a part, nor of the rest', async () => {
    await patient.destroy();
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
    await patient.date('finance.sharded_fatura', `service_at = '1995-03-01T10:00:00Z'`);
    await patient.destroy();
    await patient.assertDestroyed();
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
  });
});

describe('the integrity scan finds', () => {
  it.each([
    ['a destruction without its event', `DELETE FROM ${EVENT} ${OF_PATIENT} ${DESTROYED}`],
    ['one by somebody else', `UPDATE ${RECORD} SET destroyed_by = 'nobody' ${OF_PATIENT}`],
    ['one at another time', `UPDATE ${RECORD} SET destroyed_at = now() ${OF_PATIENT}`],
    ['one of other rows', `UPDATE ${RECORD} SET shards = '[]' ${OF_PATIENT}`],
    ['an event of other rows', `UPDATE ${EVENT} SET purged = '[]' ${OF_PATIENT} ${DESTROYED}`],
  ])('%s', async (_, statement) => {
    await patient.destroy();
    expect(await foundAfter(statement)).toContainEqual({ what: 'DESTRUCTION_WITHOUT_AUDIT_EVENT', rows: 1 });
  });

  it('an event of a destruction of which there is no record', async () => {
    await patient.destroy();
    const found = await foundAfter(`DELETE FROM ${RECORD} ${OF_PATIENT}`);
    expect(found).toContainEqual({ what: 'AUDIT_EVENT_WITHOUT_DESTRUCTION', rows: 1 });
    // What is gone is missed then.
    expect(found).toContainEqual({
      what: 'RECORD_DIFFERS_FROM_ROWS',
      table: 'clinical.sharded_muayene',
      rows: 1,
    });
  });

  it('a record that tells of other rows of the deletion than are gone', async () => {
    await patient.destroy();
    const found = await foundAfter(`UPDATE ${RECORD} SET deletion_shards = '[]' ${OF_PATIENT}`);
    expect(found).toContainEqual({
      what: 'RECORD_DIFFERS_FROM_ROWS',
      table: 'clinical.sharded_muayene',
      rows: 1,
    });
  });

  it.each([
    [
      'a deletion that is called destroyed while rows are kept',
      false,
      `UPDATE ${DELETION} SET state = 'DESTROYED' ${OF_PATIENT}`,
    ],
    [
      'one of which nothing is left, and that is not called so',
      true,
      `UPDATE ${DELETION} SET state = 'DELETED' ${OF_PATIENT}`,
    ],
  ])('%s', async (_, isFinal, statement) => {
    if (isFinal) await patient.date('finance.sharded_fatura', `service_at = '1995-03-01T10:00:00Z'`);
    await patient.destroy();
    expect(await foundAfter(statement)).toContainEqual({ what: 'DESTRUCTION_CONTRADICTS_DELETION', rows: 1 });
  });
});
