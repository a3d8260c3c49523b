import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { ensureDatabaseRoles } from '../../src/postgres/database.roles.js';
import { letServiceTakeRoles } from '../../src/postgres/taken.roles.js';
import { migrationOptions } from '../../src/postgres/index.js';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { INHERIT_RESTORER, sessionOf } from './login.stage.js';

const DENIED = { code: '42501' };
const RECORD = 'patient.sharded_patient_deletion';
const HOLD = 'patient.sharded_legal_hold';
const PLACED = `INSERT INTO ${HOLD} (patient_id, hold_id, reason, placed_by, placed_at, reference, placed_event_id)
  VALUES ($1, gen_random_uuid(), 'REGULATOR', 'x', now(), '7/26', gen_random_uuid())`;
const RELEASED = `released_at = now(), released_by = 'x', release_ground = 'x', released_event_id = gen_random_uuid()`;
const UNDONE = `state = 'RESTORED', restored_at = now(), restored_by = 'x', restoration_reason = 'OTHER_LAW',
  restoration_event_id = gen_random_uuid()`;

describe('silgi_restorer', () => {
  let silgi: Silgi;
  let deleted: string;
  let live: string;
  let hidden: string;
  let session: pg.Client;
  let end: () => Promise<void>;

  beforeAll(async () => {
    silgi = await openSilgi();
    deleted = await seedPatient(silgi.database, 2);
    live = await seedPatient(silgi.database, 2);
    hidden = await seedPatient(silgi.database, 2);
    for (const table of [...CHILD_TABLES, ...PATIENT_TABLES])
      await silgi.database.query(`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [hidden]);
    await silgi.orchestrator.deletePatient(deletionOf(deleted));
    // A login as a service has it: a member of silgi_service, and of nothing else.
    ({ session, end } = await sessionOf(silgi.database, 'silgi_service'));
  });
  beforeEach(() => session.query('BEGIN'));
  afterEach(() => session.query('ROLLBACK'));
  afterAll(async () => {
    await end();
    await silgi.close();
  });

  const takeRole = () => session.query('SET LOCAL ROLE silgi_restorer');
  const update = async (table: string, change: string, patientId: string) =>
    (await session.query(`UPDATE ${table} SET ${change} WHERE patient_id = $1`, [patientId])).rowCount;
  const UNMARK = 'is_deleted = false, deleted_at = NULL, deletion_id = NULL';

  it.each(PATIENT_TABLES)(
    'takes the mark of a deletion back in %s, which silgi_service cannot',
    async (table) => {
      expect(await update(table, UNMARK, deleted)).toBe(0);
      await takeRole();
      // The parent first, without which no child may be live.
      await update(PATIENT_TABLES[0] ?? '', UNMARK, deleted);
      const rows = table === PATIENT_TABLES[0] ? 0 : 2;
      expect(await update(table, UNMARK, deleted)).toBe(rows);
    },
  );

  it('is taken until the end of its transaction alone', async () => {
    await takeRole();
    await session.query('COMMIT');
    await session.query('BEGIN');
    expect(await update('clinical.sharded_tani', UNMARK, deleted)).toBe(0);
  });

  it.each(PATIENT_TABLES)('cannot bring back what the hospital hid, nor hide anything: %s', async (table) => {
    await takeRole();
    expect(await update(table, UNMARK, hidden)).toBe(0);
    expect(await update(table, 'is_deleted = true', live)).toBe(0);
  });

  it.each([
    'is_deleted = false',
    'deletion_id = gen_random_uuid()',
    'deletion_id = NULL',
    'deleted_at = now()',
  ])('cannot change a part of a mark: %s', async (change) => {
    await takeRole();
    await expect(update('patient.sharded_patient_demographics', change, deleted)).rejects.toMatchObject(
      DENIED,
    );
  });

  it.each([
    'UPDATE patient.sharded_patient_demographics SET given_name = given_name',
    'SELECT given_name FROM patient.sharded_patient_demographics',
    'SELECT description FROM clinical.sharded_tani',
    'DELETE FROM clinical.sharded_tani',
    'INSERT INTO clinical.sharded_tani (patient_id, id) VALUES (gen_random_uuid(), gen_random_uuid())',
    `INSERT INTO ${RECORD} (patient_id, deletion_id, state, reason, legal_basis, requested_by, requested_at, request_id)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'CLAIMED', 'r', 'l', 'b', now(), 'i')`,
    `DELETE FROM ${RECORD}`,
    `UPDATE ${RECORD} SET shards = NULL`,
    `UPDATE patient.sharded_legal_hold SET reason = 'x'`,
    'DELETE FROM patient.sharded_legal_hold',
    'UPDATE audit.sharded_audit_event SET actor = actor',
    'DELETE FROM audit.sharded_audit_event',
    'SELECT FROM patient.sharded_deletion_batch',
    'SELECT FROM audit.audit_log_key',
    'SET ROLE silgi_owner',
  ])('may not: %s', async (statement) => {
    await takeRole();
    await expect(session.query(statement)).rejects.toMatchObject(DENIED);
  });

  it('undoes a record once, as restored and saying who did it and why, which silgi_service cannot', async () => {
    await session.query('SAVEPOINT before');
    await expect(update(RECORD, UNDONE, deleted)).rejects.toMatchObject(DENIED);
    await session.query('ROLLBACK TO before');
    await takeRole();
    expect(await update(RECORD, UNDONE, deleted)).toBe(1);
    expect(await update(RECORD, UNDONE, deleted)).toBe(0);
    expect(await update(RECORD, `state = 'DELETED', restored_at = NULL`, deleted)).toBe(0);
  });

  it.each([
    ['another state', `state = 'CLAIMED'`],
    ['nobody', UNDONE.replace("restored_by = 'x', ", '')],
    ['no reason', UNDONE.replace("restoration_reason = 'OTHER_LAW',", '')],
    ['no event', UNDONE.replace(/,\s+restoration_event_id = .*/, '')],
  ])('cannot give a record %s', async (_, change) => {
    await takeRole();
    await expect(update(RECORD, change, deleted)).rejects.toMatchObject(DENIED);
  });

  it('places a hold with its case and its event, and releases it once, which silgi_service cannot', async () => {
    await session.query('SAVEPOINT before');
    await expect(session.query(PLACED, [live])).rejects.toMatchObject(DENIED);
    await session.query('ROLLBACK TO before');
    await takeRole();
    await session.query(PLACED, [live]);
    expect(await update(HOLD, RELEASED, live)).toBe(1);
    expect(await update(HOLD, RELEASED, live)).toBe(0);
  });

  it.each([
    ['without a case', PLACED.replace("'7/26'", 'NULL'), undefined],
    ['without an event', PLACED.replace('gen_random_uuid())', 'NULL)'), undefined],
    [
      'that is released already',
      PLACED.replace('placed_event_id)', 'placed_event_id, released_at)').replace(/\)$/, ', now())'),
      undefined,
    ],
    [
      'of which is told who released it already',
      PLACED.replace('placed_event_id)', 'placed_event_id, released_by)').replace(/\)$/, ", 'x')"),
      undefined,
    ],
    ['so that nobody has released it', PLACED, RELEASED.replace("released_by = 'x', ", '')],
    ['so that its release has no ground', PLACED, RELEASED.replace("release_ground = 'x', ", '')],
    ['so that its release has no event', PLACED, RELEASED.replace(/, released_event_id = .*/, '')],
  ])('cannot leave a hold %s', async (_, placing, change) => {
    await takeRole();
    const done = session.query(placing, [live]).then(() => update(HOLD, change ?? RELEASED, live));
    await expect(done).rejects.toMatchObject(DENIED);
  });

  it.each(['relevant_user', 'relevant_writer'])('cannot be taken by %s', async (role) => {
    const other = await sessionOf(silgi.database, role);
    await expect(other.session.query('SET ROLE silgi_restorer')).rejects.toMatchObject(DENIED);
    await other.end();
  });
});

describe('the start', () => {
  let silgi: Silgi;
  let dataSource: DataSource;
  let queryRunner: QueryRunner;

  beforeAll(async () => {
    silgi = await openSilgi();
  });
  afterAll(() => silgi.close());
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

  async function said(): Promise<string[]> {
    const lines: string[] = [];
    await ensureDatabaseRoles(queryRunner, (line) => lines.push(line));
    return lines;
  }

  async function grant() {
    const [row] = (await queryRunner.query(
      `SELECT pg_has_role('silgi_service', 'silgi_restorer', 'MEMBER') AS may,
         pg_has_role('silgi_service', 'silgi_restorer', 'USAGE') AS has`,
    )) as { may: boolean; has: boolean }[];
    return row;
  }

  it('lets silgi_service take silgi_restorer, and have nothing of it before', async () => {
    expect(await grant()).toEqual({ may: true, has: false });
    await queryRunner.query('REVOKE silgi_restorer FROM silgi_service; ALTER ROLE silgi_service INHERIT');
    expect(await said()).toEqual([]);
    expect(await grant()).toEqual({ may: true, has: false });
  });

  it('names a silgi_service that has what silgi_restorer may do, and leaves it as it is', async () => {
    await queryRunner.query(INHERIT_RESTORER);
    // Up to PostgreSQL 15 the member inherits from every role or from none.
    const ofRestorer = (await said()).filter((line) => line.includes('silgi_restorer'));
    expect(ofRestorer).toEqual([
      expect.stringMatching(
        /silgi_service has what silgi_restorer may do.* REVOKE silgi_restorer FROM silgi_service;/,
      ),
    ]);
    expect(await grant()).toEqual({ may: true, has: true });
  });

  it('of a login that may not grant silgi_restorer says what is lost by it', async () => {
    await queryRunner.query(
      `REVOKE silgi_restorer FROM silgi_service; CREATE ROLE silgi_test_migrates; SET LOCAL ROLE silgi_test_migrates`,
    );
    const lines: string[] = [];
    await letServiceTakeRoles(queryRunner, [], (line) => lines.push(line));
    expect(lines).toEqual([
      expect.stringMatching(
        /no deletion can be restored and no legal hold placed.* GRANT silgi_restorer TO silgi_service;$/,
      ),
    ]);
    await queryRunner.query('RESET ROLE');
    expect(await grant()).toEqual({ may: false, has: false });
  });
});
