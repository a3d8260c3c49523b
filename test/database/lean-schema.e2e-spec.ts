import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, MigrationError, revert } from '../../src/postgres/index.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';

const LEAN = 'DropLiveIndexes1764000010000';
const MARKED = ['deleted_at', 'deletion_id', 'is_deleted', 'live'];

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
  await migrate(database.url);
});
afterEach(() => database.drop());

/** `table (columns)` of every index of a patient-owned table that holds a column which a mark changes. */
async function markedIndexes(): Promise<string[]> {
  const rows = await database.query<{ found: string }>(
    `SELECT format('%s (%s)%s', i.indrelid::regclass, string_agg(a.attname, ', ' ORDER BY a.attnum),
       CASE WHEN NOT i.indisvalid THEN ' invalid' END) AS found
     FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = ANY ($1::regclass[])
     GROUP BY i.indexrelid HAVING bool_or(a.attname = ANY ($2)) ORDER BY 1`,
    [PATIENT_TABLES, MARKED],
  );
  return rows.map(({ found }) => found);
}
/** The parent is one row of a deletion, and never stays on its page. */
const PARENT_ORDER = 'patient.sharded_patient_demographics (patient_id, given_name, family_name, is_deleted)';
const PARENT_KEY = 'patient.sharded_patient_demographics (patient_id, live)';
const OLD = CHILD_TABLES.map((table) => `${table} (patient_id, live)`);
const withOld = (indexes: readonly string[]) => [...indexes, PARENT_KEY].sort();

/** The schema of the release before, as its own migrations or the way back leave it. */
async function goBack(): Promise<void> {
  let undone: string | undefined;
  do undone = await revert(database.url);
  while (undone !== LEAN);
}

async function fillfactors(): Promise<string[]> {
  const rows = await database.query<{ factor: string | null }>(
    `SELECT DISTINCT (SELECT option_value FROM pg_options_to_table(reloptions) WHERE option_name = 'fillfactor') AS factor
     FROM pg_class WHERE oid = ANY ($1::regclass[])`,
    [CHILD_TABLES],
  );
  return rows.map(({ factor }) => factor ?? 'default');
}

describe('the tables of patients', () => {
  it('have no index of a column that a mark changes, but the parent: the key which the live keys refer to, and its order', async () => {
    expect(await markedIndexes()).toEqual([PARENT_ORDER, PARENT_KEY]);
    expect(await fillfactors()).toEqual(['90']);
  });

  it('keep the marks of a patient on the pages of the rows, where there is room', async () => {
    const patientId = await seedPatient(database, 5);
    const session = await database.connect();
    for (const table of CHILD_TABLES)
      await session.query(
        `UPDATE ${table} SET is_deleted = true, deleted_at = now(), deletion_id = gen_random_uuid() WHERE patient_id = $1`,
        [patientId],
      );
    // What a session has counted is there for all to see once it has ended.
    await session.end();
    const updates = async () =>
      (
        await database.query<{ all: string; hot: string }>(
          `SELECT sum(n_tup_upd) AS all, sum(n_tup_hot_upd) AS hot FROM pg_stat_user_tables
           WHERE relid = ANY ($1::regclass[])`,
          [CHILD_TABLES],
        )
      )[0];
    const rows = String(5 * CHILD_TABLES.length);
    await until(async () => (await updates())?.all === rows);
    expect(await updates()).toEqual({ all: rows, hot: rows });
  });
});

describe('the migration to them', () => {
  it('goes back to the indexes that were there before, and forth again', async () => {
    await goBack();
    expect(await markedIndexes()).toEqual(withOld(OLD));
    expect(await fillfactors()).toEqual(['default']);
    await migrate(database.url);
    expect(await markedIndexes()).toEqual([PARENT_ORDER, PARENT_KEY]);
  });

  it('takes a database that has lost one of the indexes, has another twice and a third that is invalid', async () => {
    await goBack();
    const [lost = '', twice = '', invalid = ''] = CHILD_TABLES;
    await database.query(`DROP INDEX ${lost}_patient_id_live_idx`);
    await database.query(`CREATE INDEX ON ${twice} (patient_id, live)`);
    await database.query('UPDATE pg_index SET indisvalid = false WHERE indexrelid = $1::regclass', [
      `${invalid}_patient_id_live_idx`,
    ]);
    await migrate(database.url);
    expect(await markedIndexes()).toEqual([PARENT_ORDER, PARENT_KEY]);
  });

  it('leaves an index alone that the hospital made of other columns or with a condition', async () => {
    await goBack();
    const [table = ''] = CHILD_TABLES;
    await database.query(`CREATE INDEX ON ${table} (patient_id, live, id)`);
    await database.query(`CREATE INDEX ON ${table} (patient_id, live) WHERE is_deleted`);
    await migrate(database.url);
    expect(await markedIndexes()).toEqual(
      withOld([`${table} (patient_id, live)`, `${table} (patient_id, id, live)`, PARENT_ORDER]),
    );
  });

  /** Lets it wait for a writer of the last table, ends its session there, and says what came of it. */
  async function interrupted(run: () => Promise<unknown>): Promise<unknown> {
    const writer = await database.connect();
    await writer.query('BEGIN');
    await writer.query(`LOCK TABLE ${CHILD_TABLES.at(-1) ?? ''} IN ROW EXCLUSIVE MODE`);
    const [self] = (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const outcome = run().catch((error: unknown) => error);
    let waits: { pid: number }[] = [];
    // For this writer: one that waits for a vacuum has not begun with the table yet.
    await until(async () => {
      waits = await database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'INDEX CONCURRENTLY'
         AND $1 = ANY (pg_blocking_pids(pid))`,
        [self?.pid],
      );
      return waits.length > 0;
    });
    await database.query('SELECT pg_terminate_backend($1)', [waits[0]?.pid]);
    const error = await outcome;
    await writer.query('ROLLBACK');
    await writer.end();
    return error;
  }

  it('says that what it did stays when it is interrupted, and the next one goes on', async () => {
    await goBack();
    const error = await interrupted(() => migrate(database.url));
    expect(error).toBeInstanceOf(MigrationError);
    expect((error as Error).message).toContain(
      `${LEAN} failed and was not brought to its end: what it did stays`,
    );
    const left = await markedIndexes();
    expect(left.length).toBeGreaterThan(1);
    expect(left).not.toEqual(withOld(OLD));

    expect((await migrate(database.url)).applied).toContain(LEAN);
    expect(await markedIndexes()).toEqual([PARENT_ORDER, PARENT_KEY]);
  });

  it('goes on with a way back that was interrupted', async () => {
    let undone: string | undefined;
    const error = await interrupted(async () => {
      do undone = await revert(database.url);
      while (undone !== LEAN);
    });
    expect(error).toBeInstanceOf(Error);
    expect((await markedIndexes()).filter((found) => found.endsWith('invalid'))).toHaveLength(1);

    await goBack();
    expect(await markedIndexes()).toEqual(withOld(OLD));
  });
});
