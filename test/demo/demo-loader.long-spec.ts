import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_PATIENTS, DEMO_SEED, DemoLoader, DemoModule, demoPatients } from '../../src/demo/index.js';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { patientOwnedTables } from '../../src/shards/index.js';
import { PatientIntake, PatientOrchestrator } from '../../src/orchestrator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf } from '../support/silgi.js';

const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

let database: TestDatabase;
let app: INestApplicationContext;
let loader: DemoLoader;

async function open(): Promise<void> {
  Logger.overrideLogger(false);
  database = await createTestDatabase();
  const testing = Test.createTestingModule({ imports: [AppModule.forDatabase(database.url), DemoModule] });
  app = await testing.compile();
  await app.init();
  await app.get(DatabaseLifecycle).open(database.url);
  loader = app.get(DemoLoader);
}

async function close(): Promise<void> {
  await app.close();
  await database.drop();
}

async function patientsStored(): Promise<number> {
  const [row] = await database.query<{ patients: number }>(
    `SELECT count(*)::int AS patients FROM ${DEMOGRAPHICS}`,
  );
  return row?.patients ?? NaN;
}

/** Everything that is stored of every patient, as one text. */
async function fingerprint(): Promise<string> {
  const parts = PATIENT_TABLES.map(
    (table) => `SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS part FROM ${table} t`,
  );
  return (await database.query<{ part: string }>(parts.join(' UNION ALL ')))
    .map(({ part }) => part)
    .sort()
    .join();
}

let whole: string;

describe('the demo loader on an empty database', () => {
  const lines: string[] = [];
  let added: number;

  beforeAll(async () => {
    await open();
    added = await loader.loadIntoEmptyDatabase((line) => lines.push(line));
    whole = await fingerprint();
  });

  afterAll(close);

  it('loads every row of every demo patient, saying how far it has come', async () => {
    expect(added).toBe(DEMO_PATIENTS);
    const expected: Record<string, number> = {};
    for (const { resources } of demoPatients(DEMO_SEED, DEMO_PATIENTS))
      for (const [type, rows] of Object.entries(resources))
        expected[type] = (expected[type] ?? 0) + rows.length;
    const counts = await database.query<{ type: string; rows: number }>(
      patientOwnedTables()
        .map(
          ({ shard, table, resourceType }) =>
            `SELECT '${resourceType}' AS type, count(*)::int AS rows FROM ${shard}.${table}`,
        )
        .join(' UNION ALL '),
    );
    expect(counts).toHaveLength(PATIENT_TABLES.length);
    expect(Object.fromEntries(counts.map(({ type, rows }) => [type, rows]))).toEqual(expected);
    expect(lines[0]).toBe('Loading 300 demo patients.');
    expect(lines.at(-1)).toBe('300 of 300 demo patients are loaded.');
  });

  it('keeps names as they are spelled', async () => {
    const [row] = await database.query<{ names: number }>(
      `SELECT count(*)::int AS names FROM ${DEMOGRAPHICS} WHERE given_name ~ '[ğşıİ]' AND folded_name !~ '[ĞŞİ]'`,
    );
    expect(row?.names).toBeGreaterThan(20);
  });

  it('adds nothing and says nothing the second time', async () => {
    const said = lines.length;
    expect(await loader.loadIntoEmptyDatabase((line) => lines.push(line))).toBe(0);
    expect(lines).toHaveLength(said);
    expect(await fingerprint()).toBe(whole);
  });
});

describe('the demo loader on a database that is not empty', () => {
  beforeEach(open);
  afterEach(close);

  it('finishes a load that was interrupted, to the same rows as one that was not', async () => {
    const interrupted = loader.loadIntoEmptyDatabase((line) => {
      if (line.startsWith('100 of')) throw new Error('interrupted');
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await patientsStored()).toBe(100);

    const lines: string[] = [];
    expect(await loader.loadIntoEmptyDatabase((line) => lines.push(line))).toBe(DEMO_PATIENTS - 100);
    expect(lines[0]).toBe('Loading 200 demo patients, the rest of 300.');
    expect(await fingerprint()).toBe(whole);
  });

  it('leaves it alone where there is another patient, even among demo patients', async () => {
    await app.get(PatientIntake).admit([...demoPatients(DEMO_SEED, 3)]);
    await seedPatient(database);
    expect(await loader.loadIntoEmptyDatabase()).toBe(0);
    expect(await patientsStored()).toBe(4);
  });

  it('leaves it alone where only the record of another patient’s deletion tells of its use', async () => {
    const patientId = await seedPatient(database);
    await app.get(PatientOrchestrator).deletePatient(deletionOf(patientId));
    await removeAllRows(patientId);
    expect(await loader.loadIntoEmptyDatabase()).toBe(0);
    expect(await patientsStored()).toBe(0);
  });

  it('brings no deleted demo patient back while it finishes a load, not even a destroyed one', async () => {
    const [hidden = '', destroyed = ''] = [...demoPatients(DEMO_SEED, 2)].map(({ patientId }) => patientId);
    await app.get(PatientIntake).admit([...demoPatients(DEMO_SEED, 3)]);
    for (const patientId of [hidden, destroyed])
      await app.get(PatientOrchestrator).deletePatient(deletionOf(patientId));
    await removeAllRows(destroyed);

    expect(await loader.loadIntoEmptyDatabase()).toBe(DEMO_PATIENTS - 3);
    const found = await database.query(
      `SELECT patient_id, is_deleted FROM ${DEMOGRAPHICS} WHERE patient_id = ANY ($1)`,
      [[hidden, destroyed]],
    );
    expect(found).toEqual([{ patient_id: hidden, is_deleted: true }]);
  });
});

/** What a destruction leaves: the record of the deletion, and nothing of the patient. */
async function removeAllRows(patientId: string): Promise<void> {
  for (const table of [...PATIENT_TABLES].reverse())
    await database.query(`DELETE FROM ${table} WHERE patient_id = $1`, [patientId]);
}
