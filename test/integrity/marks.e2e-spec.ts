import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

const TABLE = 'clinical.sharded_tani';
const ROOT = 'patient.sharded_patient_demographics';

describe('the integrity scan holds each record against the rows that carry its id', () => {
  let silgi: Silgi;
  let deleted: string;
  let other: string;
  beforeAll(async () => {
    silgi = await openSilgi();
    await seedPatient(silgi.database, 2);
    other = await seedPatient(silgi.database, 2);
    await silgi.orchestrator.deletePatient(deletionOf(other));
  });
  beforeEach(async () => {
    deleted = await seedPatient(silgi.database, 2);
    await silgi.orchestrator.deletePatient(deletionOf(deleted));
    expect((await scan()).healthy).toBe(true);
  });
  afterAll(() => silgi.close());

  const scan = () => new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard)).run();

  /** Does as a superuser what nobody may, with every constraint off, looks, and takes it back. */
  async function foundAfter(statement: string, back: string): Promise<readonly unknown[]> {
    const session = await silgi.database.connect();
    await session.query('SET session_replication_role = replica');
    await session.query(statement, [deleted]);
    const report = await scan();
    await session.query(back, [deleted]);
    await session.end();
    expect(report.healthy).toBe(false);
    expect((await scan()).healthy).toBe(true);
    return report.mismatches;
  }

  const backFrom = (table: string, column: 'deletion_id' | 'deleted_at') =>
    `UPDATE ${table} t SET ${column} = d.${column} FROM patient.sharded_patient_deletion d
     WHERE t.patient_id = $1 AND d.patient_id = $1`;

  it.each(PATIENT_TABLES)(
    'finds rows of %s that were given the id of another patient’s deletion',
    async (table) => {
      const rows = table === ROOT ? 1 : 2;
      const found = await foundAfter(
        `UPDATE ${table} SET deletion_id = (SELECT deletion_id FROM patient.sharded_patient_deletion
         WHERE patient_id = '${other}') WHERE patient_id = $1`,
        backFrom(table, 'deletion_id'),
      );
      expect(found).toEqual(
        expect.arrayContaining([
          { what: 'RECORD_DIFFERS_FROM_ROWS', table, rows: 1 },
          { what: 'MARK_WITHOUT_RECORD', table, rows },
        ]),
      );
    },
  );

  it('finds rows with the id of a deletion that never was', async () => {
    const found = await foundAfter(
      `UPDATE ${TABLE} SET deletion_id = gen_random_uuid() WHERE patient_id = $1`,
      backFrom(TABLE, 'deletion_id'),
    );
    expect(found).toEqual([
      { what: 'RECORD_DIFFERS_FROM_ROWS', table: TABLE, rows: 1 },
      { what: 'MARK_WITHOUT_RECORD', table: TABLE, rows: 2 },
    ]);
  });

  it('finds rows that lost the id of their deletion', async () => {
    const found = await foundAfter(
      `UPDATE ${TABLE} SET deletion_id = NULL WHERE patient_id = $1`,
      backFrom(TABLE, 'deletion_id'),
    );
    expect(found).toEqual([{ what: 'RECORD_DIFFERS_FROM_ROWS', table: TABLE, rows: 1 }]);
  });

  it.each([TABLE, ROOT])(
    'finds a row of %s without the time of its deletion, and one with another',
    async (table) => {
      for (const time of ['NULL', "deleted_at + interval '1 second'"]) {
        const found = await foundAfter(
          `UPDATE ${table} SET deleted_at = ${time} WHERE patient_id = $1`,
          backFrom(table, 'deleted_at'),
        );
        expect(found).toEqual([{ what: 'MARK_WITH_ANOTHER_TIME', table, rows: 1 }]);
      }
    },
  );

  it('finds a record that tells of another number of rows', async () => {
    const found = await foundAfter(
      `UPDATE patient.sharded_patient_deletion SET shards = replace(shards::text, '"rows": 2', '"rows": 3')::jsonb
       WHERE patient_id = $1`,
      `UPDATE patient.sharded_patient_deletion SET shards = replace(shards::text, '"rows": 3', '"rows": 2')::jsonb
       WHERE patient_id = $1`,
    );
    expect(found).toHaveLength(PATIENT_TABLES.length);
    expect(found).toContainEqual({ what: 'RECORD_DIFFERS_FROM_ROWS', table: TABLE, rows: 1 });
  });

  it('finds a mark that was taken back', async () => {
    const found = await foundAfter(
      `UPDATE ${TABLE} SET is_deleted = false WHERE patient_id = $1`,
      `UPDATE ${TABLE} SET is_deleted = true WHERE patient_id = $1`,
    );
    expect(found).toEqual([
      { what: 'RECORD_DIFFERS_FROM_ROWS', table: TABLE, rows: 1 },
      { what: 'LIVE_ROW_WITH_MARK', table: TABLE, rows: 2 },
    ]);
  });

  it('finds a deletion whose record was called undone', async () => {
    const set = (state: string, at: string) =>
      `UPDATE patient.sharded_patient_deletion SET state = '${state}', restored_at = ${at} WHERE patient_id = $1`;
    const found = await foundAfter(set('RESTORED', 'now()'), set('DELETED', 'NULL'));
    expect(found).toContainEqual({ what: 'RESTORATION_WITHOUT_AUDIT_EVENT', rows: 1 });
    expect(found).toContainEqual({ what: 'MARK_OF_RESTORED_DELETION', table: ROOT, rows: 1 });
  });

  it('has nothing against rows that the hospital’s own system had hidden before', async () => {
    const patientId = await seedPatient(silgi.database, 2);
    await silgi.database.query(
      `INSERT INTO ${TABLE} (patient_id, id, is_deleted) VALUES ($1, gen_random_uuid(), true)`,
      [patientId],
    );
    await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect((await scan()).healthy).toBe(true);
  });
});
