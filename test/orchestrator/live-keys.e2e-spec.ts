import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { migrate } from '../../src/postgres/index.js';
import { CHILD_TABLES } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { GuardStage } from './guard.stage.js';

const PATIENTS = 'patient.sharded_patient_demographics';
const CHILD = 'clinical.sharded_tani';
const KEY_OFF = /live foreign key \(patient_id, live\) is missing or not enforced/;

let silgi: Silgi;
let stage: GuardStage;
beforeAll(async () => {
  silgi = await openSilgi();
  stage = new GuardStage(silgi);
  await stage.expectNoVeto();
});
afterEach(() => silgi.assertNothingLeaked());
afterAll(() => silgi.close());

/** Names of the triggers of live foreign keys on one table: those of two columns. */
async function triggersOf(table: string): Promise<string[]> {
  const rows = await silgi.database.query<{ name: string }>(
    `SELECT tgname AS name FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint
     WHERE tgrelid = $1::regclass AND cardinality(k.conkey) = 2 ORDER BY 1`,
    [table],
  );
  expect(rows.length).toBeGreaterThan(1);
  return rows.map(({ name }) => name);
}

/** Each trigger of the live key in turn, in each way in which it no longer fires. */
async function expectEachTriggerIsMissed(table: string, vetoed: RegExp): Promise<void> {
  const [insert, update] = await triggersOf(table);
  for (const [trigger, state] of [
    [insert, 'DISABLE'],
    [update, 'ENABLE REPLICA'],
  ]) {
    await stage.run(`ALTER TABLE ${table} ${state ?? ''} TRIGGER "${trigger ?? ''}"`);
    const read = await stage.read();
    expect(read.map((one) => one.table)).toEqual(expect.arrayContaining([expect.stringMatching(vetoed)]));
    expect(read.every(({ why }) => KEY_OFF.test(why))).toBe(true);
    await stage.run(`ALTER TABLE ${table} ENABLE TRIGGER "${trigger ?? ''}"`);
  }
  await stage.run(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER "${insert ?? ''}"`);
  await stage.expectNoVeto();
}

/** Puts a partitioned table in the place of one, with two partitions, its keys and all that other tables refer to. */
async function partition(table: string): Promise<void> {
  const before = `${table.split('.')[0] ?? ''}.before`;
  const keys = await silgi.database.query<{ at: string; definition: string }>(
    `SELECT conrelid::regclass::text AS at, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE contype = 'f' AND (conrelid = $1::regclass OR confrelid = $1::regclass)`,
    [table],
  );
  await stage.run(`ALTER TABLE ${table} RENAME TO before;
    CREATE TABLE ${table} (LIKE ${before} INCLUDING ALL) PARTITION BY HASH (patient_id);
    CREATE TABLE ${table}_0 PARTITION OF ${table} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE ${table}_1 PARTITION OF ${table} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    DROP TABLE ${before} CASCADE`);
  await silgi.database.query('TRUNCATE ' + CHILD_TABLES.join(', '));
  for (const { at, definition } of keys) await stage.run(`ALTER TABLE ${at} ADD ${definition}`);
  await migrate(silgi.database.url);
  await stage.expectNoVeto();
}

describe('a live foreign key counts only where it is enforced:', () => {
  it('each of its triggers fires, on the table and on that of the patients', async () => {
    await expectEachTriggerIsMissed(CHILD, /^clinical\.sharded_tani$/);
    await expectEachTriggerIsMissed(PATIENTS, /^(clinical|finance)\.sharded_/);
  });

  it('one trigger that is off makes a deletion refuse', async () => {
    const [trigger] = await triggersOf(CHILD);
    await stage.run(`ALTER TABLE ${CHILD} DISABLE TRIGGER "${trigger ?? ''}"`);
    await stage.expectVeto(CHILD, KEY_OFF);
    await stage.run(`ALTER TABLE ${CHILD} ENABLE TRIGGER "${trigger ?? ''}"`);
    await stage.expectNoVeto();
  });

  it('on every partition of the table', async () => {
    await partition(CHILD);
    await expectEachTriggerIsMissed(`${CHILD}_1`, /^clinical\.sharded_tani$/);
    const [trigger] = await triggersOf(`${CHILD}_0`);
    await stage.run(`ALTER TABLE ${CHILD}_0 DISABLE TRIGGER "${trigger ?? ''}"`);
    await stage.expectVeto(CHILD, KEY_OFF);
    await stage.run(`ALTER TABLE ${CHILD}_0 ENABLE TRIGGER "${trigger ?? ''}"`);
    await stage.expectNoVeto();
  });

  it('on every partition of the patients', async () => {
    await partition(PATIENTS);
    await expectEachTriggerIsMissed(`${PATIENTS}_1`, /^(clinical|finance)\.sharded_/);
  });
});

describe('replica mode, in which foreign keys do not fire, makes every deletion refuse', () => {
  const database = () => `"${silgi.database.name}"`;
  const expectOff = (who: string) =>
    stage.expectVeto('*', new RegExp(`do not hold for ${who}`), 'FOREIGN_KEYS_OFF');

  it('where it is set on the database', async () => {
    await stage.run(`ALTER DATABASE ${database()} SET session_replication_role = replica`);
    // A session of this database begins in that mode; the one that is open already undoes it.
    await expectOff('every session of the database');
    await stage.run(`ALTER DATABASE ${database()} RESET session_replication_role`);
    await stage.expectNoVeto();
  });

  it('where it is set on a role that writes, and on one that may become such a role', async () => {
    const role = `silgi_test_${randomBytes(6).toString('hex')}`;
    await stage.run(`CREATE ROLE ${role} NOINHERIT`);
    try {
      await stage.run(
        `ALTER ROLE ${role} IN DATABASE ${database()} SET session_replication_role = 'REPLICA'`,
      );
      await stage.expectNoVeto();
      await stage.run(`GRANT silgi_owner TO ${role}`);
      expect(await stage.read()).toEqual([
        {
          table: '*',
          why: expect.stringContaining(`ALTER ROLE ${role} IN DATABASE ${silgi.database.name} RESET`),
        },
      ]);
      await stage.run(
        `ALTER ROLE silgi_service IN DATABASE ${database()} SET session_replication_role = replica`,
      );
      await stage.run(`REVOKE silgi_owner FROM ${role}`);
      await expectOff('the role silgi_service');
      await stage.run(`ALTER ROLE silgi_service IN DATABASE ${database()} RESET session_replication_role`);
      await stage.expectNoVeto();
    } finally {
      await stage.run(`DROP ROLE ${role}`);
    }
  });
});

describe('a policy that hides rows from the service makes every deletion refuse', () => {
  it.each([
    [
      'a restrictive one',
      `CREATE POLICY hidden ON ${CHILD} AS RESTRICTIVE TO silgi_service USING (patient_id IS NULL)`,
    ],
    ['a restrictive one of everybody', `CREATE POLICY hidden ON ${CHILD} AS RESTRICTIVE USING (true)`],
    [
      'its own, altered',
      `ALTER POLICY silgi_service_sees_all ON ${CHILD} USING (NOT is_deleted OR id IS NULL)`,
    ],
    ['its own, dropped', `DROP POLICY silgi_service_sees_all ON ${CHILD}`],
  ])('%s', async (_, statement) => {
    await stage.run(statement);
    await stage.expectVeto(CHILD, /a policy of row-level security hides rows/);
    await stage.run(`DROP POLICY IF EXISTS hidden ON ${CHILD}`);
    await migrate(silgi.database.url);
    await stage.expectNoVeto();
  });
});
