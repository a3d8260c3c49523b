import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, revert } from '../../src/postgres/index.js';
import { type DeletionState, DeletionRecords, PatientDirectory } from '../../src/patient/index.js';
import { AuditLog } from '../../src/audit/index.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { explainAll, plansOf, setForDatabase } from '../support/plans.js';

const PATIENTS = 20_000;
/** Pages of the database that a page of a list looks at. All patients by name are more than twenty thousand. */
const FEW = 1_000;
const EACH_STATE = [
  ['live', 'live'],
  ['deleted', 'deleted'],
  ['live or deleted', undefined],
] as const;

let database: TestDatabase;
let silgi: Silgi;

/** Half of them deleted. Sorted last: the two who bear the rare name. */
beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(
    `INSERT INTO patient.sharded_patient_demographics
       (patient_id, record_number, given_name, family_name, is_deleted, deleted_at, deletion_id)
     SELECT gen_random_uuid(), 'H-' || lpad(p::text, 7, '0'),
       CASE WHEN p % 41 = 5 THEN 'Ürgüp' ELSE 'Ada' || p % 97 END,
       CASE WHEN p > $1 - 2 THEN 'Zzeytinci' WHEN p % 1000 IN (6, 7, 8, 9) THEN 'Adalı'
         WHEN p % 1000 IN (16, 17, 18, 19) THEN 'Ürgüplü' WHEN p % 2 = 0 THEN 'Aslan' || p % 1999 ELSE 'Çelik' || p % 1999 END,
       p % 4 < 2, CASE WHEN p % 4 < 2 THEN now() END, CASE WHEN p % 4 < 2 THEN gen_random_uuid() END
     FROM generate_series(1, $1) AS p`,
    [PATIENTS],
  );
  await database.query(
    `UPDATE patient.sharded_patient_demographics SET is_deleted = record_number LIKE '%9', deleted_at = now()
     WHERE family_name = 'Zzeytinci'`,
  );
  await database.query(
    `INSERT INTO patient.sharded_patient_deletion (patient_id, deletion_id, state, reason, legal_basis, requested_by,
       requested_at, request_id, deleted_at, shards, total_rows, audit_event_id, restored_at)
     SELECT patient_id, deletion_id, CASE WHEN r THEN 'RESTORED' ELSE 'DELETED' END, 'x', 'x', 'x', now(), 'x', now(), '[]',
       1, gen_random_uuid(), CASE WHEN r THEN now() END
     FROM (SELECT *, row_number() OVER () % 4999 = 0 AS r FROM patient.sharded_patient_demographics
       WHERE deletion_id IS NOT NULL) d`,
  );
  await database.query(
    `INSERT INTO audit.sharded_audit_event (patient_id, audit_event_id, action, actor, deletion_id, request_id, occurred_at)
     SELECT patient_id, audit_event_id, 'SYSTEM_DELETE_PATIENT', 'x', deletion_id, 'x', now()
     FROM patient.sharded_patient_deletion`,
  );
  await database.query('VACUUM (ANALYZE)');
  // Of what an index of words finds, a server may be told to leave out most at random.
  await setForDatabase(database, { gin_fuzzy_search_limit: '1' });
  await explainAll(database);
  silgi = await openSilgi({ database });
});

afterAll(() => silgi.close());

/** What a list shows, and the pages of the database that its statements looked at, on the product's own session. */
async function costOf<T>(list: () => Promise<T[]>): Promise<{ shown: T[]; buffers: number }> {
  let shown: T[] = [];
  const plans = await plansOf(silgi.app, async () => {
    shown = await list();
  });
  const buffers = plans.map(
    ({ Plan }) => (Plan['Shared Hit Blocks'] ?? NaN) + (Plan['Shared Read Blocks'] ?? NaN),
  );
  expect(buffers.length).toBeGreaterThan(0);
  return { shown, buffers: buffers.reduce((sum, one) => sum + one, 0) };
}

/** Often enough for the plan to be one that serves all parameters. */
async function costOnceKnown<T>(list: () => Promise<T[]>): Promise<{ shown: T[]; buffers: number }> {
  for (let times = 0; times < 6; times++) await list();
  return costOf(list);
}

const page = (filter: { search?: string; state?: 'live' | 'deleted' | undefined; after?: string }) => {
  const { state, ...others } = filter;
  const directory = silgi.app.get(PatientDirectory);
  return costOnceKnown(() => directory.page({ limit: 11, ...others, ...(state !== undefined && { state }) }));
};

describe.each(EACH_STATE)(
  'of twenty thousand patients, half of them deleted, those who are %s',
  (_, state) => {
    it.each([
      ['a rare name that sorts last', 'zzeytinci', state === undefined ? 2 : 1],
      ['a part of it', 'zeyti', state === undefined ? 2 : 1],
      ['a name that nobody has', 'qqqqq', 0],
      ['two words, of which one is common', 'çelik zzeytinci', 0],
      ['a record number', state === 'live' ? 'h-0007003' : 'h-0007001', 1],
    ])('are found by %s on few pages', async (_what, search, count) => {
      const { shown, buffers } = await page({ search, state });
      expect(shown).toHaveLength(count);
      expect(buffers).toBeLessThan(FEW);
    });

    it('are listed on few pages, the first page as well as one from far behind', async () => {
      const first = await page({ state });
      expect(first.shown).toHaveLength(11);
      expect(first.buffers).toBeLessThan(FEW);
      const [deep] = await database.query<{ id: string }>(
        `SELECT patient_id AS id FROM patient.sharded_patient_demographics WHERE is_deleted = coalesce($1, is_deleted)
       ORDER BY family_name, given_name, patient_id OFFSET 8000 LIMIT 1`,
        [state === undefined ? null : state === 'deleted'],
      );
      const behind = await page({ state, after: deep?.id ?? '' });
      expect(behind.shown).toHaveLength(11);
      expect(behind.buffers).toBeLessThan(FEW);
    });

    it.each([
      ['the first letters of family names that come late, which half of them have', 'çelik', FEW],
      ['the first letters of some family names, and of given names that nearly all have', 'ada', FEW],
      ['the first letters of given names that one in nine has', 'ada1', FEW],
      // A thousand of each half by the index and three thousand by name are looked at, and then all by the index.
      ['a part of family names that come late, which half of them have', 'elik', 12_000],
    ])(
      'are found by %s, those first whose family name begins so, on a bound of pages',
      async (_what, search, bound) => {
        const { shown, buffers } = await page({ search, state });
        const expected = await database.query<{ id: string }>(
          `SELECT patient_id AS id FROM patient.sharded_patient_demographics
       WHERE folded_name LIKE '%' || $1 || '%' AND is_deleted = coalesce($2, is_deleted)
       ORDER BY split_part(folded_name, ' ', 3) NOT LIKE $1 || '%', family_name, given_name, patient_id LIMIT 11`,
          [search, state === undefined ? null : state === 'deleted'],
        );
        expect(shown.map(({ patientId }) => patientId)).toEqual(expected.map(({ id }) => id));
        expect(buffers).toBeLessThan(state === undefined ? 2 * bound : bound);
      },
    );
  },
);

it.each([
  ['three letters', 'live', 'tin', 1],
  ['three letters', 'deleted', 'tin', 1],
  ['three letters that nobody has', 'deleted', 'qxj', 0],
  ['two letters', 'live', 'zz', 1],
  ['two letters that nobody has', 'live', 'qx', 0],
] as const)('by %s patients who are %s are found on few pages', async (_what, state, search, count) => {
  const { shown, buffers } = await page({ search, state });
  expect(shown).toHaveLength(count);
  expect(buffers).toBeLessThan(FEW);
});

describe.each(EACH_STATE)('what many have who are %s', (_, state) => {
  it.each([
    ['words', 'ADA9 çelik'],
    ['a part of given names alone', 'ADA9'],
    ['the beginning of family names that come first, and of given names', 'ada'],
    ['the beginning of family names that come last, and of given names', 'ürgüp'],
  ])('is found on every page in one order and once: %s', async (_what, search) => {
    const directory = silgi.app.get(PatientDirectory);
    const words = search.toLocaleLowerCase('tr').split(' ');
    const expected = await database.query<{ id: string }>(
      `SELECT patient_id AS id FROM patient.sharded_patient_demographics
     WHERE folded_name LIKE ALL ($1) AND is_deleted = coalesce($2, is_deleted)
     ORDER BY split_part(folded_name, ' ', 3) NOT LIKE $3, family_name, given_name, patient_id`,
      [
        words.map((word) => `%${word}%`),
        state === undefined ? null : state === 'deleted',
        words.length === 1 ? `${words[0] ?? ''}%` : '',
      ],
    );
    const seen: string[] = [];
    for (let after: string | undefined, more = true; more;) {
      const shown = await directory.page({
        search,
        limit: 199,
        ...(state !== undefined && { state }),
        ...(after !== undefined && { after }),
      });
      seen.push(...shown.map(({ patientId }) => patientId));
      after = seen.at(-1);
      more = shown.length === 199;
    }
    expect(seen.length).toBeGreaterThan(200);
    expect(seen).toEqual(expected.map(({ id }) => id));
  });
});

describe('of ten thousand deletions', () => {
  const records = (filter: { state?: DeletionState; before?: string }) =>
    costOnceKnown(() => silgi.app.get(DeletionRecords).page({ limit: 11, ...filter }));

  it('the two that were undone are found on few pages', async () => {
    const { shown, buffers } = await records({ state: 'RESTORED' });
    expect(shown).toHaveLength(2);
    expect(buffers).toBeLessThan(FEW);
  });

  it.each([[{}], [{ state: 'DELETED' } as const]])(
    'a page from far behind is read on few pages: %j',
    async (filter) => {
      const [deep] = await database.query<{ id: string }>(
        'SELECT deletion_id AS id FROM patient.sharded_patient_deletion ORDER BY 1 DESC OFFSET 8000 LIMIT 1',
      );
      for (const before of [undefined, deep?.id]) {
        const { shown, buffers } = await records({ ...filter, ...(before !== undefined && { before }) });
        expect(shown).toHaveLength(11);
        expect(buffers).toBeLessThan(FEW);
      }
    },
  );

  it.each([[{}], [{ action: 'SYSTEM_DELETE_PATIENT' } as const]])(
    'a page of their events from far behind is read on few pages: %j',
    async (filter) => {
      const [deep] = await database.query<{ id: string }>(
        'SELECT audit_event_id AS id FROM audit.sharded_audit_event ORDER BY 1 DESC OFFSET 8000 LIMIT 1',
      );
      const log = silgi.app.get(AuditLog);
      for (const before of [undefined, deep?.id]) {
        const { shown, buffers } = await costOnceKnown(() =>
          log.page({ limit: 11, ...filter, ...(before !== undefined && { before }) }),
        );
        expect(shown).toHaveLength(11);
        expect(buffers).toBeLessThan(FEW);
      }
    },
  );
});

describe('the migrations to it', () => {
  const INDEXES = ['in_order', 'live_grams', 'deleted_grams', 'restored', 'given_name_patient_idx'];
  let other: TestDatabase;
  beforeAll(async () => {
    other = await createEmptyDatabase();
    await migrate(other.url);
  });
  afterAll(() => other.drop());

  const indexes = () =>
    other.query<{ name: string; valid: boolean }>(
      `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
       WHERE indexrelid::regclass::text ~ $1 ORDER BY 1`,
      [INDEXES.join('|')],
    );

  it('go down to what was there before and up again, and build anew what an interruption has left half-built', async () => {
    const whole = await indexes();
    expect(whole.map(({ valid }) => valid)).toEqual([true, true, true, true]);
    let undone: string | undefined;
    do undone = await revert(other.url);
    while (undone !== 'IndexPatients1764000016000');
    expect((await indexes()).map(({ name }) => name)).toEqual([
      'patient.sharded_patient_demographics_family_name_given_name_patient_idx',
    ]);

    await other.query(
      'CREATE INDEX demographics_live_grams ON patient.sharded_patient_demographics (patient_id)',
    );
    await other.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'patient.demographics_live_grams'::regclass`,
    );
    await migrate(other.url);
    expect(await indexes()).toEqual(whole);
  });

  it('keep what a hospital has called restored by itself, and take no record any more that says one without the other', async () => {
    let undone: string | undefined;
    do undone = await revert(other.url);
    while (undone !== 'KeepRestorations1764000018000');
    await other.query(
      `INSERT INTO patient.sharded_patient_deletion (patient_id, deletion_id, state, reason, legal_basis, requested_by,
         requested_at, request_id) VALUES (gen_random_uuid(), gen_random_uuid(), 'RESTORED', 'x', 'x', 'x', now(), 'x')`,
    );
    await migrate(other.url);
    const [record] = await other.query<{ known: boolean }>(
      'SELECT restored_at IS NOT NULL AS known FROM patient.sharded_patient_deletion',
    );
    expect(record).toEqual({ known: true });
    for (const change of ["state = 'DELETED'", 'restored_at = NULL'])
      await expect(
        other.query(`UPDATE patient.sharded_patient_deletion SET ${change}`),
      ).rejects.toMatchObject({
        constraint: 'restored_at_agrees',
      });
  });
});
