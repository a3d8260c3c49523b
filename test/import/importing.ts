import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { CommandFailed, type Encoding } from '../../src/common/index.js';
import { ImportRun } from '../../src/cli/import.run.js';
import { progressOn } from '../../src/cli/progress.js';
import { readEnvironment } from '../../src/config/index.js';
import type { TestDatabase } from '../support/database.js';
import { countRows, PATIENT_TABLES } from '../support/patients.js';
import { builtScript } from '../support/product.build.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How an import ended, and all it said. */
export interface Imported {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running import: the command as its user runs it, in a process of its own. */
export interface Importing {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly done: Promise<Imported>;
}

/**
 * Starts `import` with these arguments.
 *
 * @param environment names the database: DATABASE_URL, or DATA_DIR for an embedded one
 */
export function startImport(environment: Record<string, string>, ...args: string[]): Importing {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', builtScript('cli/main.ts'), 'import', ...args],
    { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const done = new Promise<Imported>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { child, done };
}

/** Runs the command on this database to its end. */
export function runCommand(databaseUrl: string, ...args: string[]): Promise<Imported> {
  return startImport({ DATABASE_URL: databaseUrl }, ...args).done;
}

/** Runs the same import in this process, which spares every test the start of a command. */
export async function runImport(
  databaseUrl: string,
  folder: string,
  { reportPath, encoding }: { reportPath?: string; encoding?: Encoding } = {},
): Promise<Imported> {
  let stdout = '';
  let stderr = '';
  const say = (lines: string) => void (stdout += `${lines}\n`);
  const warn = (lines: string) => void (stderr += `${lines}\n`);
  const screen = { isTTY: false, write: (text: string) => (stderr += text) };
  const progress = progressOn(screen as unknown as NodeJS.WriteStream);
  const environment = readEnvironment({ DATABASE_URL: databaseUrl });
  try {
    const complete = await ImportRun.of(folder, {
      environment,
      reportPath,
      encoding,
      voice: { say, warn, progress },
    });
    return { exitCode: complete ? 0 : 1, stdout, stderr };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    warn(error.message);
    return { exitCode: error.exitCode, stdout, stderr };
  }
}

const folders: string[] = [];

/** A new folder with these files, by name. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'silgi-synthea-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Removes every folder that {@link folderWith} has made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** Rows of every patient-owned table, deleted ones included. */
export async function tableCounts(database: TestDatabase): Promise<Record<string, number>> {
  const counts = PATIENT_TABLES.map((table) => `SELECT '${table}' AS name, count(*) AS rows FROM ${table}`);
  const rows = await database.query<{ name: string; rows: string }>(counts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, Number(count)]));
}

/** One text for everything in the patient-owned tables. */
export async function contentsOf(database: TestDatabase): Promise<string> {
  const digests = PATIENT_TABLES.map(
    (table) =>
      `SELECT '${table}' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') AS part FROM ${table} t`,
  );
  const rows = await database.query<{ part: string }>(digests.join(' UNION ALL '));
  // The branches of a union may run side by side: their order is not given.
  return rows
    .map(({ part }) => part)
    .sort()
    .join('\n');
}

/** Live rows of one patient over all tables. */
export async function liveRows(database: TestDatabase, patientId: string): Promise<number> {
  const counts = await countRows(database, patientId);
  return Object.values(counts).reduce((sum, { live }) => sum + live, 0);
}
