import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { deletionOf, openSilgi } from '../support/silgi.js';
import {
  contentsOf,
  folderWith,
  liveRows,
  removeFolders,
  runCommand,
  runImport,
  startImport,
  tableCounts,
} from './importing.js';
import { ANA, asFiles, BEN, CAN, threePatients, WHOLE } from './three.patients.js';

jest.setTimeout(60_000);

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});
afterAll(removeFolders);

/** Files of so many patients like Ben, each with more supplies. */
function manyPatients(count: number, supplies: number): Record<string, string[]> {
  const ofBen = ([header = '', ...rows]: string[]) =>
    [header, rows.filter((row) => row.includes(BEN))] as const;
  const many = Object.entries(threePatients()).map(([kind, lines]) => {
    const [header, rows] = ofBen(lines);
    if (kind === 'supplies') rows.push(...Array<string>(supplies).fill(rows[0] ?? ''));
    const others = Array.from({ length: count }, (_, n) =>
      rows.map((row) => row.replaceAll(BEN.slice(0, 8), String(20_000_000 + n))),
    );
    return [kind, [header, ...others.flat()]];
  });
  return Object.fromEntries(many) as Record<string, string[]>;
}

/** How many rows each patient has that has any. */
async function rowsByPatient(): Promise<number[]> {
  const tables = PATIENT_TABLES.map((table) => `SELECT patient_id FROM ${table}`);
  const rows = await database.query<{ rows: string }>(
    `SELECT count(*) AS rows FROM (${tables.join(' UNION ALL ')}) r GROUP BY patient_id`,
  );
  return rows.map(({ rows: count }) => Number(count));
}

/** Until no session works on the database but the one that asks. */
function untilNobodyElse(): Promise<void> {
  return until(async () => {
    const others = await database.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'",
    );
    return others.length === 0;
  });
}

describe('the import command', () => {
  it('stores names, numbers, lists and quoted line breaks as they are', async () => {
    await runImport(database.url, folderWith(asFiles(threePatients())));
    const [patient] = await database.query(
      `SELECT record_number, given_name, middle_name, birth_date::text, latitude, healthcare_expenses, address, district
       FROM patient.sharded_patient_demographics WHERE patient_id = $1`,
      [ANA],
    );
    expect(patient).toEqual({
      record_number: 'SYN-10000000-0000-4000-8000-00000000000A',
      given_name: 'Işıl',
      middle_name: null,
      birth_date: '1980-05-17',
      latitude: 37.215,
      healthcare_expenses: '10.50',
      address: 'Kat 2\nNo: 5, "Deniz" Apt.',
      district: 'Menteşe',
    });
    const [invoice] = await database.query(
      `SELECT diagnosis_codes, patient_outstanding, last_billed_at, secondary_status
       FROM finance.sharded_fatura WHERE patient_id = $1`,
      [ANA],
    );
    expect(invoice).toEqual({
      diagnosis_codes: ['38341003', '44054006'],
      patient_outstanding: '0.50',
      secondary_status: null,
      last_billed_at: new Date('2024-02-01T00:00:00Z'),
    });
    const [allergy] = await database.query(
      'SELECT reactions, resolved_date FROM clinical.sharded_alerji WHERE patient_id = $1',
      [ANA],
    );
    expect(allergy).toEqual({
      reactions: [{ code: '247472004', description: 'Wheal', severity: 'MILD' }],
      resolved_date: null,
    });
  });

  it('reads files with a byte order mark and CRLF as the same rows', async () => {
    const lines = threePatients();
    await runImport(database.url, folderWith(asFiles(lines)));
    const before = await contentsOf(database);
    const files = Object.entries(asFiles(lines, '\r\n')).map(([name, content]) => [name, `\uFEFF${content}`]);
    const { exitCode, stdout } = await runImport(
      database.url,
      folderWith(Object.fromEntries(files) as Record<string, string>),
    );
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('0 added, 3 already there'),
    });
    expect(await contentsOf(database)).toBe(before);
  });

  it('never brings a deleted patient back', async () => {
    const silgi = await openSilgi();
    try {
      const folder = folderWith(asFiles(threePatients()));
      await runImport(silgi.database.url, folder);
      await silgi.orchestrator.deletePatient(deletionOf(BEN));
      const before = await contentsOf(silgi.database);
      const { exitCode, stdout } = await runImport(silgi.database.url, folder);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('patients: 0 added, 2 already there, 1 deleted: left alone, 0 rejected');
      expect(await liveRows(silgi.database, BEN)).toBe(0);
      expect(await contentsOf(silgi.database)).toBe(before);
    } finally {
      await silgi.close();
    }
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'finishes the running transactions at %s, begins no other, and goes on next time',
    async (signal, code) => {
      const lines = threePatients();
      // Enough rows for a transaction per patient.
      for (const id of [ANA, BEN, CAN])
        lines['supplies']?.push(...Array<string>(5_000).fill(`2024-01-02,${id},,337388004,Strips,50`));
      const folder = folderWith(asFiles(lines));
      // Somebody else is just adding the first two patients: the import has to wait for the outcome.
      const other = await database.connect();
      await other.query('BEGIN');
      await other.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name)
         VALUES ($1, 'H-1', 'x', 'x'), ($2, 'H-2', 'x', 'x')`,
        [ANA, BEN],
      );
      const importing = startImport({ DATABASE_URL: database.url }, folder);
      await until(async () => {
        const waiting = await database.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return waiting.length === 2;
      });
      importing.child.kill(signal);
      await other.query('ROLLBACK');
      const { exitCode, stderr } = await importing.done;
      expect({ exitCode, stderr }).toEqual({
        exitCode: code,
        stderr: expect.stringContaining('Interrupted.'),
      });
      const stored = [ANA, BEN, CAN].map((id) => liveRows(database, id));
      expect(await Promise.all(stored)).toEqual([WHOLE + 5_000, WHOLE + 5_000, 0]);

      expect((await runImport(database.url, folder)).exitCode).toBe(0);
      expect(await liveRows(database, CAN)).toBe(WHOLE + 5_000);
      await other.end();
    },
  );

  it('that is killed leaves every patient whole or not there, and goes on next time', async () => {
    const folder = folderWith(asFiles(manyPatients(200, 250)));
    const importing = startImport({ DATABASE_URL: database.url }, folder);
    await until(async () => (await rowsByPatient()).length > 0);
    importing.child.kill('SIGKILL');
    await importing.done;
    await untilNobodyElse();
    const stored = await rowsByPatient();
    expect(stored.length).toBeLessThan(200);
    expect(stored).toEqual(stored.map(() => WHOLE + 250));

    const { exitCode, stdout } = await runCommand(database.url, folder);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining(`${200 - stored.length} added, ${stored.length} already there`),
    });
    expect(await rowsByPatient()).toEqual(Array<number>(200).fill(WHOLE + 250));
  });

  it('beside another of the same rows in another order adds every row once', async () => {
    const lines = manyPatients(60, 250);
    const turned = Object.entries(lines).map(([kind, [header = '', ...rows]]) => [
      kind,
      [header, ...rows.reverse()],
    ]);
    const folders = [lines, Object.fromEntries(turned) as Record<string, string[]>].map((each) =>
      folderWith(asFiles(each)),
    );
    const imported = await Promise.all(folders.map((folder) => runCommand(database.url, folder)));
    expect(imported.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const added = imported.map(({ stdout }) => Number(/patients: (\d+) added/.exec(stdout)?.[1]));
    expect((added[0] ?? 0) + (added[1] ?? 0)).toBe(60);
    expect(await rowsByPatient()).toEqual(Array<number>(60).fill(WHOLE + 250));
  });

  it('adds patients as the owner of the tables where the service has a login that may not', async () => {
    const login = `silgi_test_${randomBytes(6).toString('hex')}`;
    await database.query(`CREATE ROLE ${login} LOGIN PASSWORD 'only-for-this-test' IN ROLE silgi_service`);
    const url = new URL(database.url);
    url.username = login;
    url.password = 'only-for-this-test';
    const folder = folderWith(asFiles(threePatients()));
    try {
      const refused = await runCommand(url.href, folder);
      expect(refused).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/42501.*MIGRATION_DATABASE_URL/),
      });
      const { done } = startImport({ DATABASE_URL: url.href, MIGRATION_DATABASE_URL: database.url }, folder);
      expect(await done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('patients: 3 added') });
    } finally {
      await database.query(`DROP ROLE ${login}`);
    }
  });

  it('uses the embedded database where DATABASE_URL is unset, and stops it again', async () => {
    const dataDir = await temporaryFolder();
    const importing = startImport(
      { DATABASE_URL: '', DATA_DIR: dataDir },
      folderWith(asFiles(threePatients())),
    );
    expect(await importing.done).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('patients: 3 added'),
    });
    expect(existsSync(join(dataDir, 'postgres-18', 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(dataDir, 'postgres-18', 'postmaster.pid'))).toBe(false);
  });

  it.each([
    ['an empty folder', () => [folderWith({})], 2, /no patients\.csv or patients\.csv\.gz/],
    ['no folder', () => [], 2, /missing required argument 'folder'/],
    ['a folder that is not there', () => [join(folderWith({}), 'gone')], 2, /does not exist/],
    ['an unknown option', () => ['--fast', folderWith({})], 2, /unknown option '--fast'/],
  ])('says in one paragraph what is wrong with %s', async (_, args, exitCode, message) => {
    expect(await runCommand(database.url, ...args())).toEqual({
      exitCode,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(Object.values(await tableCounts(database)).every((rows) => rows === 0)).toBe(true);
  });

  it('says how to reach the database where it cannot be opened, and shows no password', async () => {
    const url = 'postgres://silgi:secret@127.0.0.1:1/silgi';
    const imported = await runCommand(url, folderWith(asFiles(threePatients())));
    expect(imported).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/could not be opened: .*DATABASE_URL/),
    });
    expect(imported.stderr).not.toContain('secret');
  });

  it('names a wrong variable of the environment', async () => {
    const importing = startImport({ DATABASE_URL: 'mysql://db' }, folderWith(asFiles(threePatients())));
    expect(await importing.done).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^DATABASE_URL must be/),
    });
  });

  it('has help for itself and for import', async () => {
    expect((await startImport({}, '--help').done).stdout).toMatch(
      /Usage: silgi import .*<folder>[^]*Exit code/,
    );
  });
});
