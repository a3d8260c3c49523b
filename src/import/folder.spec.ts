import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFolder } from './folder.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'silgi-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(...names: string[]): void {
  for (const name of names) writeFileSync(join(folder, name), 'x');
}

describe('a folder of Synthea files', () => {
  it('finds them in any case, plain or compressed, patients first, and tells the others apart', async () => {
    write('Encounters.CSV', 'PATIENTS.csv.GZ', 'payers.csv', 'mine.csv', 'notes.txt');
    writeFileSync(join(folder, 'Patient_Expenses.csv'), '');
    writeFileSync(join(folder, 'symptoms.csv.gz'), gzipSync('\uFEFF"PatientId";GENDER\r\n'));
    const { files, skipped, leftOut, unknown } = await openFolder(folder);
    expect(files.map(({ name }) => name)).toEqual(['PATIENTS.csv.GZ', 'Encounters.CSV']);
    expect({ skipped, leftOut, unknown }).toEqual({
      skipped: ['payers.csv'],
      leftOut: ['Patient_Expenses.csv', 'symptoms.csv.gz'],
      unknown: ['mine.csv'],
    });
  });

  it('is refused without patients, saying what was looked for and what is there', async () => {
    await expect(openFolder(folder)).rejects.toThrow(
      /no patients\.csv or patients\.csv\.gz in .* no CSV file/,
    );
    write('claims.csv');
    await expect(openFolder(folder)).rejects.toThrow(/It has claims\.csv/);
  });

  it('is refused where a file is there both plain and compressed', async () => {
    write('patients.csv', 'patients.csv.gz');
    await expect(openFolder(folder)).rejects.toThrow(/both patients\.csv and patients\.csv\.gz/);
  });

  it('is refused where it is not there', async () => {
    await expect(openFolder(join(folder, 'nowhere'))).rejects.toMatchObject({ exitCode: 2 });
  });
});
