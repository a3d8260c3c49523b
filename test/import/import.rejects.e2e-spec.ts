import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { folderWith, type Imported, liveRows, removeFolders, runImport, tableCounts } from './importing.js';
import { ANA, asFiles, BEN, CAN, STRANGER, threePatients, WHOLE } from './three.patients.js';

jest.setTimeout(60_000);

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});
afterAll(removeFolders);

type Lines = Record<string, string[]>;

/** The three patients with something changed in the lines of their files. */
function folderWhere(change: (lines: Lines) => void): string {
  const lines = threePatients();
  change(lines);
  return folderWith(asFiles(lines));
}

/** Changes a text in one record of a file; 0 is the header, 2 is Ben's first. */
function replace(lines: Lines, file: string, record: number, from: string, to: string): void {
  const text = lines[file]?.[record] ?? '';
  if (!text.includes(from)) throw new Error(`${from} is not in record ${record} of ${file}.`);
  lines[file]?.splice(record, 1, text.replace(from, to));
}

async function rowsOfAll(): Promise<number[]> {
  return [await liveRows(database, ANA), await liveRows(database, BEN), await liveRows(database, CAN)];
}

/** Nothing of what the rows hold is said. */
function expectDiscretion({ stdout, stderr }: Imported): void {
  for (const content of ['Yıldız', 'Işıl', 'Deniz', 'Hypertension', '38341003', '1980', 'yesterday'])
    expect(stdout + stderr).not.toContain(content);
}

async function expectNothingWritten(imported: Imported, problem: string): Promise<void> {
  expect(imported).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining(`\n${problem}`),
  });
  expect(imported.stderr).toContain('Nothing was written to the database.');
  expect(Object.values(await tableCounts(database)).every((rows) => rows === 0)).toBe(true);
  expectDiscretion(imported);
}

describe('an import with a bad row', () => {
  it.each<[what: string, change: (lines: Lines) => void, problem: string]>([
    [
      'a date that does not exist',
      (lines) => {
        replace(lines, 'conditions', 2, '2024-01-02', '2024-02-30');
      },
      'conditions.csv:3: START: is a time that does not exist',
    ],
    [
      'a timestamp that is none',
      (lines) => {
        replace(lines, 'encounters', 2, '2024-01-02T03:04:05Z', 'yesterday');
      },
      'encounters.csv:3: START: is not a UTC timestamp such as 2024-05-31T08:30:00Z',
    ],
    [
      'a malformed UUID',
      (lines) => {
        replace(lines, 'allergies', 2, '20000000-0000-4000-9000', '2');
      },
      'allergies.csv:3: ENCOUNTER: is not a UUID',
    ],
    [
      'a row with a column too few',
      (lines) => {
        replace(lines, 'conditions', 2, ',38341003', '');
      },
      'conditions.csv:3: has 5 columns where the header has 6',
    ],
    [
      'a row with a column too many',
      (lines) => {
        replace(lines, 'claims', 2, '0.50', '0,50');
      },
      'claims.csv:3: has 31 columns where the header has 30',
    ],
    [
      'an Id that another row of the patient has',
      (lines) => {
        lines['claims']?.push(lines['claims'][2] ?? '');
      },
      'claims.csv:5: ID: another row of this patient has the same',
    ],
    [
      'demographics without a name, after a record of two lines',
      (lines) => {
        replace(lines, 'patients', 2, ',Ben,', ',,');
      },
      'patients.csv:4: FIRST: is empty',
    ],
    [
      'two records of demographics',
      (lines) => {
        lines['patients']?.push(lines['patients'][2] ?? '');
      },
      'patients.csv:6: ID: occurs a second time, so it is not known which of the two is meant',
    ],
  ])('rejects the whole patient for %s, and loads the others', async (_, change, problem) => {
    const imported = await runImport(database.url, folderWhere(change));
    expect(imported).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`\n${problem}\n`) });
    expect(imported.stderr).toContain(`rejected, not written: patient ${BEN}\n`);
    expect(imported.stdout).toContain(
      'patients: 2 added, 0 already there, 0 deleted: left alone, 1 rejected',
    );
    expect(await rowsOfAll()).toEqual([WHOLE, 0, WHOLE]);
    expectDiscretion(imported);
  });

  it('rejects only the patient whom the database refuses, and names table and SQLSTATE', async () => {
    await database.query(`ALTER TABLE clinical.sharded_malzeme ADD CHECK (patient_id <> '${BEN}')`);
    const imported = await runImport(database.url, folderWith(asFiles(threePatients())));
    const problem = `\npatient ${BEN}: sharded_malzeme refused a row with SQLSTATE 23514\n`;
    expect(imported).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(problem) });
    expect(await rowsOfAll()).toEqual([WHOLE, 0, WHOLE]);
    expectDiscretion(imported);
  });

  it('reports rows of a patient who is not in the folder, and loads the others', async () => {
    const folder = folderWhere((lines) =>
      lines['conditions']?.push((lines['conditions'][1] ?? '').replace(ANA, STRANGER)),
    );
    const imported = await runImport(database.url, folder);
    const problem = '\nconditions.csv:5: PATIENT: no such patient in the patients file\n';
    expect(imported).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(problem) });
    expect(await rowsOfAll()).toEqual([WHOLE, WHOLE, WHOLE]);
    expect(await liveRows(database, STRANGER)).toBe(0);
  });

  it('takes the patient in once the row is mended', async () => {
    await runImport(
      database.url,
      folderWhere((lines) => {
        replace(lines, 'supplies', 3, ',50', ',many');
      }),
    );
    expect(await rowsOfAll()).toEqual([WHOLE, 0, WHOLE]);
    const { exitCode, stdout } = await runImport(database.url, folderWith(asFiles(threePatients())));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('patients: 1 added, 2 already there');
    expect(await rowsOfAll()).toEqual([WHOLE, WHOLE, WHOLE]);
  });

  it('writes every problem and every rejected patient to the report', async () => {
    const folder = folderWhere((lines) => {
      lines['conditions']?.push(...Array<string>(60).fill(`x,,${BEN},,1,Hypertension`));
    });
    const report = join(folder, 'report.txt');
    const { stderr } = await runImport(database.url, folder, { reportPath: report });
    expect(stderr).toContain(`… and 10 more; all of them are in ${report}.`);
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('conditions.csv:5: START: is not a date such as 2024-05-31');
    expect(lines[60]).toBe(`rejected, not written: patient ${BEN}`);
    expect(lines).toHaveLength(61);
  });
});

describe('an import of which no patient is known to be whole', () => {
  it.each<[what: string, change: (lines: Lines) => void, problem: string]>([
    [
      'a header lacks a column',
      (lines) => {
        replace(lines, 'claims', 0, 'SERVICEDATE', 'SERVICE');
      },
      'claims.csv:1: the header lacks SERVICEDATE',
    ],
    [
      'a quote is never closed',
      (lines) => {
        replace(lines, 'supplies', 3, 'Strips', '"Strips');
      },
      'supplies.csv:4: a quote is opened and never closed',
    ],
    [
      'a row does not tell whose it is',
      (lines) => {
        replace(lines, 'supplies', 3, BEN, BEN.slice(1));
      },
      'supplies.csv:4: PATIENT: is not a UUID\nsupplies.csv:4: cannot be attributed to any patient of this folder',
    ],
    [
      'a row is cut off before its patient',
      (lines) => {
        lines['supplies']?.push('2024-01-02,2000');
      },
      'supplies.csv:8: has 2 columns where the header has 6\nsupplies.csv:8: cannot be attributed',
    ],
    [
      'the patients file is empty',
      (lines) => {
        lines['patients'] = [];
      },
      'patients.csv:1: the file is empty, it has no header',
    ],
  ])('writes nothing where %s', async (_, change, problem) => {
    await expectNothingWritten(await runImport(database.url, folderWhere(change)), problem);
  });
});
