import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

/** Where the facts of public schemas lie beside a checkout; they are no part of it. */
const FOLDER = resolve(import.meta.dirname, '../../../shared/schemas');

export const ARE_THERE = existsSync(join(FOLDER, 'ddl.mjs'));

/** A database with the tables of a public schema and a few rows. @param rows statements that fill it */
export async function databaseOf(name: 'omop' | 'mimic' | 'ehrbase', rows: string): Promise<TestDatabase> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(FOLDER, 'ddl.mjs'),
    join(FOLDER, `${name}.json`),
  ]);
  const database = await createEmptyDatabase();
  await database.query(stdout);
  await database.query(rows);
  return database;
}

/** The names of its tables, with their schemas. */
export function tablesOf(name: string): string[] {
  const tables = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as {
    schema: string;
    table: string;
  }[];
  return tables.map(({ schema, table }) => `${schema}.${table}`).sort();
}

/** The declaration of OMOP that lies beside them, without its fingerprint, which is none. */
export function workedExample(): string {
  return readFileSync(join(FOLDER, 'omop.silgi.yaml'), 'utf8').replace(/^ *fingerprint:.*$/m, '');
}
