import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDeclaration } from '../../src/declaration/index.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type Proposal, propose } from './discover.js';
import { HOSPITAL, HOSPITAL_SCHEMA, SECRET } from './hospital.js';

let database: TestDatabase;
let proposal: Proposal;
let login: string;
let reader: string;

const run = (...args: string[]) => propose(reader, '--schema', HOSPITAL_SCHEMA, ...args);

const name = (table: string) => `"Hasta_Kayıt".${table}`;
const asked = (table: string) => proposal.tables[name(table)]?.decide.join('\n');

/** Everything that stands in the tables of the hospital, as one text. */
async function contents(): Promise<string> {
  const rows = await database.query(
    `SELECT md5(string_agg(query_to_xml(format('SELECT * FROM %I.%I ORDER BY 1', schemaname, tablename), true, true, '')::text, '' ORDER BY tablename))
     FROM pg_tables WHERE schemaname = 'Hasta_Kayıt'`,
  );
  return JSON.stringify(rows);
}

beforeAll(async () => {
  database = await createEmptyDatabase();
  await database.query(HOSPITAL);
  login = `silgi_test_${randomBytes(6).toString('hex')}`;
  await database.query(`CREATE ROLE ${login} LOGIN PASSWORD 'only-for-this-test'`);
  await database.query(`GRANT USAGE ON SCHEMA "Hasta_Kayıt" TO ${login}`);
  await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA "Hasta_Kayıt" TO ${login}`);
  await database.query(`REVOKE SELECT ON "Hasta_Kayıt".psikiyatri FROM ${login}`);
  const url = new URL(database.url);
  url.username = login;
  url.password = 'only-for-this-test';
  reader = url.href;
  const before = await contents();
  proposal = await run();
  expect(await contents()).toBe(before);
});

afterAll(async () => {
  await database.query(`DROP OWNED BY ${login}`);
  await database.query(`DROP ROLE ${login}`);
  await database.drop();
});

describe('adopt discover', () => {
  it('proposes a file that can be read, with names of quotes, dots and Turkish letters', () => {
    const declaration = readDeclaration(proposal.text, 'silgi.yaml');
    expect(declaration.patient).toMatchObject({
      name: { schema: 'Hasta_Kayıt', table: 'Hasta.Kartı' },
      key: { column: 'HastaNo', type: 'bigint' },
      directory: {
        familyName: { column: 'Soyadı' },
        givenName: { column: 'Adı' },
        birthDate: { column: 'DoğumTarihi' },
      },
    });
    expect(declaration.tables.find(({ name: { table } }) => table === 'İşlem')?.links).toMatchObject([
      { key: 'Hasta "No"' },
    ]);
  });

  it('asks about every table that it names, and about that of the patients', () => {
    const { tables, kept, reference, patient } = proposal;
    for (const one of [patient, ...Object.values(tables), ...Object.values(kept), ...reference])
      expect(one.decide.length).toBeGreaterThan(0);
    const named = [
      patient.table,
      ...Object.keys(tables),
      ...Object.keys(kept),
      ...reference.map(({ table }) => table),
    ];
    expect(new Set(readDeclaration(proposal.text, 'x').undecided.map(({ subject }) => subject)).size).toBe(
      named.length + 1,
    );
  });

  it('follows a circle of foreign keys to its end', () => {
    expect(proposal.tables[name('"Sonuç"')]?.via).toEqual({ '"İşlemNo"': '"Hasta_Kayıt"."İşlem"."İşlemNo"' });
    expect(proposal.tables[name('"İşlem"')]?.agree).toEqual({ '"sonuç"': '"Hasta_Kayıt"."Sonuç"' });
  });

  it('gives a row with two patients two ways, and asks when it leaves', () => {
    expect(proposal.tables[name('"akrabalık"')]?.anyOf).toEqual([{ key: '"AnneNo"' }, { key: '"ÇocukNo"' }]);
    expect(asked('"akrabalık"')).toContain('may it leave with the first?');
  });

  it('takes a partitioned table as one, found by the name of its column, and counts what leads nowhere', () => {
    expect(proposal.tables[name('fatura')]).toMatchObject({
      key: '"HastaNo"',
      fence: 'add',
      shard: 'finance',
    });
    expect(Object.keys(proposal.tables).join()).not.toContain('fatura_2025');
    expect(proposal.text).toContain('It has 2 partitions.');
    expect(asked('fatura')).toContain('(6 of 8 rows lead somewhere)');
    expect(asked('fatura')).toContain('What are the 2 rows for which there is no row in');
  });

  it('counts rows of nobody and rows of each patient', () => {
    expect(asked('"İşlem"')).toContain('Whose are the 10 rows in which ("Hasta ""No""") is null?');
    expect(proposal.text).toContain(
      '70 rows, all of which were read; a patient who has any has 10 (median), 10 at most.',
    );
  });

  it('names the table that the login may not read, and that whose rows a policy hides, and ends with 1', () => {
    expect(proposal.code).toBe(1);
    const unread = proposal.said.slice(proposal.said.indexOf('Not read (2):'));
    expect(unread).toContain(`${name('psikiyatri')}: no row was read: this login may not read it`);
    expect(unread).toContain(
      `${name('laboratuvar')}: no row was read: row-level security keeps rows from this login`,
    );
    expect(proposal.tables).toHaveProperty([name('psikiyatri')]);
  });

  it('refuses what cannot be done right, each with its reason', () => {
    const { said } = proposal;
    expect(said).toContain(`${name('"Sonuç"')}: ("İşlemNo") → "Hasta_Kayıt"."İşlem" has no index`);
    expect(said).toContain(`${name('"Sonuç"')}: ("İşlemNo") → "Hasta_Kayıt"."İşlem" is ON DELETE SET NULL`);
    expect(said).toContain(`${name('kopya')}: it is a copy, which keeps the rows until it is refreshed`);
    expect(said).toContain('depo.rapor lies in a schema that is not watched and refers to');
    expect(proposal.database.decide?.join()).toContain('ON DELETE CASCADE');
  });

  it('names views that read patients, by others too, triggers, policies and flags', () => {
    expect(proposal.text).toContain('Read by the views');
    expect(proposal.text).toContain('depo.listeden');
    expect(asked('"İşlem"')).toContain('What do the trigger sil_kaydet do when a row is deleted?');
    expect(asked('laboratuvar')).toContain('Row-level security is on (kendi)');
    expect(proposal.patient.decide.join()).toContain('hides rows itself mean for a deletion: silindi');
  });

  it('says nothing that stands in a row', () => {
    expect(proposal.text.length).toBeGreaterThan(2_000);
    expect(proposal.said).not.toContain(SECRET);
  });

  it('says of figures that they are of a sample, where no more than that was read', async () => {
    const { text } = await run('--sample', '20');
    expect(text).toContain(
      'a sample of 20 rows was read: all figures are of it; a patient who has any has 10 (median)',
    );
    expect(text).toContain('20 rows, all of which were read');
  });

  it('goes on where another session has locked a table, and says so', async () => {
    const other = await database.connect();
    await other.query('BEGIN; LOCK TABLE "Hasta_Kayıt".fatura');
    const { said, code, tables } = await run();
    await other.query('ROLLBACK');
    await other.end();
    expect(said).toContain(`${name('fatura')}: its rows: not known, another session has locked it`);
    expect(code).toBe(1);
    expect(tables).toHaveProperty([name('fatura')]);
  });

  it('goes on where a statement takes longer than it may, and says so', async () => {
    const other = await database.connect();
    await other.query('BEGIN; LOCK TABLE "Hasta_Kayıt".fatura');
    const { said } = await run('--statement-timeout', '500');
    await other.query('ROLLBACK');
    await other.end();
    expect(said).toContain(`${name('fatura')}: its rows: not known, the time for a statement was over`);
  });

  it('takes the table of patients that a person names', async () => {
    const { patient } = await run('--patient', name('"İşlem"'));
    expect(patient).toMatchObject({ table: name('"İşlem"'), key: { column: '"İşlemNo"' } });
  });

  it('takes the database, the table of patients and its key from its options, and every schema where none is named', async () => {
    const key = name('"Hasta.Kartı"."HastaNo"');
    const { patient, database } = await propose(
      'postgres://nobody@127.0.0.1:1/none',
      ...['--database', reader, '--patient', key],
    );
    expect(patient).toMatchObject({ table: name('"Hasta.Kartı"'), key: { column: '"HastaNo"' } });
    expect(database).toMatchObject({ schemas: ['"Hasta_Kayıt"', 'depo'] });
  });

  it('refuses a key that a person names and that names nobody', async () => {
    const { code, said } = await run('--patient', name('"Hasta.Kartı"."Soyadı"'));
    expect(code).toBe(1);
    expect(said).toContain('is no column that is unique by itself');
  });

  it('refuses a key of several columns, with the reason', async () => {
    const { code, said } = await run('--patient', name('"akrabalık"'));
    expect(code).toBe(1);
    expect(said).toContain('has a composite key (AnneNo, ÇocukNo), which is refused');
  });

  it('ends with 1 where a schema or a table is not there, and with 2 where it is misused', async () => {
    expect(await propose(reader, '--schema', 'nowhere')).toMatchObject({ code: 1 });
    expect(await run('--patient', 'depo.rapor')).toMatchObject({ code: 1 });
    expect(await run('--patient', 'rapor')).toMatchObject({ code: 2 });
    expect((await run('--sample', '0')).code).not.toBe(0);
  });

  it('writes to a file that is not there yet, and replaces one only when told to', async () => {
    const file = join(await temporaryFolder(), 'silgi.yaml');
    await run('--out', file);
    expect(await readFile(file, 'utf8')).toBe(proposal.text);
    await writeFile(file, 'decided by a person');
    expect(await run('--out', file)).toMatchObject({ code: 2 });
    expect(await readFile(file, 'utf8')).toBe('decided by a person');
    await run('--out', file, '--overwrite');
    expect(await readFile(file, 'utf8')).toBe(proposal.text);
  });
});
