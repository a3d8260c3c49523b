import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource, type QueryRunner } from 'typeorm';
import { AuditLog } from '../../src/audit/index.js';
import { migrate, revert } from '../../src/postgres/index.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';

const ENTRIES = 20_000;
/** Pages of a list that reads what it shows: each of the tables has several hundred. */
const FEW = 150;

let database: TestDatabase;
let silgi: Silgi;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(
    `INSERT INTO audit.sharded_audit_event (patient_id, audit_event_id, action, actor, deletion_id, request_id, occurred_at)
     SELECT gen_random_uuid(), gen_random_uuid(),
       CASE WHEN p % 9999 = 0 THEN 'DELETED_PATIENT_READ' ELSE 'SYSTEM_DELETE_PATIENT' END, 'x', gen_random_uuid(), 'x', now()
     FROM generate_series(1, $1) AS p`,
    [ENTRIES],
  );
  await database.query('VACUUM (ANALYZE)');
  silgi = await openSilgi({ database });
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  await silgi.close();
});

/** What a list shows, and the pages of the database that its statements looked at. */
async function costOf<T>(list: () => Promise<T[]>): Promise<{ shown: number; buffers: number }> {
  const runner = silgi.app.get(DataSource).createQueryRunner();
  const statements = jest.spyOn(Object.getPrototypeOf(runner) as QueryRunner, 'query');
  const { length: shown } = await list();
  // Beside it, the session is told how to end.
  const calls = statements.mock.calls.filter(([sql]) => sql.startsWith('SELECT'));
  statements.mockRestore();
  expect(calls.length).toBeGreaterThan(0);
  let buffers = 0;
  for (const [sql, params] of calls) {
    const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
      params as unknown[],
    );
    const { Plan: plan } = row?.['QUERY PLAN'][0] ?? { Plan: {} };
    buffers += (plan['Shared Hit Blocks'] ?? NaN) + (plan['Shared Read Blocks'] ?? NaN);
  }
  return { shown, buffers };
}

describe('a list of twenty thousand looks at few pages where it shows', () => {
  it('the two events of an action that hardly one has', async () => {
    const log = silgi.app.get(AuditLog);
    const { shown, buffers } = await costOf(() => log.page({ action: 'DELETED_PATIENT_READ', limit: 51 }));
    expect(shown).toBe(2);
    expect(buffers).toBeLessThan(FEW);
  });
});

it('a deletion writes its record on one page, whatever indexes there are', async () => {
  const other = await openSilgi();
  try {
    await other.orchestrator.deletePatient(deletionOf(await seedPatient(other.database, 1)));
    const updates = async () => {
      const [row] = await other.database.query<{ updates: string; hot: string }>(
        `SELECT n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'sharded_patient_deletion'`,
      );
      return row;
    };
    // A session tells its counts at least every second.
    await until(async () => (await updates())?.updates === '1');
    expect(await updates()).toEqual({ updates: '1', hot: '1' });
  } finally {
    await other.close();
  }
});

describe('the migration to its index', () => {
  it('goes down and up, and builds anew what an interruption has left half-built', async () => {
    const other = await createEmptyDatabase();
    try {
      await migrate(other.url);
      const indexes = async () =>
        other.query<{ name: string; valid: boolean }>(
          `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
           WHERE indexrelid::regclass::text ~ 'rare_action'`,
        );
      const whole = await indexes();
      expect(whole.map(({ valid }) => valid)).toEqual([true]);
      let undone: string | undefined;
      do undone = await revert(other.url);
      while (undone !== 'IndexLists1764000012000');
      expect(await indexes()).toEqual([]);

      await other.query('CREATE INDEX audit_event_rare_action ON audit.sharded_audit_event (action)');
      await other.query(
        `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'audit.audit_event_rare_action'::regclass`,
      );
      await migrate(other.url);
      expect(await indexes()).toEqual(whole);
    } finally {
      await other.drop();
    }
  });
});
