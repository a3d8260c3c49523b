import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrateCommand } from '../../src/cli/migrate.command.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openSilgi } from '../support/silgi.js';
import { temporaryFolder } from '../support/run.folder.js';
import { answerAtTerminal, leaveTerminal } from '../support/terminal.js';

let database: TestDatabase;
let before: NodeJS.ProcessEnv;

beforeEach(async () => {
  database = await createTestDatabase();
  before = { ...process.env };
  Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: await temporaryFolder() });
});

afterEach(async () => {
  leaveTerminal();
  process.env = before;
  await database.drop();
});

const down = (...options: string[]) => runInProcess(migrateCommand(), '--down', ...options);
const byName = () => ['--confirm', database.name];
const migrations = async () =>
  (await database.query<{ name: string }>('SELECT name FROM public.silgi_migration ORDER BY id')).map(
    ({ name }) => name,
  );
const has = async (table: string) =>
  (await database.query<{ is: boolean }>('SELECT to_regclass($1) IS NOT NULL AS is', [table]))[0]?.is;

/** Undoes all that was applied after this migration, and the log's own where it comes to it. */
async function downTo(name: string): Promise<void> {
  while (!((await migrations()).at(-1) ?? '').startsWith(name)) {
    const { code, said } = await down(...byName(), '--with-audit-log');
    expect([code, said]).toEqual([0, expect.stringContaining('was undone')]);
  }
}

describe('migrate --down', () => {
  it('says what would be lost, in rows, and does nothing until the database is named', async () => {
    await downTo('CreateDeletionBatches');
    const applied = await migrations();
    await database.query(
      `INSERT INTO patient.sharded_deletion_batch_item (batch_id, line, state, attempts, due_at)
       SELECT gen_random_uuid(), line, 'PENDING', 0, now() FROM generate_series(1, 7) line`,
    );
    for (const options of [[], ['--confirm', 'another'], ['--with-audit-log']]) {
      const { code, said } = await down(...options);
      expect(code).toBe(2);
      expect(said).toContain('the table patient.sharded_deletion_batch_item with 7 rows');
      expect(said).toContain('Nothing was changed');
      expect(said).toContain(`--confirm ${database.name}`);
    }
    expect(await migrations()).toEqual(applied);
    expect(await has('patient.sharded_deletion_batch_item')).toBe(true);
    expect(await down(...byName())).toMatchObject({ code: 0 });
    expect(await has('patient.sharded_deletion_batch_item')).toBe(false);
  });

  it('takes nothing of the audit log without a word of its own', async () => {
    await downTo('SealAuditLog');
    const refused = await down(...byName());
    expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('--with-audit-log') });
    expect(refused.said).toContain('the table audit.audit_log_leaf with 0 rows');
    expect(refused.said).toContain('the column audit.sharded_audit_event.salt of 0 rows');
    expect(await has('audit.audit_log_leaf')).toBe(true);
    await downTo('CreateAuditShard');
    expect(await down(...byName())).toMatchObject({ code: 2 });
    expect(await has('audit.sharded_audit_event')).toBe(true);
  });

  it('undoes when the name of the database is typed', async () => {
    const applied = await migrations();
    answerAtTerminal(`${database.name} `);
    expect(await down('--with-audit-log')).toMatchObject({
      code: 0,
      said: expect.stringContaining('was undone'),
    });
    expect(await migrations()).toEqual(applied.slice(0, -1));
  });

  it.each([
    ['another name', 'postgres'],
    ['an empty line', ''],
    ['the end of the input', undefined],
  ])('changes nothing on %s in place of the name', async (_, text) => {
    const applied = await migrations();
    answerAtTerminal(text);
    expect(await down('--with-audit-log')).toMatchObject({
      code: 2,
      said: expect.stringContaining('Nothing was changed'),
    });
    expect(await migrations()).toEqual(applied);
  });

  it.each([
    ['', (url: URL) => url],
    [
      ', whatever the URL of the service calls it',
      (url: URL) => (url.searchParams.set('application_name', 'hbys'), url),
    ],
  ])('is refused while a service is connected%s', async (_, called) => {
    const silgi = await openSilgi({ database, url: () => called(new URL(database.url)).href });
    const applied = await migrations();
    const { code, said } = await down(...byName(), '--with-audit-log');
    expect(code).toBe(1);
    expect(said).toContain('is connected to this database');
    expect(await migrations()).toEqual(applied);
    await silgi.app.close();
  });

  it.each([
    [
      'a view',
      'CREATE VIEW public.ward_list AS SELECT family_name FROM patient.sharded_patient_demographics',
      'ward_list',
    ],
    [
      'a foreign key',
      'CREATE TABLE public.ward_stay (patient uuid REFERENCES patient.sharded_patient_demographics (patient_id))',
      'ward_stay',
    ],
    ['a table in its schema', 'CREATE TABLE patient.ward_note (note text)', 'ward_note'],
  ])('is refused where %s of the hospital rests on what would go, and names it', async (_, make, name) => {
    await downTo('CreatePatientShard');
    await database.query(make);
    const { code, said } = await down(...byName());
    expect(code).toBe(1);
    expect(said).toContain(name);
    expect(said).toContain('Nothing was changed');
    expect(await has('patient.sharded_patient_demographics')).toBe(true);
  });
});

it('no migration takes along what it did not make', async () => {
  const { readdir, readFile } = await import('node:fs/promises');
  const folder = new URL('../../src/postgres/migrations/', import.meta.url);
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const down = text.slice(text.indexOf('async down('));
    expect([name, /CASCADE/.test(down)]).toEqual([name, false]);
    // Such a one cannot be tried and rolled back, to see what it takes.
    if (/transaction = false/.test(text))
      expect([name, /DROP (TABLE|COLUMN|SCHEMA)|TRUNCATE|DELETE/.test(down)]).toEqual([name, false]);
  }
});
