import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient, wholeDeletions } from './patients.js';
import { deletionOf, openSilgi, type Silgi } from './silgi.js';

describe('the assertion that patients are deleted once and whole, or not at all', () => {
  let silgi: Silgi;

  beforeAll(async () => {
    silgi = await openSilgi();
    // The log lets nobody spoil it, in whatever role.
    await silgi.database.query('ALTER TABLE audit.sharded_audit_event DISABLE TRIGGER ALL');
  });
  afterAll(() => silgi.close());

  const deleted = async () => {
    const patientId = await seedPatient(silgi.database, 2);
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    return { patientId, deletionId: answer.deletionId };
  };

  /** Does to the database what its keys, triggers and grants keep everybody from. */
  async function spoil(sql: string, patientId: string): Promise<void> {
    const session = await silgi.database.connect();
    await session.query('SET session_replication_role = replica');
    for (const statement of sql.split(';'))
      await session.query(statement.replaceAll(':id', `'${patientId}'`));
    await session.end();
  }

  it('names those who are deleted among those who are not', async () => {
    const { patientId } = await deleted();
    const other = await seedPatient(silgi.database, 0);
    expect(await wholeDeletions(silgi.database, [patientId, other])).toEqual([patientId]);
    expect(await wholeDeletions(silgi.database, [other])).toEqual([]);
  });

  it.each(PATIENT_TABLES)('refuses a deleted patient with a row in %s that came back', async (table) => {
    const { patientId } = await deleted();
    await spoil(
      `UPDATE ${table} SET is_deleted = false, deletion_id = NULL, deleted_at = NULL
       WHERE ctid = (SELECT min(ctid) FROM ${table} WHERE patient_id = :id)`,
      patientId,
    );
    await expect(wholeDeletions(silgi.database, [patientId])).rejects.toThrow(table);
  });

  it.each(CHILD_TABLES)('refuses a patient of whom a row in %s alone is marked', async (table) => {
    const patientId = await seedPatient(silgi.database, 2);
    await spoil(
      `UPDATE ${table} SET is_deleted = true, deletion_id = gen_random_uuid(), deleted_at = now()
       WHERE ctid = (SELECT min(ctid) FROM ${table} WHERE patient_id = :id)`,
      patientId,
    );
    await expect(wholeDeletions(silgi.database, [patientId])).rejects.toThrow(patientId);
  });

  it.each([
    ['no record', 'DELETE FROM patient.sharded_patient_deletion WHERE patient_id = :id'],
    ['no audit event', 'DELETE FROM audit.sharded_audit_event WHERE patient_id = :id'],
    [
      'two audit events',
      `CREATE TEMP TABLE twice AS SELECT * FROM audit.sharded_audit_event WHERE patient_id = :id;
       UPDATE twice SET audit_event_id = gen_random_uuid(), deletion_id = gen_random_uuid();
       INSERT INTO audit.sharded_audit_event SELECT * FROM twice`,
    ],
    [
      'a record of more rows than are marked',
      'UPDATE patient.sharded_patient_deletion SET total_rows = total_rows + 1 WHERE patient_id = :id',
    ],
    [
      'a row that another deletion has marked',
      'UPDATE finance.sharded_fatura SET deletion_id = gen_random_uuid() WHERE patient_id = :id',
    ],
  ])('refuses a deleted patient with %s', async (_, sql) => {
    const { patientId } = await deleted();
    await spoil(sql, patientId);
    await expect(wholeDeletions(silgi.database, [patientId])).rejects.toThrow(patientId);
  });

  it('refuses an audit event of a patient whom nobody has deleted, and a patient who is not there', async () => {
    const { patientId } = await deleted();
    const other = await seedPatient(silgi.database, 0);
    await spoil(
      `UPDATE audit.sharded_audit_event SET patient_id = '${other}' WHERE patient_id = :id`,
      patientId,
    );
    await expect(wholeDeletions(silgi.database, [other])).rejects.toThrow(other);
    const nobody = '00000000-0000-4000-8000-000000000000';
    await expect(wholeDeletions(silgi.database, [nobody])).rejects.toThrow(nobody);
  });
});
