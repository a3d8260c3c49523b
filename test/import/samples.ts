import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describeWhere } from '../support/describe.where.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { folderWith } from './importing.js';

const SAMPLES = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
export const SMALL = `${SAMPLES}synthea-small`;
export const NEW_YORK = `${SAMPLES}synthea-ny`;
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

function textOf(folder: string, file: string): string | undefined {
  const path = `${folder}/${file}.csv.gz`;
  return existsSync(path) ? gunzipSync(readFileSync(path)).toString() : undefined;
}

/** Records per table, counted without any of the import's code. */
export function recordsIn(...folders: string[]): Record<string, number> {
  const count = (file: string) =>
    folders.reduce((sum, folder) => sum + Math.max(parse(textOf(folder, file) ?? '').length - 1, 0), 0);
  return Object.fromEntries(PATIENT_TABLES.map((table) => [table, count(FILES[table] ?? '')]));
}

/** The same files uncompressed, with the rows in the opposite order. */
export function turnedOver(folder: string): string {
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

/** A suite about the sample folders. */
export function describeSamples(title: string, tests: () => void): void {
  describeWhere(existsSync(SMALL) && existsSync(NEW_YORK), 'the sample data', title, tests);
}
