import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { migrate } from '../../src/postgres/index.js';
import { LOG_TABLES } from '../audit-log/log.stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectedPrivileges, privilegesIn } from './privileges.js';

const MARKS = 'deleted_at, deletion_id, is_deleted';
const KEYS = 'deleted_at, deletion_id, id, is_deleted, live, patient_id';
const POLICIES =
  'relevant_user_sees_live, relevant_writer_adds_live, relevant_writer_changes_live, relevant_writer_sees_live, ' +
  'silgi_destroyer_empties, silgi_destroyer_removes, silgi_destroyer_sees_all, silgi_restorer_sees_all, silgi_restorer_unmarks, silgi_service_marks_live, silgi_service_sees_all';
const patientOwned = (read: string, destroyer = `SELECT (${read}), DELETE`) =>
  `owner | SELECT (${read}), UPDATE (${MARKS}) | SELECT (${read}), UPDATE (${MARKS}) | ${destroyer} | SELECT | SELECT, INSERT, UPDATE | - | on: ${POLICIES} |`;

let database: TestDatabase;
let session: pg.Client;
const expected = expectedPrivileges();

beforeAll(async () => {
  database = await createTestDatabase();
  session = await database.connect();
});

afterAll(async () => {
  await session.end();
  await database.drop();
});

/** The rows that privileges.md does not have. */
async function unexpected(): Promise<string[]> {
  return (await privilegesIn(session)).filter((row) => !expected.includes(row));
}

describe('every role', () => {
  it('has the privileges of privileges.md on every object, and no other', async () => {
    expect(await privilegesIn(session)).toEqual(expected);
  });
});

describe('the comparison with privileges.md sees', () => {
  // Roles belong to the whole server: what is altered here is seen by this session alone, and undone.
  beforeEach(() => session.query('BEGIN'));
  afterEach(() => session.query('ROLLBACK'));

  it.each([
    ['a new table', 'CREATE TABLE finance.later ()', '| finance.later | - | - | - | - | - | - | - | - |'],
    [
      'a new partition',
      'CREATE TABLE finance.parts (id int) PARTITION BY LIST (id); CREATE TABLE finance.part PARTITION OF finance.parts DEFAULT',
      '| partition finance.part | - | - | - | - | - | - | - | - |',
    ],
    [
      'a new view',
      'CREATE VIEW patient.later AS SELECT 1',
      '| view patient.later | - | - | - | - | - | - | - | - |',
    ],
    ['a new schema', 'CREATE SCHEMA later', '| schema later | - | - | - | - | - | - | - | - |'],
    [
      'a new sequence',
      'CREATE SEQUENCE clinical.later',
      '| sequence clinical.later | - | - | - | - | - | - | - | - |',
    ],
    [
      'a new routine, which everybody may call',
      "CREATE FUNCTION audit.later() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
      '| routine audit.later() | EXECUTE | EXECUTE | EXECUTE | EXECUTE | EXECUTE | EXECUTE | EXECUTE | runs as its owner |',
    ],
    [
      'a privilege on a table',
      'GRANT DELETE ON patient.sharded_legal_hold TO silgi_service',
      '| patient.sharded_legal_hold | owner | SELECT, DELETE | SELECT, INSERT, UPDATE (release_ground, released_at, released_by, released_event_id) | SELECT | - | - | - | on: silgi_readers_see_all, silgi_restorer_places, silgi_restorer_releases |',
    ],
    [
      'a privilege on one column',
      'GRANT SELECT (state) ON patient.sharded_deletion_batch_item TO relevant_user',
      '| patient.sharded_deletion_batch_item | owner | SELECT, INSERT, UPDATE, DELETE | - | - | SELECT (state) | - | - | - |',
    ],
    [
      'a privilege of everybody',
      'GRANT TRIGGER ON audit.audit_log_key TO PUBLIC',
      '| audit.audit_log_key | owner | SELECT, INSERT, TRIGGER | TRIGGER | TRIGGER | TRIGGER | TRIGGER | TRIGGER | - |',
    ],
    [
      'a privilege that may be granted on',
      'GRANT SELECT ON audit.audit_log_key TO silgi_service WITH GRANT OPTION',
      '| audit.audit_log_key | owner | SELECT*, INSERT | - | - | - | - | - | - |',
    ],
    [
      'a privilege on a schema',
      'GRANT CREATE ON SCHEMA audit TO silgi_service',
      '| schema audit | owner | CREATE, USAGE | USAGE | USAGE | - | - | - | - |',
    ],
    [
      'a privilege on a sequence',
      'GRANT USAGE ON SEQUENCE public.silgi_migration_id_seq TO silgi_service',
      '| sequence public.silgi_migration_id_seq | - | USAGE | - | - | - | - | - | - |',
    ],
    [
      'a privilege on a routine',
      'GRANT EXECUTE ON FUNCTION audit.refuse_change TO relevant_user',
      '| routine audit.refuse_change() | - | - | - | - | EXECUTE | - | - | - |',
    ],
    [
      'a privilege on the database',
      "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO silgi_service', current_database()); END $$",
      '| database | CONNECT, TEMPORARY | CONNECT, CREATE, TEMPORARY | CONNECT, TEMPORARY | CONNECT, TEMPORARY | CONNECT, TEMPORARY | CONNECT, TEMPORARY | CONNECT, TEMPORARY | - |',
    ],
    [
      'a privilege on future tables',
      'ALTER DEFAULT PRIVILEGES FOR ROLE silgi_owner IN SCHEMA clinical GRANT SELECT ON TABLES TO PUBLIC',
      '| silgi_owner | clinical | r | =r/silgi_owner |',
    ],
    [
      'another owner',
      'ALTER TABLE audit.audit_log_key OWNER TO silgi_service',
      '| audit.audit_log_key | - | owner | - | - | - | - | - | - |',
    ],
    [
      'a role that row-level security does not hold',
      'ALTER ROLE relevant_user BYPASSRLS',
      '| relevant_user | rolbypassrls, rolinherit | - | - |',
    ],
    [
      'a role that may make others',
      'ALTER ROLE silgi_service CREATEROLE',
      '| silgi_service | rolcreaterole | silgi_destroyer, silgi_restorer | - |',
    ],
    [
      'a role that is a member of another',
      'GRANT pg_read_all_stats TO relevant_user',
      '| relevant_user | rolinherit | pg_read_all_stats | - |',
    ],
    [
      'a setting of a role',
      'ALTER ROLE silgi_service SET session_replication_role = replica',
      '| silgi_service | - | silgi_destroyer, silgi_restorer | session_replication_role=replica |',
    ],
    [
      'row-level security that is off',
      'ALTER TABLE clinical.sharded_tani DISABLE ROW LEVEL SECURITY',
      `| clinical.sharded_tani | ${patientOwned(KEYS, `SELECT (${KEYS.replace('live,', 'live, onset_date,')}, resolved_date), DELETE`).replace('on: ', ': ')}`,
    ],
    [
      'another policy',
      'CREATE POLICY later ON clinical.sharded_tani USING (true)',
      '| later | permissive | ALL | PUBLIC | true | - |',
    ],
    [
      'a policy that says something else',
      'ALTER POLICY relevant_user_sees_live ON clinical.sharded_tani USING (true)',
      '| relevant_user_sees_live | permissive | SELECT | relevant_user | true | - |',
    ],
  ])('%s', async (_, alteration, row) => {
    await session.query(alteration);
    expect(await unexpected()).toContain(row);
  });
});

describe('a start', () => {
  it('takes back whatever was granted, and gives the tables that are new what the others have', async () => {
    const schemas = 'patient, clinical, finance, audit';
    const [everybody, marks] = [
      'PUBLIC, silgi_service, silgi_restorer, silgi_destroyer, relevant_user, relevant_writer',
      'is_deleted boolean, deleted_at timestamptz, deletion_id uuid',
    ];
    for (const statement of [
      `CREATE TABLE clinical.later (patient_id uuid, ${marks})`,
      `CREATE TABLE clinical.parts (patient_id uuid, ${marks}) PARTITION BY HASH (patient_id)`,
      'CREATE TABLE clinical.part PARTITION OF clinical.parts FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
      'CREATE TABLE finance.later ()',
      'CREATE SEQUENCE finance.numbers',
      "CREATE FUNCTION audit.later() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      `GRANT ALL ON SCHEMA ${schemas} TO ${everybody}`,
      ...['TABLES', 'SEQUENCES', 'ROUTINES'].map(
        (kind) => `GRANT ALL ON ALL ${kind} IN SCHEMA ${schemas} TO ${everybody}`,
      ),
      `GRANT ALL ON public.silgi_migration, public.silgi_migration_id_seq TO ${everybody}`,
      'GRANT UPDATE (given_name) ON patient.sharded_patient_demographics TO silgi_service, relevant_user, relevant_writer',
      'GRANT SELECT ON patient.sharded_legal_hold TO silgi_service WITH GRANT OPTION',
      'SET ROLE silgi_service; GRANT SELECT ON patient.sharded_legal_hold TO relevant_user; RESET ROLE',
      'ALTER TABLE clinical.sharded_tani DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE audit.audit_log_key OWNER TO CURRENT_USER',
      'ALTER SCHEMA finance OWNER TO CURRENT_USER',
    ])
      await session.query(statement);
    expect((await unexpected()).length).toBeGreaterThan(30);
    await migrate(database.url);
    expect(await unexpected()).toEqual([
      `| clinical.later | ${patientOwned(`${MARKS}, patient_id`)}`,
      '| finance.later | owner | - | - | - | - | - | - | - |',
      `| partition clinical.part | ${patientOwned(`${MARKS}, patient_id`)}`,
      `| partitioned clinical.parts | ${patientOwned(`${MARKS}, patient_id`)}`,
      '| sequence finance.numbers | - | - | - | - | - | - | - | - |',
      '| routine audit.later() | - | - | - | - | - | - | - | - |',
    ]);
    const rows = await privilegesIn(session);
    expect(expected.filter((row) => !rows.includes(row))).toEqual([]);
  });
});

describe.each(LOG_TABLES)('audit.%s', (table) => {
  beforeEach(() => session.query('BEGIN'));
  afterEach(() => session.query('ROLLBACK'));

  /** What the service is answered, which has been told what to set aside first. */
  async function refusals(setAside: string): Promise<string[]> {
    await session.query(setAside);
    const { rows } = await session.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'audit.${table}'::regclass AND attnum = 1`,
    );
    const name = rows[0]?.name ?? '';
    await session.query('SET LOCAL ROLE silgi_service; SAVEPOINT before');
    const answers: string[] = [];
    for (const statement of [
      `UPDATE audit.${table} SET ${name} = ${name}`,
      `DELETE FROM audit.${table}`,
      `TRUNCATE audit.${table}`,
    ]) {
      answers.push(
        await session.query(statement).then(
          () => 'done',
          (error: unknown) => (error as Error).message,
        ),
      );
      await session.query('ROLLBACK TO before');
    }
    return answers;
  }

  it('grants the service no change, whatever its trigger says', async () => {
    const denied = `permission denied for table ${table}`;
    expect(await refusals(`ALTER TABLE audit.${table} DISABLE TRIGGER append_only`)).toEqual([
      denied,
      denied,
      denied,
    ]);
  });

  it('has a trigger that refuses every change, whatever was granted', async () => {
    const refused = (verb: string) => `${verb} on audit.${table} is refused: the audit log is append-only`;
    expect(await refusals(`GRANT ALL ON audit.${table} TO silgi_service`)).toEqual(
      ['UPDATE', 'DELETE', 'TRUNCATE'].map(refused),
    );
  });
});
