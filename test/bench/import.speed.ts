import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { onServer } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { copyPatients } from './import.copies.js';
import { runCommand } from './product.command.js';
import type { ImportSpeed } from './results.js';
import type { Bench } from './section.js';
import { ServerMeter } from './server.costs.js';
import { spreadOf } from './statistics.js';

/** Where samples of Synthea's files are kept beside a checkout; they are not part of it. */
export const SAMPLES = resolve(import.meta.dirname, '../../../shared/data/synthea-small');

/** Imports the patients of a folder of Synthea's files, many times over, into empty databases, by the command as its user runs it. */
export async function measureImport(
  { cluster, say }: Bench,
  { folder, copies, times }: { folder: string; copies: number; times: number },
): Promise<ImportSpeed | { skipped: string }> {
  if (!existsSync(folder)) {
    const skipped = 'there is no folder of sample data; name one with --import-data';
    say(`import: skipped, ${skipped}`);
    return { skipped };
  }
  const source = cluster.path('import-data');
  await copyPatients(folder, source, copies);
  const meter = await ServerMeter.of(cluster.url, cluster.pid);
  const runs = [];
  try {
    for (let time = 0; time < times; time++) {
      const url = await cluster.createDatabase('bench_import');
      const run = await meter.during(() => importOnce(url, source, cluster.path('import')));
      runs.push({ ...run, ...(await count(url)) });
      await cluster.dropDatabase('bench_import');
    }
  } finally {
    await meter.close();
  }
  const last = runs.at(-1);
  if (last === undefined) throw new RangeError('At least one import is measured.');
  const { rows, patients, commandCpuSeconds, serverCpuMs, walBytes, peakMegabytes } = last;
  return {
    rows,
    patients,
    seconds: spreadOf(runs.map(({ seconds }) => seconds)),
    rowsPerSecond: spreadOf(runs.map((run) => run.rows / run.seconds)),
    costs: { commandCpuSeconds, serverCpuSeconds: serverCpuMs / 1_000, walBytes, peakMegabytes },
  };
}

async function importOnce(url: string, folder: string, dataDir: string) {
  const { seconds, cpuSeconds, peakMegabytes } = await runCommand(['import', folder], {
    DATABASE_URL: url,
    DATA_DIR: dataDir,
  });
  return { seconds, commandCpuSeconds: cpuSeconds, peakMegabytes };
}

async function count(url: string): Promise<{ rows: number; patients: number }> {
  const [patients, ...children] = PATIENT_TABLES.map((table) => `(SELECT count(*) FROM ${table})`);
  const [row] = await onServer<{ patients: string; children: string }>(
    url,
    `SELECT ${patients ?? ''} AS patients, ${children.join(' + ')} AS children`,
  );
  return { patients: Number(row?.patients), rows: Number(row?.patients) + Number(row?.children) };
}
