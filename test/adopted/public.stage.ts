import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { parse, stringify } from 'yaml';
import { adoptDeclaration } from '../../src/adoption/index.js';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { adoptCommand } from '../../src/cli/adopt.command.js';
import { PatientDirectory } from '../../src/patient/index.js';
import { runInProcess } from '../support/command.js';
import type { TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';

/** The commands of docs/adopting.md, each with its arguments. */
async function commandsOfPage(): Promise<Map<string, string[]>> {
  const page = await readFile(join(import.meta.dirname, '../../docs/adopting.md'), 'utf8');
  const lines = [...page.matchAll(/^```sh\n([^`]*)```/gm)].flatMap(([, block = '']) => block.split('\n'));
  const commands = lines.flatMap((line) => /npx silgi adopt (.+)$/.exec(line)?.[1] ?? []);
  return new Map(commands.map((text) => text.split(' ')).map(([name = '', ...args]) => [name, args]));
}

/** A public schema with rows, adopted, and the product on it. */
export interface Adopted {
  readonly database: TestDatabase;
  readonly silgi: Silgi;
  /** What each command of the page has said. */
  readonly said: ReadonlyMap<string, string>;
}

/**
 * From the first look to an open service, by the commands of the page.
 *
 * @param decide what a person makes of the proposal
 * @param key of somebody whose deletion is rehearsed
 */
export async function adopt(
  database: TestDatabase,
  schemas: readonly string[],
  decide: (proposal: string) => string,
  key: string,
): Promise<Adopted> {
  const file = join(await temporaryFolder(), 'silgi.yaml');
  const said = new Map<string, string>();
  const commands = await commandsOfPage();
  expect([...commands.keys()]).toEqual(['discover', 'check', 'plan', 'apply', 'rehearse']);
  const url = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = database.url;
  try {
    for (const [name, args] of commands) {
      const others: Record<string, string[]> = { 'silgi.yaml': [file], cdm: [...schemas], 4711: [key] };
      const given = args.flatMap((arg) => others[arg] ?? arg);
      const ended = await runInProcess(adoptCommand(), name, ...given);
      expect([name, ended.code, ended.code === 0 ? '' : ended.said]).toEqual([name, 0, '']);
      said.set(name, ended.said);
      if (name === 'discover') await writeFile(file, decide(await readFile(file, 'utf8')));
    }
  } finally {
    if (url === undefined) delete process.env['DATABASE_URL'];
    else process.env['DATABASE_URL'] = url;
  }
  await adoptDeclaration(file);
  return { database, said, silgi: await openSilgi({ database }) };
}

/** Every row of a schema's tables, each as text. */
export async function rowsOf(
  database: TestDatabase,
  schemas: readonly string[],
): Promise<Map<string, string[]>> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY ($1) AND c.relkind = 'r'`,
    [schemas],
  );
  const rows = new Map<string, string[]>();
  for (const { name } of tables) {
    const found = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t ORDER BY 1`);
    rows.set(
      name,
      found.map(({ row }) => row),
    );
  }
  return rows;
}

/** Deletes somebody by the hospital's key, undoes it, and deletes him again. @returns the rows that were counted, by table */
export async function deleteByKey(
  { silgi, database }: Adopted,
  key: string,
): Promise<Record<string, number>> {
  const schemas = (
    await database.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^(cdm|mimiciv|ehr)'`,
    )
  ).map(({ name }) => name);
  const before = await rowsOf(database, schemas);
  const [patient] = await silgi.app.get(PatientDirectory).page({ key, limit: 2 });
  const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patient?.patientId ?? ''));
  const after = await rowsOf(database, schemas);
  const counts = Object.fromEntries(
    answer.shards.flatMap(({ resources }) => resources.map(({ table, rows }) => [table, rows])),
  );
  // What is gone is what was counted, and nothing was added or changed.
  for (const [name, rows] of before) {
    const left = after.get(name) ?? [];
    expect([name, left.filter((row) => !rows.includes(row))]).toEqual([name, []]);
    expect([name, rows.length - left.length]).toEqual([name, counts[name.replaceAll('"', '')] ?? 0]);
  }
  const { patientId, deletionId } = answer;
  await silgi.orchestrator.restorePatient(restorationOf({ patientId, deletionId }));
  expect(await rowsOf(database, schemas)).toEqual(before);
  await silgi.orchestrator.deletePatient(deletionOf(patientId));
  expect(await rowsOf(database, schemas)).toEqual(after);
  return counts;
}

/** What a person answers who takes every proposal as it is. @param answers what he says otherwise */
export function decided(proposal: string, answers: (content: Proposed) => void = () => undefined): string {
  const content = parse(proposal) as Proposed;
  answers(content);
  const isQuestion = (key: string) => key === 'decide' || key === 'review';
  return stringify(
    JSON.parse(JSON.stringify(content, (key, value: unknown) => (isQuestion(key) ? undefined : value))),
  );
}

/** What discover has written. */
export interface Proposed {
  readonly tables: Record<string, Record<string, unknown>>;
  kept?: Record<string, { reason: string }>;
}

/** Nothing stands in the way of deletions, and nothing is as it should not be. */
export async function expectHealthy({ silgi }: Pick<Adopted, 'silgi'>): Promise<void> {
  expect(await silgi.app.get(CatalogueGuard).undeclaredTables(silgi.app.get(EntityManager))).toEqual([]);
  expect(await silgi.app.get(IntegrityScan).run()).toMatchObject({
    healthy: true,
    drift: [],
    orphans: [],
    mismatches: [],
  });
}
