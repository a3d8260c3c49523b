import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { onServer } from '../support/database.js';
import { builtScript } from '../support/product.build.js';
import { PATIENT_TABLES } from '../support/patients.js';
import type { ImportSpeed } from './results.js';
import type { Bench } from './section.js';
import { spreadOf } from './statistics.js';

/** Where samples of Synthea's files are kept beside a checkout; they are not part of it. */
export const SAMPLES = resolve(import.meta.dirname, '../../../shared/data/synthea-small');

/** Imports a folder of Synthea's files into empty databases, by the command as its user runs it. */
export async function measureImport(
  { cluster, say }: Bench,
  { folder, times }: { folder: string; times: number },
): Promise<ImportSpeed | { skipped: string }> {
  if (!existsSync(folder)) {
    const skipped = 'there is no folder of sample data; name one with --import-data';
    say(`import: skipped, ${skipped}`);
    return { skipped };
  }
  const seconds: number[] = [];
  let counted = { rows: 0, patients: 0 };
  for (let time = 0; time < times; time++) {
    const url = await cluster.createDatabase('bench_import');
    const started = performance.now();
    const args = ['--enable-source-maps', builtScript('cli/main.ts'), 'import', folder];
    const { PATH, HOME, TMPDIR } = process.env;
    const env = { PATH, HOME, TMPDIR, DATABASE_URL: url, DATA_DIR: cluster.path('import') };
    await promisify(execFile)(process.execPath, args, { env });
    seconds.push((performance.now() - started) / 1000);
    counted = await count(url);
    await cluster.dropDatabase('bench_import');
  }
  const rowsPerSecond = spreadOf(seconds.map((taken) => counted.rows / taken));
  return { ...counted, seconds: spreadOf(seconds), rowsPerSecond };
}

async function count(url: string): Promise<{ rows: number; patients: number }> {
  const [patients, ...children] = PATIENT_TABLES.map((table) => `(SELECT count(*) FROM ${table})`);
  const [row] = await onServer<{ patients: string; children: string }>(
    url,
    `SELECT ${patients ?? ''} AS patients, ${children.join(' + ')} AS children`,
  );
  return { patients: Number(row?.patients), rows: Number(row?.patients) + Number(row?.children) };
}
