import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { FILES, PATIENT } from './every.column.js';
import { folderWith, removeFolders, runImport } from './importing.js';

/** Columns that no file fills. */
const OF_THE_PROTOCOL = ['is_deleted', 'deleted_at', 'deletion_id', 'live', 'folded_name'];

const DAY_MS = 86_400_000;

/** A cell of each kind, unlike the one of any other number: what stands in the file, and what the database says of it. */
const CELLS = {
  uuid: (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`,
  text: (n: number) => `text ${n}`,
  date: (n: number) => new Date(n * DAY_MS).toISOString().slice(0, 10),
  time: (n: number) => `${new Date(n * DAY_MS).toISOString().slice(0, 19)}Z`,
  amount: (n: number) => `${n}.25`,
  count: (n: number) => String(n),
};

const stored = (kind: string, given: string) => {
  if (kind === 'amount' || kind === 'count') return Number(given);
  return kind === 'time' ? given.replace('Z', '+00:00') : given;
};

let cells = 0;
/** The files with their one row, and that row as it must be stored. */
const ROWS = Object.entries(FILES).map(([file, { table, patient, made, ...columns }]) => {
  const given: Record<string, string> = { [patient]: PATIENT };
  const row: Record<string, unknown> = { patient_id: PATIENT };
  for (const [kind, headers] of Object.entries(columns))
    for (const [header, column] of Object.entries(headers)) {
      const cell = (given[header] = CELLS[kind as keyof typeof CELLS](++cells));
      if (column !== null) row[column] = stored(kind, cell);
    }
  const content = `${Object.keys(given).join(',')}\n${Object.values(given).join(',')}\n`;
  return { file, table, content, row: { ...row, ...made?.(given) } };
});

describe('an import of one row in every file', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    const folder = folderWith(Object.fromEntries(ROWS.map(({ file, content }) => [`${file}.csv`, content])));
    expect(await runImport(database.url, folder)).toMatchObject({ exitCode: 0 });
  });

  afterAll(async () => {
    removeFolders();
    await database.drop();
  });

  it('has a row for every patient-owned table', () => {
    expect(ROWS.map(({ table }) => table).sort()).toEqual([...PATIENT_TABLES].sort());
  });

  it.each(ROWS)('stores every cell of $file in the column that it belongs to', async ({ table, row }) => {
    const session = await database.connect();
    await session.query("SET timezone = 'UTC'");
    const { rows } = await session.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} t`,
      [OF_THE_PROTOCOL],
    );
    await session.end();
    // A row without an Id of its own has one made of its content.
    const id = table === PATIENT_TABLES[0] ? {} : { id: expect.any(String) };
    expect(rows).toEqual([{ row: { ...id, ...row } }]);
  });
});
