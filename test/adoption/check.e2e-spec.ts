import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { adoptCheckCommand } from '../../src/cli/adopt.check.command.js';
import { type EndedCommand, runInProcess } from '../support/command.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { propose } from './discover.js';
import { HOSPITAL, HOSPITAL_SCHEMA } from './hospital.js';

let database: TestDatabase;
let file: string;
let before: NodeJS.ProcessEnv;
/** The proposal as a person decides it: all of it right. */
let decided: string;
let proposed: string;

async function check(text: string): Promise<EndedCommand> {
  await writeFile(file, text);
  return runInProcess(adoptCheckCommand(), '--declaration', file);
}

/** What it finds once statements have been run, which are undone then. */
async function after(change: string, back: string, text = decided): Promise<EndedCommand> {
  await database.query(change);
  try {
    return await check(text);
  } finally {
    await database.query(back);
  }
}

/** Takes the marks away. */
function answered(text: string): string {
  return stringify(
    parse(text, (key, value: unknown) => (key === 'decide' ? undefined : value)),
    { lineWidth: 0 },
  );
}

beforeAll(async () => {
  database = await createEmptyDatabase();
  before = { ...process.env };
  file = join(await temporaryFolder(), 'silgi.yaml');
  await database.query(`${HOSPITAL} DROP TABLE depo.rapor;`);
  process.env['DATABASE_URL'] = database.url;
  proposed = (await propose(database.url, '--schema', HOSPITAL_SCHEMA)).text;
  decided = answered(proposed);
});

afterAll(async () => {
  process.env = before;
  await database.drop();
});

const TABLE = '"Hasta_Kayıt"';

describe('adopt check', () => {
  it('ends with 0 and prints the fingerprint where all is decided and the database is as it says', async () => {
    const { code, said } = await check(decided);
    expect(said).toMatch(
      /^fingerprint: sha256:[0-9a-f]{64}\nDecided, and the database is as it says: 9 tables\.\n$/,
    );
    expect(code).toBe(0);
  });

  it('names every mark that is left, and nothing else, in a file as it was proposed', async () => {
    const { code, said } = await check(proposed);
    const lines = said.split('\n').filter((line) => line.startsWith(file));
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) expect(line).toMatch(/yaml:\d+:\d+: .+: not decided: ./);
    expect(code).toBe(1);
  });

  it.each([
    [
      'a new table',
      `CREATE TABLE ${TABLE}."Yeni.Tablo" ()`,
      `DROP TABLE ${TABLE}."Yeni.Tablo"`,
      `:1:1: ${TABLE}."Yeni.Tablo": a table of the database that stands in no place`,
    ],
    [
      'a new materialized view',
      `CREATE MATERIALIZED VIEW ${TABLE}.özet AS SELECT 1`,
      `DROP MATERIALIZED VIEW ${TABLE}.özet`,
      `${TABLE}."özet": a materialized view of the database that stands in no place`,
    ],
    [
      'a table that is gone',
      `ALTER TABLE ${TABLE}.tarife RENAME TO tarife2`,
      `ALTER TABLE ${TABLE}.tarife2 RENAME TO tarife`,
      `${TABLE}.tarife: is not in the database`,
    ],
    [
      'a column that is gone',
      `ALTER TABLE ${TABLE}.laboratuvar RENAME hasta_no TO kimin`,
      `ALTER TABLE ${TABLE}.laboratuvar RENAME kimin TO hasta_no`,
      `${TABLE}.laboratuvar.hasta_no: there is no such column`,
    ],
    [
      'a column of another type than the key that it holds',
      `ALTER TABLE ${TABLE}.fatura ALTER "HastaNo" TYPE text`,
      `ALTER TABLE ${TABLE}.fatura ALTER "HastaNo" TYPE integer USING "HastaNo"::integer`,
      `${TABLE}.fatura."HastaNo": is text, and ${TABLE}."Hasta.Kartı"."HastaNo" is bigint`,
    ],
    [
      'a foreign key that is gone',
      `ALTER TABLE ${TABLE}.laboratuvar DROP CONSTRAINT laboratuvar_hasta_no_fkey`,
      `ALTER TABLE ${TABLE}.laboratuvar ADD FOREIGN KEY (hasta_no) REFERENCES ${TABLE}."Hasta.Kartı"`,
      `${TABLE}.laboratuvar: no foreign key leads from hasta_no to ${TABLE}."Hasta.Kartı": say fence: add`,
    ],
    [
      'a table that refers to patients and is not watched',
      `CREATE TABLE depo.rapor (hasta bigint REFERENCES ${TABLE}."Hasta.Kartı" ON DELETE CASCADE)`,
      'DROP TABLE depo.rapor',
      `depo.rapor: refers to ${TABLE}."Hasta.Kartı" (ON DELETE CASCADE) and lies in a schema that is not watched`,
    ],
    [
      'another length of a name, by the fingerprint',
      `ALTER TABLE ${TABLE}.tarife ALTER kod TYPE varchar(9)`,
      `ALTER TABLE ${TABLE}.tarife ALTER kod TYPE text`,
      'the fingerprint of the database is sha256:',
    ],
  ])('names %s, and ends with 1', async (_, change, back, line) => {
    const { code, said } = await after(change, back);
    expect(said).toContain(line);
    expect(code).toBe(1);
    expect((await check(decided)).code).toBe(0);
  });

  it.each([
    ['type: bigint', 'type: uuid', `"HastaNo": is bigint, and not uuid`],
    [`column: '"HastaNo"'`, `column: '"Adı"'`, `"Adı": is not unique by itself`],
  ])('holds the key of the patients to its type and to be unique: %s', async (from, to, line) => {
    expect(decided.split(from)).toHaveLength(2);
    const { code, said } = await check(decided.replace(from, to));
    expect(said).toContain(line);
    expect(code).toBe(1);
  });

  it('keeps one fingerprint whatever rows are there', async () => {
    const rows = `DELETE FROM ${TABLE}.fatura WHERE id = 1; ANALYZE`;
    expect(await after(rows, 'SELECT 1')).toMatchObject({ code: 0 });
  });

  it('ends with 2 and looks at no database where the file is not there, or is no declaration', async () => {
    const { code, said } = await check('silgi: 3\nsilgi: 1\n');
    expect(code).toBe(2);
    expect(said).toContain(`${file}:2:1: Map keys must be unique`);
    expect(said).toContain('The database was not looked at.');
    expect(await runInProcess(adoptCheckCommand(), '--declaration', `${file}.not`)).toMatchObject({
      code: 2,
    });
  });
});
