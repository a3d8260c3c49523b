import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { migrate } from '../../src/postgres/index.js';
import { INHERIT_RESTORER } from '../database/login.stage.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

const LOG = 'audit.sharded_audit_event';
const RECORD = 'patient.sharded_patient_deletion';
const CHILD = 'clinical.sharded_tani';

let silgi: Silgi;
beforeAll(async () => {
  silgi = await openSilgi();
  expect(await drift()).toEqual([]);
});
afterAll(() => silgi.close());

const run = (statements: string) => silgi.database.query(statements);
const drift = async () =>
  (await new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard)).run()).drift;

describe('the scan names what was changed, and the next start puts right:', () => {
  afterEach(async () => {
    await migrate(silgi.database.url);
    expect(await drift()).toEqual([]);
  });

  it.each([
    [
      'UPDATE on the log for the service',
      `GRANT UPDATE ON ${LOG} TO silgi_service`,
      LOG,
      'silgi_service may write (UPDATE)',
    ],
    [
      'DELETE on the records for the service',
      `GRANT DELETE ON ${RECORD} TO silgi_service`,
      RECORD,
      'silgi_service may write (DELETE)',
    ],
    [
      'a whole record for the service',
      `GRANT UPDATE ON ${RECORD} TO silgi_service`,
      RECORD,
      'silgi_service may write (UPDATE)',
    ],
    [
      'one column of the record for the service',
      `GRANT UPDATE (requested_by) ON ${RECORD} TO silgi_service`,
      RECORD,
      'silgi_service may write (UPDATE of requested_by)',
    ],
    [
      'a hold for the service',
      'GRANT UPDATE (released_at) ON patient.sharded_legal_hold TO silgi_service',
      'patient.sharded_legal_hold',
      'silgi_service may write (UPDATE of released_at)',
    ],
    [
      'health data for the service',
      `GRANT SELECT ON ${CHILD} TO silgi_service`,
      CHILD,
      'silgi_service may read (SELECT)',
    ],
    [
      'the log for everybody',
      `GRANT SELECT, DELETE ON ${LOG} TO PUBLIC`,
      LOG,
      'everybody may read (SELECT); everybody may write (DELETE)',
    ],
    [
      'the log for relevant_user',
      `GRANT UPDATE (actor) ON ${LOG} TO relevant_user`,
      LOG,
      'relevant_user may write (UPDATE of actor)',
    ],
    [
      'removing for relevant_writer',
      `GRANT DELETE ON ${CHILD} TO relevant_writer`,
      CHILD,
      'relevant_writer may write (DELETE)',
    ],
    ['another owner', `ALTER TABLE ${LOG} OWNER TO CURRENT_USER`, LOG, 'and not silgi_owner'],
    [
      'another owner of a schema',
      'ALTER SCHEMA finance OWNER TO CURRENT_USER',
      'schema finance',
      'and not silgi_owner',
    ],
    [
      'a schema in which everybody may make tables',
      'GRANT CREATE ON SCHEMA clinical TO PUBLIC',
      'schema clinical',
      'everybody may make objects in it',
    ],
    [
      'row-level security of the records',
      `ALTER TABLE ${RECORD} DISABLE ROW LEVEL SECURITY`,
      RECORD,
      'row-level security is off',
    ],
    [
      'marks that are no longer one-way',
      `ALTER POLICY silgi_service_marks_live ON ${CHILD} USING (true)`,
      CHILD,
      'a policy was changed: silgi_service_marks_live',
    ],
    [
      'restorers who bring back what the hospital hid',
      `ALTER POLICY silgi_restorer_unmarks ON ${CHILD} USING (is_deleted)`,
      CHILD,
      'a policy was changed: silgi_restorer_unmarks',
    ],
    [
      'records that are undone by nobody',
      `ALTER POLICY silgi_restorer_undoes ON ${RECORD} WITH CHECK (state = 'RESTORED')`,
      RECORD,
      'a policy was changed: silgi_restorer_undoes',
    ],
    [
      'a whole record for the restorer',
      `GRANT UPDATE ON ${RECORD} TO silgi_restorer`,
      RECORD,
      'silgi_restorer may write (UPDATE)',
    ],
    [
      'records that may be changed again',
      `ALTER POLICY silgi_service_completes ON ${RECORD} USING (true)`,
      RECORD,
      'a policy was changed: silgi_service_completes',
    ],
    [
      'a writer who may mark',
      `ALTER POLICY relevant_writer_changes_live ON ${CHILD} WITH CHECK (true)`,
      CHILD,
      'a policy was changed: relevant_writer_changes_live',
    ],
    [
      'a policy of the writer that is gone',
      `DROP POLICY relevant_writer_sees_live ON ${CHILD}`,
      CHILD,
      'a policy is missing',
    ],
  ])('%s', async (_, statement, table, why) => {
    await run(statement);
    expect(await drift()).toEqual([{ table, why: expect.stringContaining(why) }]);
  });
});

describe('the scan names what only an administrator can put right:', () => {
  afterEach(async () => {
    expect(await drift()).toEqual([]);
  });

  it.each([
    [
      'a policy that was added',
      `CREATE POLICY more ON ${CHILD} USING (true)`,
      `DROP POLICY more ON ${CHILD}`,
      CHILD,
      'a policy was added: more',
    ],
    [
      'one on the records',
      `CREATE POLICY more ON ${RECORD} USING (true)`,
      `DROP POLICY more ON ${RECORD}`,
      RECORD,
      'a policy was added: more',
    ],
    [
      'row-level security that binds the owner',
      `ALTER TABLE ${CHILD} FORCE ROW LEVEL SECURITY`,
      `ALTER TABLE ${CHILD} NO FORCE ROW LEVEL SECURITY`,
      CHILD,
      'row-level security is forced upon its owner',
    ],
    ...['DISABLE', 'ENABLE', 'ENABLE REPLICA'].map((state) => [
      `the log’s trigger: ${state}`,
      `ALTER TABLE ${LOG} ${state} TRIGGER append_only`,
      `ALTER TABLE ${LOG} ENABLE ALWAYS TRIGGER append_only`,
      LOG,
      'append_only, which refuses every change, is missing, off or another one',
    ]),
    [
      'a trigger on the records',
      `CREATE TRIGGER more BEFORE INSERT ON ${RECORD} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      `DROP TRIGGER more ON ${RECORD}`,
      RECORD,
      'the trigger more is not Silgi',
    ],
    [
      'a rule',
      `CREATE RULE more AS ON UPDATE TO ${CHILD} DO INSTEAD NOTHING`,
      `DROP RULE more ON ${CHILD}`,
      CHILD,
      'a rule was added: more',
    ],
  ])('%s', async (_, statement, back, table, why) => {
    await run(statement);
    expect(await drift()).toEqual([{ table, why: expect.stringContaining(why) }]);
    await run(back);
  });

  it('a privilege to write of a role that is none of Silgi’s', async () => {
    const role = `silgi_test_${randomBytes(6).toString('hex')}`;
    await run(`CREATE ROLE ${role}; GRANT SELECT, INSERT ON ${LOG} TO ${role}`);
    expect(await drift()).toEqual([{ table: LOG, why: `${role} may write (INSERT)` }]);
    await run(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  // Roles belong to the whole server: what is granted is seen by this transaction alone, and undone.
  it.each([
    [
      'GRANT silgi_service TO relevant_user',
      'relevant_user is a member of silgi_service',
      'REVOKE silgi_service FROM relevant_user',
    ],
    [
      'GRANT relevant_writer TO relevant_user',
      'relevant_user is a member of relevant_writer',
      'REVOKE relevant_writer FROM relevant_user',
    ],
    [
      'GRANT silgi_owner TO silgi_service',
      'silgi_service is a member of silgi_owner',
      'REVOKE silgi_owner FROM silgi_service',
    ],
    [
      'GRANT pg_write_all_data TO relevant_writer',
      'relevant_writer is a member of pg_write_all_data',
      'REVOKE pg_write_all_data',
    ],
    [
      'ALTER ROLE relevant_writer BYPASSRLS',
      'row-level security does not bind relevant_writer',
      'NOBYPASSRLS',
    ],
    ['ALTER ROLE silgi_service CREATEROLE', 'silgi_service may make and change roles', 'NOCREATEROLE'],
    [
      'GRANT silgi_restorer TO relevant_writer',
      'relevant_writer is a member of silgi_restorer',
      'REVOKE silgi_restorer FROM relevant_writer',
    ],
    [
      'REVOKE silgi_restorer FROM silgi_service',
      'silgi_service may not take silgi_restorer',
      'GRANT silgi_restorer TO silgi_service',
    ],
    [
      INHERIT_RESTORER,
      'silgi_service has what silgi_restorer may do without taking that role',
      'REVOKE silgi_restorer FROM silgi_service',
    ],
  ])('roles: %s', async (statement, why, remedy) => {
    const queryRunner = silgi.app.get(EntityManager).dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    try {
      await queryRunner.query('SET LOCAL ROLE NONE');
      await queryRunner.query(statement);
      const scan = new IntegrityScan(queryRunner.manager, silgi.app.get(CatalogueGuard));
      const found = await scan['scan'](queryRunner.manager, () => undefined);
      expect(found.drift).toEqual([{ table: '*', why: expect.stringContaining(why) }]);
      expect(found.drift[0]?.why).toContain(remedy);
    } finally {
      await queryRunner.rollbackTransaction();
      await queryRunner.release();
    }
  });
});
