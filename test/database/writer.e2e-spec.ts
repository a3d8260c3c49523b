import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { sessionOf } from './login.stage.js';

const DENIED = { code: '42501' };

describe('of the database roles,', () => {
  let silgi: Silgi;
  let deleted: string;
  let live: string;
  beforeAll(async () => {
    silgi = await openSilgi();
    deleted = await seedPatient(silgi.database, 2);
    live = await seedPatient(silgi.database, 2);
    await silgi.orchestrator.deletePatient(deletionOf(deleted));
  });
  afterAll(() => silgi.close());

  describe('relevant_writer', () => {
    let session: pg.Client;
    let end: () => Promise<void>;
    beforeAll(async () => {
      ({ session, end } = await sessionOf(silgi.database, 'relevant_writer'));
    });
    beforeEach(() => session.query('BEGIN'));
    afterEach(() => session.query('ROLLBACK'));
    afterAll(() => end());

    const changed = async (statement: string, parameters: unknown[]) =>
      (await session.query(statement, parameters)).rowCount;

    it.each(CHILD_TABLES)(
      'reads, adds and changes live rows of %s, and none of a deleted patient',
      async (table) => {
        const add = `INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid()) RETURNING id`;
        expect(await changed(add, [live])).toBe(1);
        expect(await changed(`UPDATE ${table} SET id = id WHERE patient_id = $1`, [live])).toBeGreaterThan(1);
        expect(await changed(`UPDATE ${table} SET id = id WHERE patient_id = $1`, [deleted])).toBe(0);
        expect(await changed(`SELECT FROM ${table} WHERE patient_id = $1`, [deleted])).toBe(0);
        await expect(session.query(add, [deleted])).rejects.toMatchObject({ code: '23503' });
      },
    );

    it('changes what a patient’s own row says', async () => {
      const rename = `UPDATE patient.sharded_patient_demographics SET family_name = 'Demir' WHERE patient_id = $1`;
      expect(await changed(rename, [live])).toBe(1);
      expect(await changed(rename, [deleted])).toBe(0);
    });

    it.each(
      PATIENT_TABLES.flatMap((table) =>
        ['is_deleted = true', 'deleted_at = now()', 'deletion_id = gen_random_uuid()'].map((mark) => [
          table,
          mark,
        ]),
      ),
    )('cannot mark a row of %s: %s', async (table, mark) => {
      await expect(session.query(`UPDATE ${table} SET ${mark}`)).rejects.toMatchObject(DENIED);
    });

    it.each(PATIENT_TABLES)('cannot unmark, remove or add hidden rows of %s', async (table) => {
      expect(await changed(`UPDATE ${table} SET is_deleted = false WHERE patient_id = $1`, [deleted])).toBe(
        0,
      );
      await session.query('SAVEPOINT before');
      for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
        await expect(session.query(statement)).rejects.toMatchObject(DENIED);
        await session.query('ROLLBACK TO before');
      }
      const columns = CHILD_TABLES.includes(table)
        ? ['patient_id, id', `'${live}', gen_random_uuid()`]
        : ['patient_id, record_number, given_name, family_name', `gen_random_uuid(), 'H-2', 'A', 'B'`];
      const hidden = `INSERT INTO ${table} (${columns[0] ?? ''}, is_deleted) VALUES (${columns[1] ?? ''}, true)`;
      await expect(session.query(hidden)).rejects.toMatchObject(DENIED);
    });

    it.each(['patient.sharded_patient_deletion', 'patient.sharded_legal_hold', 'audit.sharded_audit_event'])(
      'cannot read %s',
      async (table) => {
        await expect(session.query(`SELECT FROM ${table}`)).rejects.toMatchObject(DENIED);
      },
    );
  });
});
