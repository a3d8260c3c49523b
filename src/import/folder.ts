import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailed } from '../common/index.js';
import type { FileMapping } from './file.mapping.js';
import { readCsv } from './csv.js';
import { CsvUnreadable } from './csv.text.js';
import { MAPPINGS, NOT_PATIENT_OWNED, WITHOUT_TABLE } from './mappings.js';
import { PATIENTS } from './patient.mapping.js';

/** A file of the folder that is imported. */
export interface SyntheaFile {
  /** As it is written in the folder. */
  readonly name: string;
  readonly path: string;
  /** As stored, compressed or not. */
  readonly bytes: number;
  readonly mapping: FileMapping;
}

/** What a folder holds of Synthea's CSV files. */
export interface SyntheaFolder {
  /** The patients first. */
  readonly files: readonly SyntheaFile[];
  /** Known files that are not patient-owned: left out on purpose. */
  readonly skipped: readonly string[];
  /** CSV files about patients for which there is no table: left out, so that the import is not complete. */
  readonly leftOut: readonly string[];
  /** Other CSV files that Synthea does not write: left out. */
  readonly unknown: readonly string[];
}

/** Names of a column that says whose row it is, spelt in small letters without spaces, `_` and `-`. */
const OF_PATIENT = /^(?:patient|person|hasta)(?:id|uuid|no)?$/;
const CSV = /^(.+)\.csv(?:\.gz)?$/i;

/**
 * Looks for Synthea's CSV files, plain or with `.gz`, in any case.
 *
 * @throws CommandFailed where the folder cannot be read, has no patients file, or has one kind of file twice
 */
export async function openFolder(path: string): Promise<SyntheaFolder> {
  const byKind = new Map<string, string[]>();
  for (const name of await namesIn(path)) {
    const kind = CSV.exec(name)?.[1]?.toLowerCase();
    if (kind !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), name]);
  }
  if (!byKind.has(PATIENTS.file)) {
    const found =
      byKind.size === 0 ? 'It has no CSV file at all' : `It has ${[...byKind.values()].flat().join(', ')}`;
    throw new CommandFailed(
      `There is no patients.csv or patients.csv.gz in ${path}. ${found}. Nothing was imported. Give the folder ` +
        'with the CSV files that Synthea wrote, usually output/csv.',
      2,
    );
  }
  const files: SyntheaFile[] = [];
  for (const mapping of MAPPINGS) {
    const [name, other] = byKind.get(mapping.file) ?? [];
    if (name === undefined) continue;
    if (other !== undefined)
      throw new CommandFailed(
        `${path} has both ${name} and ${other}. Nothing was imported. Remove the one that is not meant.`,
      );
    files.push({ name, path: join(path, name), bytes: (await stat(join(path, name))).size, mapping });
  }
  const known = new Set(MAPPINGS.map(({ file }) => file));
  const others = [...byKind].filter(([kind]) => !known.has(kind));
  const isSkipped = ([kind]: [string, string[]]) => NOT_PATIENT_OWNED.includes(kind);
  const leftOut: string[] = [];
  const unknown: string[] = [];
  for (const [kind, names] of others.filter((other) => !isSkipped(other)))
    for (const name of names) {
      const isLeftOut = WITHOUT_TABLE.includes(kind) || (await isAboutPatients(join(path, name)));
      (isLeftOut ? leftOut : unknown).push(name);
    }
  return { files, skipped: others.filter(isSkipped).flatMap(([, names]) => names), leftOut, unknown };
}

/** Whether a column of the file's header says whose row it is. */
async function isAboutPatients(path: string): Promise<boolean> {
  try {
    for await (const records of readCsv(path))
      for (const { cells } of records)
        return cells.some((cell) => OF_PATIENT.test(cell.toLowerCase().replace(/[\s_-]/g, '')));
  } catch (error) {
    if (!(error instanceof CsvUnreadable)) throw error;
  }
  return false;
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ENOTDIR'
          ? 'is not a folder'
          : `cannot be read (${code ?? ''})`;
    throw new CommandFailed(`${path} ${why}. Nothing was imported.`, 2, { cause: error });
  }
}
