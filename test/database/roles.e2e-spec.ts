import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource, EntityManager, type QueryRunner } from 'typeorm';
import type pg from 'pg';
import { ensureDatabaseRoles } from '../../src/postgres/database.roles.js';
import { migrate, migrationOptions } from '../../src/postgres/index.js';
import { createEmptyDatabase } from '../support/database.js';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { sessionOf } from './login.stage.js';

const DENIED = { code: '42501' };

describe('the database roles', () => {
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

  const sessionAs = (role: string) => sessionOf(silgi.database, role);

  it('the service works as silgi_service, whatever its login', async () => {
    const [row] = await silgi.app.get(EntityManager).query<{ user: string }[]>('SELECT current_user AS user');
    expect(row).toEqual({ user: 'silgi_service' });
  });

  it('silgi_owner owns every schema and table', async () => {
    const others = await silgi.database.query(
      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('patient', 'clinical', 'finance', 'audit')
         AND (c.relowner <> 'silgi_owner'::regrole OR n.nspowner <> 'silgi_owner'::regrole)`,
    );
    expect(others).toEqual([]);
  });

  describe('relevant_user', () => {
    let session: pg.Client;
    let end: () => Promise<void>;
    beforeAll(async () => {
      ({ session, end } = await sessionAs('relevant_user'));
    });
    afterAll(() => end());

    it.each(PATIENT_TABLES)('sees the live rows of %s and none of a deleted patient', async (table) => {
      const count = async (patientId: string) =>
        (await session.query(`SELECT FROM ${table} WHERE patient_id = $1`, [patientId])).rowCount;
      expect(await count(deleted)).toBe(0);
      expect(await count(live)).toBeGreaterThan(0);
    });

    it.each(PATIENT_TABLES)('cannot write %s, and so cannot undo a deletion', async (table) => {
      for (const statement of [
        `UPDATE ${table} SET is_deleted = false`,
        `DELETE FROM ${table}`,
        `INSERT INTO ${table} (patient_id) VALUES (gen_random_uuid())`,
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
        `TRUNCATE ${table}`,
      ]) {
        await expect(session.query(statement)).rejects.toMatchObject(DENIED);
      }
      await session.query('SET row_security = off');
      await expect(session.query(`SELECT FROM ${table}`)).rejects.toMatchObject(DENIED);
      await session.query('RESET row_security');
    });

    it.each(['patient.sharded_patient_deletion', 'patient.sharded_legal_hold', 'audit.sharded_audit_event'])(
      'cannot read %s',
      async (table) => {
        await expect(session.query(`SELECT FROM ${table}`)).rejects.toMatchObject(DENIED);
      },
    );

    it.each(['silgi_service', 'silgi_owner'])('cannot become %s', async (role) => {
      await expect(session.query(`SET ROLE ${role}`)).rejects.toMatchObject(DENIED);
    });
  });

  describe('silgi_service', () => {
    let session: pg.Client;
    let end: () => Promise<void>;
    beforeAll(async () => {
      ({ session, end } = await sessionAs('silgi_service'));
    });
    afterAll(() => end());

    it.each([
      'UPDATE audit.sharded_audit_event SET actor = actor',
      'DELETE FROM audit.sharded_audit_event',
      'TRUNCATE audit.sharded_audit_event',
      'DELETE FROM patient.sharded_patient_deletion',
      'UPDATE patient.sharded_patient_demographics SET given_name = given_name',
      'DELETE FROM patient.sharded_patient_demographics',
      'ALTER TABLE audit.sharded_audit_event ADD COLUMN x text',
      'SET ROLE silgi_owner',
    ])('may not: %s', async (statement) => {
      // Not the trigger of the audit log, which answers with the same code: RAISE of PL/pgSQL, in whatever language.
      const routine = expect.not.stringMatching('exec_stmt_raise');
      await expect(session.query(statement)).rejects.toMatchObject({ ...DENIED, routine });
    });

    it.each(CHILD_TABLES)('may mark rows of %s and neither add, change nor remove any', async (table) => {
      await session.query('BEGIN');
      await session.query(`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [live]);
      await session.query('ROLLBACK');
      await expect(session.query(`UPDATE ${table} SET id = id`)).rejects.toMatchObject(DENIED);
      await expect(session.query(`DELETE FROM ${table}`)).rejects.toMatchObject(DENIED);
      await expect(
        session.query(`INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`, [live]),
      ).rejects.toMatchObject(DENIED);
    });

    it.each(PATIENT_TABLES)(
      'cannot take back a mark of %s, nor move it to another deletion',
      async (table) => {
        for (const change of ['is_deleted = false', 'deletion_id = gen_random_uuid()', 'deleted_at = NULL']) {
          const { rowCount } = await session.query(`UPDATE ${table} SET ${change} WHERE patient_id = $1`, [
            deleted,
          ]);
          expect(rowCount).toBe(0);
        }
        const rows = await silgi.database.query(
          `SELECT FROM ${table} WHERE patient_id = $1 AND is_deleted AND deletion_id IS NOT NULL AND deleted_at IS NOT NULL`,
          [deleted],
        );
        expect(rows.length).toBeGreaterThan(0);
      },
    );

    it.each([
      "state = 'RESTORED'",
      "state = 'CLAIMED'",
      'answer = NULL',
      'total_rows = 0',
      "shards = '[]'",
      'deleted_at = now()',
    ])('cannot change a record that is complete: %s', async (change) => {
      const { rowCount } = await session.query(`UPDATE patient.sharded_patient_deletion SET ${change}`);
      expect(rowCount).toBe(0);
    });

    const claim = (columns: string, values: string) =>
      `INSERT INTO patient.sharded_patient_deletion (patient_id, deletion_id, state, reason, legal_basis, requested_by,
         requested_at, request_id${columns}) VALUES (gen_random_uuid(), gen_random_uuid(), ${values})`;
    it.each([
      ['write a record that nothing has led to', claim('', `'DELETED', 'r', 'l', 'b', now(), 'i'`)],
      ['write one that was never deleted', claim('', `'RESTORED', 'r', 'l', 'b', now(), 'i'`)],
      ['claim what is complete', claim(', deleted_at', `'CLAIMED', 'r', 'l', 'b', now(), 'i', now()`)],
      ['change who asked for it', `UPDATE patient.sharded_patient_deletion SET requested_by = 'another'`],
      ['change when', `UPDATE patient.sharded_patient_deletion SET requested_at = now()`],
      ['remove one', 'DELETE FROM patient.sharded_patient_deletion'],
      ['release a hold', 'UPDATE patient.sharded_legal_hold SET released_at = now()'],
      ['remove a hold', 'DELETE FROM patient.sharded_legal_hold'],
      [
        'place a hold',
        `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
         VALUES (gen_random_uuid(), gen_random_uuid(), 'LITIGATION', 'x', now())`,
      ],
    ])('cannot %s', async (_, statement) => {
      await expect(session.query(statement)).rejects.toMatchObject(DENIED);
    });

    it('completes a claim of its own once, as deleted and as nothing else', async () => {
      await session.query('BEGIN');
      await session.query(claim('', `'CLAIMED', 'r', 'l', 'b', now(), 'i'`));
      const complete = (state: string) =>
        session.query(`UPDATE patient.sharded_patient_deletion SET state = $1 WHERE state = 'CLAIMED'`, [
          state,
        ]);
      await session.query('SAVEPOINT before');
      await expect(complete('RESTORED')).rejects.toMatchObject(DENIED);
      await session.query('ROLLBACK TO before');
      expect((await complete('DELETED')).rowCount).toBe(1);
      expect((await complete('DELETED')).rowCount).toBe(0);
      await session.query('ROLLBACK');
    });

    it.each([
      ['clinical.sharded_tani', 'description'],
      ['clinical.sharded_tetkik_sonuc', 'value'],
      ['clinical.sharded_recete', 'code'],
      ['finance.sharded_fatura', 'diagnosis_codes'],
      ['finance.sharded_sigorta', 'member_id'],
      ['patient.sharded_patient_demographics', 'national_id'],
      ['patient.sharded_patient_demographics', 'address'],
    ])('reads no health data: %s.%s', async (table, column) => {
      await expect(session.query(`SELECT ${column} FROM ${table}`)).rejects.toMatchObject(DENIED);
      await expect(session.query(`SELECT t FROM ${table} t`)).rejects.toMatchObject(DENIED);
    });

    it('sees all rows, deleted ones included', async () => {
      const { rowCount } = await session.query('SELECT id FROM clinical.sharded_tani WHERE patient_id = $1', [
        deleted,
      ]);
      expect(rowCount).toBe(2);
    });
  });

  it.each([
    ['relevant_user_sees_live', 'USING (true)'],
    ['relevant_user_sees_live', 'TO PUBLIC'],
    ['silgi_service_marks_live', 'USING (true)'],
    ['silgi_service_marks_live', 'WITH CHECK (false)'],
    ['relevant_writer_changes_live', 'WITH CHECK (true)'],
  ])('the policy %s is put right at the next start where it was altered %s', async (policy, alteration) => {
    const definition = () =>
      silgi.database.query(
        `SELECT polcmd, polroles::regrole[]::text, pg_get_expr(polqual, polrelid) AS sees,
           pg_get_expr(polwithcheck, polrelid) AS writes
         FROM pg_policy WHERE polrelid = 'clinical.sharded_tani'::regclass AND polname = $1`,
        [policy],
      );
    const before = await definition();
    await silgi.database.query(`ALTER POLICY ${policy} ON clinical.sharded_tani ${alteration}`);
    expect(await definition()).not.toEqual(before);
    await migrate(silgi.database.url);
    expect(await definition()).toEqual(before);
  });

  describe('that were made stronger than their grants', () => {
    let dataSource: DataSource;
    let queryRunner: QueryRunner;
    // Roles belong to the whole server: what is altered here is seen by this session alone, and undone.
    beforeEach(async () => {
      dataSource = await new DataSource(await migrationOptions(silgi.database.url)).initialize();
      queryRunner = dataSource.createQueryRunner();
      await queryRunner.startTransaction();
    });
    afterEach(async () => {
      await queryRunner.rollbackTransaction();
      await dataSource.destroy();
    });

    it.each([
      ['relevant_user', 'ALTER ROLE relevant_user BYPASSRLS'],
      ['relevant_user', 'ALTER ROLE relevant_user SUPERUSER'],
      ['relevant_user', 'GRANT silgi_owner TO relevant_user'],
      ['silgi_service', 'ALTER ROLE silgi_service SUPERUSER'],
      ['silgi_service', 'GRANT silgi_owner TO silgi_service'],
    ])('are named at the start: %s after %s', async (role, alteration) => {
      await queryRunner.query(alteration);
      const lines: string[] = [];
      await ensureDatabaseRoles(queryRunner, (line) => lines.push(line));
      expect(lines).toEqual([
        expect.stringMatching(new RegExp(`^The role ${role} is .* ALTER ROLE ${role} NOSUPERUSER`)),
      ]);
    });

    it('are not named where they are as they were made', async () => {
      const lines: string[] = [];
      await ensureDatabaseRoles(queryRunner, (line) => lines.push(line));
      expect(lines).toEqual([]);
    });
  });

  it('that a login may not create are named, with what is lost, and the start goes on', async () => {
    const database = await createEmptyDatabase();
    const login = `silgi_test_${randomBytes(6).toString('hex')}`;
    try {
      await database.query(`CREATE ROLE ${login} LOGIN PASSWORD 'only-for-this-test'`);
      await database.query(`ALTER DATABASE ${database.name} OWNER TO ${login}`);
      await database.query(`GRANT ALL ON SCHEMA public TO ${login}`);
      const url = new URL(database.url);
      url.username = login;
      url.password = 'only-for-this-test';
      const lines: string[] = [];
      await migrate(url.href, (line) => lines.push(line));
      // The roles belong to the server and are there already: what this login lacks is the right to hand tables over.
      expect(lines.join('\n')).toMatch(/silgi_owner/);
      expect(await database.query('SELECT FROM clinical.sharded_tani')).toEqual([]);
    } finally {
      await database.drop();
      await silgi.database.query(`DROP ROLE ${login}`);
    }
  });
});
