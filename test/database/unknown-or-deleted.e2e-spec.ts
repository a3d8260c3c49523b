import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { migrate, MigrationError, revert } from '../../src/postgres/index.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { CHILD_TABLES, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { sessionOf } from './login.stage.js';

const LEVELS = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];
const MIGRATION = 'CheckLiveKeysFirst1764000014000';
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

const FIELDS = ['message', 'code', 'detail', 'hint', 'schema', 'table', 'column', 'constraint'];

/** All that PostgreSQL says of a refused statement, with the patient's id as a word of its own. */
async function refusalOf(session: pg.Client, statement: string, patientId: string) {
  const error: unknown = await session.query(statement, [patientId]).catch((reason: unknown) => reason);
  const said = Object.fromEntries(FIELDS.map((field) => [field, (error as Record<string, unknown>)[field]]));
  return JSON.parse(JSON.stringify(said).replaceAll(patientId, 'PATIENT')) as Record<string, unknown>;
}

describe('a row for a deleted patient is refused in the words of one for an unknown patient', () => {
  let silgi: Silgi;
  let deleted: string;
  let live: string;
  beforeAll(async () => {
    silgi = await openSilgi();
    deleted = await seedPatient(silgi.database, 1);
    live = await seedPatient(silgi.database, 1);
    await silgi.orchestrator.deletePatient(deletionOf(deleted));
  });
  afterAll(() => silgi.close());

  const logins = [
    ['relevant_writer', () => sessionOf(silgi.database, 'relevant_writer')],
    [
      'the owner',
      async () => {
        const session = await silgi.database.connect();
        return { session, end: () => session.end() };
      },
    ],
  ] as const;
  describe.each(logins)('by %s', (_, open) => {
    let session: pg.Client;
    let end: () => Promise<void>;
    beforeAll(async () => {
      ({ session, end } = await open());
    });
    afterAll(() => end());

    it.each(LEVELS.flatMap((level) => CHILD_TABLES.map((table) => [level, table])))(
      'at %s, added to %s or moved there',
      async (level, table) => {
        const said = [];
        for (const statement of [
          `INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`,
          `UPDATE ${table} SET patient_id = $1 WHERE patient_id = '${live}'`,
        ])
          for (const patientId of [deleted, randomUUID()]) {
            await session.query(`BEGIN ISOLATION LEVEL ${level}`);
            said.push(await refusalOf(session, statement, patientId));
            await session.query('ROLLBACK');
          }
        expect(said[0]).toMatchObject({ code: '23503', constraint: expect.stringContaining('live') });
        expect(said).toEqual(Array(4).fill(said[0]));
      },
    );
  });
});

describe('the migration to that', () => {
  let database: TestDatabase;
  let made: string[];
  beforeEach(async () => {
    database = await createEmptyDatabase();
    await migrate(database.url);
    made = await keys();
    await goBack();
  });
  afterEach(() => database.drop());

  /** `table name definition` of every key to the patients. */
  async function keys(): Promise<string[]> {
    const rows = await database.query<{ found: string }>(
      `SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS found FROM pg_constraint
       WHERE contype = 'f' AND confrelid = '${DEMOGRAPHICS}'::regclass ORDER BY 1`,
    );
    return rows.map(({ found }) => found);
  }

  /** The keys as the release before made them: the plain one first. */
  async function goBack(): Promise<void> {
    while ((await revert(database.url)) !== MIGRATION);
    for (const table of CHILD_TABLES) {
      const name = table.split('.')[1] ?? '';
      await database.query(`
        ALTER TABLE ${table} DROP CONSTRAINT ${name}_patient_id_live_fkey,
          ADD FOREIGN KEY (patient_id, live) REFERENCES ${DEMOGRAPHICS} (patient_id, live);
        ALTER TABLE ${table} RENAME CONSTRAINT ${name}_patient_known_fkey TO ${name}_patient_id_fkey`);
    }
  }

  /** Which tables tell a deleted patient from an unknown one. */
  async function telling(): Promise<string[]> {
    const patientId = await seedPatient(database, 1);
    for (const table of [...CHILD_TABLES, DEMOGRAPHICS])
      await database.query(`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [patientId]);
    const session = await database.connect();
    const found = [];
    for (const table of CHILD_TABLES) {
      const add = `INSERT INTO ${table} (patient_id, id) VALUES ($1, gen_random_uuid())`;
      const [of, unknown] = [
        await refusalOf(session, add, patientId),
        await refusalOf(session, add, randomUUID()),
      ];
      expect([of['code'], unknown['code']]).toEqual(['23503', '23503']);
      if (of['constraint'] !== unknown['constraint']) found.push(table);
    }
    await session.end();
    return found;
  }

  /** Notes after every change of a table what no key of one kind guards at that moment. */
  async function watch(): Promise<() => Promise<string[]>> {
    await database.query(`
      CREATE TABLE public.unguarded (found text);
      CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.unguarded SELECT format('%s %s', t, width)
        FROM unnest('{${CHILD_TABLES.join(',')}}'::regclass[]) t, unnest('{1,2}'::int[]) width
        WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = t AND cardinality(conkey) = width
          AND contype = 'f' AND confrelid = '${DEMOGRAPHICS}'::regclass AND convalidated); END $$;
      CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.note()`);
    return async () => {
      const rows = await database.query<{ found: string }>('SELECT found FROM public.unguarded');
      await database.query('DROP EVENT TRIGGER note');
      return rows.map(({ found }) => found);
    };
  }

  it('makes the plain keys anew, so that no table tells deleted from unknown, and no patient is ever unguarded', async () => {
    expect(await telling()).toEqual(CHILD_TABLES);
    const unguarded = await watch();
    await migrate(database.url);
    expect(await unguarded()).toEqual([]);
    expect(await telling()).toEqual([]);
    expect(await keys()).toEqual(made);
  });

  it('changes nothing where the order is right', async () => {
    await migrate(database.url);
    const numbers = () => database.query(`SELECT oid FROM pg_constraint WHERE contype = 'f' ORDER BY 1`);
    const before = await numbers();
    let undone: string | undefined;
    do undone = await revert(database.url);
    while (undone !== MIGRATION);
    await migrate(database.url);
    expect(await numbers()).toEqual(before);
  });

  it('makes both keys anew where the numbers have got one digit more', async () => {
    const [table = ''] = CHILD_TABLES;
    await database.query(
      `UPDATE pg_trigger SET tgname = 'RI_ConstraintTrigger_c_99999' || right(tgname::text, 4) FROM pg_constraint k
       WHERE k.oid = tgconstraint AND cardinality(k.conkey) = 2 AND tgrelid = $1::regclass`,
      [table],
    );
    const unguarded = await watch();
    await migrate(database.url);
    expect(await unguarded()).toEqual([]);
    expect(await telling()).toEqual([]);
  });

  it('lets go of a lock that it cannot have, and goes on when it was interrupted', async () => {
    const writer = await database.connect();
    await writer.query('BEGIN');
    await writer.query(`LOCK TABLE ${CHILD_TABLES.at(-1) ?? ''} IN ROW EXCLUSIVE MODE`);
    const outcome = migrate(database.url).catch((error: unknown) => error);
    const waits = () =>
      database.query<{ pid: number; since: string }>(
        `SELECT pid, xact_start::text AS since FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'ADD CONSTRAINT'`,
      );
    const starts = new Set<string>();
    let pid = 0;
    await until(async () => {
      for (const wait of await waits()) {
        starts.add(wait.since);
        ({ pid } = wait);
      }
      return starts.size > 1;
    });
    // It waits again, in another transaction: in between everybody else had their turn.
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await outcome).toBeInstanceOf(MigrationError);
    await writer.query('ROLLBACK');
    await writer.end();
    await migrate(database.url);
    expect(await telling()).toEqual([]);
    expect(await keys()).toEqual(made);
  });
});
