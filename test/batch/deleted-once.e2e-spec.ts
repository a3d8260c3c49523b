import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryResultRow } from 'pg';
import { CHILD_TABLES } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { deletedOnce, seedMany } from './batch.stage.js';

describe('the check that every patient of a batch is whole or deleted once', () => {
  let silgi: Silgi;
  let ids: string[];

  beforeAll(async () => {
    silgi = await openSilgi();
    ids = await seedMany(silgi.database, 2);
    await silgi.orchestrator.deletePatient(deletionOf(ids[0] ?? ''));
  });
  afterAll(() => silgi.close());

  /** What the check says of a change that is made past every key and trigger of the database, and then undone. */
  async function checkAfter(change: string, patientId = ''): Promise<unknown> {
    const session = await silgi.database.connect();
    await session.query('SET session_replication_role = replica');
    await session.query('BEGIN');
    await session.query('ALTER TABLE audit.sharded_audit_event DISABLE TRIGGER append_only');
    await session.query(change, [patientId]);
    const query = async <Row extends QueryResultRow>(sql: string, params?: unknown[]) =>
      (await session.query<Row>(sql, params)).rows;
    const said = await deletedOnce({ query }, ids).catch((error: unknown) => (error as Error).message);
    await session.end();
    return said;
  }

  it('counts the deleted', async () => {
    expect(await deletedOnce(silgi.database, ids)).toBe(1);
  });

  it.each(CHILD_TABLES)('finds a live row of a deleted patient in %s', async (table) => {
    const added = `INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`;
    expect(await checkAfter(added, ids[0])).toContain(`1 rows of ${table} `);
  });

  it.each(CHILD_TABLES)('finds a hidden row of a live patient in %s', async (table) => {
    const hidden = `UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`;
    expect(await checkAfter(hidden, ids[1])).toContain(`1 rows of ${table} `);
  });

  it.each(CHILD_TABLES)(
    'finds a row of a deleted patient that another deletion has marked in %s',
    async (table) => {
      const other = `UPDATE ${table} SET deletion_id = gen_random_uuid() WHERE patient_id = $1`;
      expect(await checkAfter(other, ids[0])).toContain(`1 rows of ${table} `);
    },
  );

  it.each([
    [
      'an audit event too few',
      'DELETE FROM audit.sharded_audit_event WHERE patient_id = $1',
      'the audit events of',
    ],
    [
      'an audit event too many',
      `INSERT INTO audit.sharded_audit_event (patient_id, audit_event_id, action, actor, deletion_id, request_id, occurred_at)
       SELECT patient_id, gen_random_uuid(), action, actor, gen_random_uuid(), request_id, occurred_at
       FROM audit.sharded_audit_event WHERE patient_id = $1`,
      'the audit events of',
    ],
    [
      'a record too few',
      'DELETE FROM patient.sharded_patient_deletion WHERE patient_id = $1',
      'the records of',
    ],
  ])('finds %s', async (_, change, what) => {
    expect(await checkAfter(change, ids[0])).toContain(`${what} ${ids[0] ?? ''}`);
  });
});
