import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { CHILD_TABLES, seedPatient } from '../support/patients.js';

const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
const DELETION = 'patient.sharded_patient_deletion';
const DESTRUCTION = 'patient.sharded_patient_destruction';
const HIDDEN = 'is_deleted = true, deleted_at = now()';

let database: TestDatabase;
let session: pg.Client;
let live: string;
let deleted: string;

beforeAll(async () => {
  database = await createTestDatabase();
  session = await database.connect();
  live = await seedPatient(database, 1);
  deleted = await seedPatient(database, 1);
  for (const table of [...CHILD_TABLES, DEMOGRAPHICS])
    await database.query(
      `UPDATE ${table} SET ${HIDDEN}, deletion_id = '00000000-0000-7000-8000-000000000001' WHERE patient_id = $1`,
      [deleted],
    );
});
beforeEach(async () => {
  await session.query('BEGIN');
  await session.query('SET LOCAL ROLE silgi_destroyer');
});
afterEach(() => session.query('ROLLBACK'));
afterAll(async () => {
  await session.end();
  await database.drop();
});

/** How many rows a statement has changed. @param text with `$1` for the patient */
const changed = async (text: string, patientId: string) => (await session.query(text, [patientId])).rowCount;

describe('silgi_destroyer', () => {
  it.each(CHILD_TABLES)('removes hidden rows of %s, and no live one', async (table) => {
    const remove = `DELETE FROM ${table} WHERE patient_id = $1`;
    expect(await changed(remove, live)).toBe(0);
    expect(await changed(remove, deleted)).toBe(1);
  });

  it('empties the row of a deleted patient, and no other', async () => {
    const empty = `UPDATE ${DEMOGRAPHICS} SET family_name = '', phone = NULL WHERE patient_id = $1`;
    expect(await changed(empty, live)).toBe(0);
    expect(await changed(empty, deleted)).toBe(1);
  });

  it.each([
    ['remove a patient', `DELETE FROM ${DEMOGRAPHICS}`],
    ['take a mark back', `UPDATE ${DEMOGRAPHICS} SET is_deleted = false`],
    ['mark a row', 'UPDATE clinical.sharded_tani SET is_deleted = true'],
    ['change a row', `UPDATE clinical.sharded_tani SET description = ''`],
    ['read what a row says', 'SELECT description FROM clinical.sharded_tani'],
    [
      'add a row',
      'INSERT INTO clinical.sharded_tani (patient_id, id) VALUES (gen_random_uuid(), gen_random_uuid())',
    ],
    ['change a record of a destruction', `UPDATE ${DESTRUCTION} SET total_rows = 0`],
    ['remove a record of a destruction', `DELETE FROM ${DESTRUCTION}`],
    ['remove a record of a deletion', `DELETE FROM ${DELETION}`],
    ['change who has deleted', `UPDATE ${DELETION} SET requested_by = 'nobody'`],
    ['change an audit event', `UPDATE audit.sharded_audit_event SET actor = 'nobody'`],
    ['release a legal hold', 'UPDATE patient.sharded_legal_hold SET released_at = now()'],
    ['remove a legal hold', 'DELETE FROM patient.sharded_legal_hold'],
    ['read an erasure request', 'SELECT FROM patient.sharded_erasure_request'],
  ])('may not %s', async (_, statement) => {
    await expect(session.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('ends a deletion that stands, once, and makes nothing else of it', async () => {
    await session.query('RESET ROLE');
    await session.query(
      `INSERT INTO ${DELETION} (patient_id, deletion_id, state, reason, legal_basis, requested_by, requested_at, request_id, restored_at)
       VALUES ($1, gen_random_uuid(), 'DELETED', 'x', 'x', 'x', now(), 'x', NULL),
         ($1, gen_random_uuid(), 'RESTORED', 'x', 'x', 'x', now(), 'x', now()),
         ($1, gen_random_uuid(), 'CLAIMED', 'x', 'x', 'x', now(), 'x', NULL)`,
      [deleted],
    );
    await session.query('SET LOCAL ROLE silgi_destroyer');
    const end = `UPDATE ${DELETION} SET state = 'DESTROYED' WHERE patient_id = $1`;
    expect(await changed(end, deleted)).toBe(1);
    expect(await changed(end, deleted)).toBe(0);
    const undo = `UPDATE ${DELETION} SET state = 'DELETED' WHERE patient_id = $1`;
    expect(await changed(undo, deleted)).toBe(0);
  });
});

describe('silgi_service', () => {
  it('has none of it before it takes the role, and may take it', async () => {
    await session.query('RESET ROLE');
    await session.query('SET LOCAL ROLE silgi_service');
    await session.query('SAVEPOINT before');
    await expect(session.query('DELETE FROM clinical.sharded_tani')).rejects.toMatchObject({ code: '42501' });
    await session.query('ROLLBACK TO before');
    const { rows } = await session.query<{ may: boolean; has: boolean }>(
      `SELECT pg_has_role('silgi_service', 'silgi_destroyer', 'MEMBER') AS may,
         pg_has_role('silgi_service', 'silgi_destroyer', 'USAGE') AS has`,
    );
    expect(rows).toEqual([{ may: true, has: false }]);
  });
});
