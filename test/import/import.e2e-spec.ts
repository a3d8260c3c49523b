import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { contentsOf, folderWith, removeFolders, runImport, tableCounts } from './importing.js';

jest.setTimeout(120_000);

const SAMPLES = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const SMALL = `${SAMPLES}synthea-small`;
const NEW_YORK = `${SAMPLES}synthea-ny`;
/** The file that fills each table: written out, so that the import's own list is checked. */
const FILES: Record<string, string> = {
  'patient.sharded_patient_demographics': 'patients',
  'clinical.sharded_muayene': 'encounters',
  'clinical.sharded_tani': 'conditions',
  'clinical.sharded_recete': 'medications',
  'clinical.sharded_tetkik_sonuc': 'observations',
  'clinical.sharded_tibbi_islem': 'procedures',
  'clinical.sharded_asi': 'immunizations',
  'clinical.sharded_alerji': 'allergies',
  'clinical.sharded_bakim_plani': 'careplans',
  'clinical.sharded_goruntuleme': 'imaging_studies',
  'clinical.sharded_cihaz': 'devices',
  'clinical.sharded_malzeme': 'supplies',
  'finance.sharded_fatura': 'claims',
  'finance.sharded_finans_islem': 'claims_transactions',
  'finance.sharded_sigorta': 'payer_transitions',
};

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
  removeFolders();
});

function textOf(folder: string, file: string): string | undefined {
  const path = `${folder}/${file}.csv.gz`;
  return existsSync(path) ? gunzipSync(readFileSync(path)).toString() : undefined;
}

/** Records per table, counted without any of the import's code. */
function recordsIn(...folders: string[]): Record<string, number> {
  const count = (file: string) =>
    folders.reduce((sum, folder) => sum + Math.max(parse(textOf(folder, file) ?? '').length - 1, 0), 0);
  return Object.fromEntries(PATIENT_TABLES.map((table) => [table, count(FILES[table] ?? '')]));
}

/** The same files uncompressed, with the rows in the opposite order. */
function turnedOver(folder: string): string {
  const files = readdirSync(folder).map((name) => name.replace('.csv.gz', ''));
  return folderWith(
    Object.fromEntries(
      files.map((file) => {
        const [header, ...rows] = (textOf(folder, file) ?? '').trimEnd().split('\n');
        return [`${file}.csv`, [header, ...rows.reverse(), ''].join('\n')];
      }),
    ),
  );
}

const isPresent = existsSync(SMALL) && existsSync(NEW_YORK);
const title = 'importing the sample folders';
if (!isPresent) console.warn(`${title}: skipped: ../shared/data is absent`);

(isPresent ? describe : describe.skip)(
  isPresent ? title : `${title} (skipped: ../shared/data is absent)`,
  () => {
    it.each([
      ['synthea-small', SMALL, 11],
      ['synthea-ny', NEW_YORK, 100],
    ])('stores every record of %s', async (_, folder, patients) => {
      const { exitCode, stdout, stderr } = await runImport(database.url, folder);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 0,
        stderr: expect.stringMatching(/Loading patients: 100 %\n$/),
      });
      expect(stdout).toMatch(`patients: ${patients} added, 0 already there`);
      expect(await tableCounts(database)).toEqual(recordsIn(folder));
    });

    it('adds nothing the second time, also uncompressed and with the rows in another order', async () => {
      await runImport(database.url, SMALL);
      const first = await contentsOf(database);
      for (const folder of [SMALL, turnedOver(SMALL)]) {
        const { exitCode, stdout } = await runImport(database.url, folder);
        expect({ exitCode, stdout }).toEqual({
          exitCode: 0,
          stdout: expect.stringContaining('0 added, 11 already there'),
        });
        expect(await contentsOf(database)).toBe(first);
      }
    });

    it('gives the same rows the same ids in another database, whatever their order', async () => {
      const other = await createTestDatabase();
      try {
        await runImport(database.url, NEW_YORK);
        await runImport(other.url, turnedOver(NEW_YORK));
        expect(await contentsOf(other)).toBe(await contentsOf(database));
      } finally {
        await other.drop();
      }
    });

    it('holds both folders side by side, and says what was absent and what was left out', async () => {
      await runImport(database.url, SMALL);
      const { stdout } = await runImport(database.url, NEW_YORK);
      expect(stdout).toContain('observations.csv: absent');
      expect(stdout).toContain('claims_transactions.csv: absent');
      for (const file of ['organizations', 'payers', 'providers'])
        expect(stdout).toContain(`${file}.csv.gz: left out, it is not about patients`);
      expect(await tableCounts(database)).toEqual(recordsIn(SMALL, NEW_YORK));
    });
  },
);
