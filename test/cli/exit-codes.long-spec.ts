import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { importCommand } from '../../src/cli/import.command.js';
import { ProductProcess } from '../admin/service.process.js';
import { deletedOnce, hold, seedMany } from '../batch/batch.stage.js';
import { folderWith, removeFolders } from '../import/importing.js';
import { ANA, asFiles, BEN, STRANGER, threePatients } from '../import/three.patients.js';
import { type EndedCommand, runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';

const WHY = ['--reason', 'RETENTION_EXPIRED', '--legal-basis', 'KVKK_ART_7'];

let database: TestDatabase;
let folder: string;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
  before = { ...process.env };
  Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: folder });
});

afterAll(async () => {
  process.env = before;
  removeFolders();
  await database.drop();
});

async function listOf(ids: readonly string[]): Promise<string> {
  const file = join(folder, `${randomUUID()}.csv`);
  await writeFile(file, ['id', ...ids].join('\n'));
  return file;
}

async function deleteBatch(ids: readonly string[], ...more: string[]): Promise<EndedCommand> {
  return runInProcess(deleteBatchCommand(), await listOf(ids), ...WHY, '--yes', ...more);
}

/** The three patients, one of whom has a row that cannot be read. */
function folderWithBadRow(): string {
  const lines = threePatients();
  lines['supplies']?.push(`yesterday,${BEN},,337388004,Strips,50`);
  return folderWith(asFiles(lines));
}

describe('delete-batch ends', () => {
  /** Has a statement run whenever a diagnosis of this patient is updated. */
  async function onUpdateOf(patientId: string, statement: string): Promise<void> {
    await database.query(`
      CREATE OR REPLACE FUNCTION public.on_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.patient_id = '${patientId}' THEN ${statement}; END IF; RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER on_update BEFORE UPDATE ON clinical.sharded_tani
        FOR EACH ROW EXECUTE FUNCTION public.on_update()`);
  }

  type Second = (patientId: string, first: string) => Promise<void> | string;
  const cases: [outcome: string, code: number, second: Second][] = [
    ['DELETED', 0, (patientId) => patientId],
    ['DUPLICATE', 0, (_, first) => first],
    [
      'ALREADY_DELETED',
      0,
      async (patientId) => {
        await deleteBatch([patientId]);
      },
    ],
    ['INVALID', 1, () => 'no id'],
    ['NOT_FOUND', 1, () => randomUUID()],
    ['VETOED', 1, (patientId) => hold(database, patientId)],
    ['FAILED', 1, (patientId) => onUpdateOf(patientId, "RAISE EXCEPTION 'refused'")],
  ];

  it.each(cases)('beside one who is deleted, for one who is %s, with %i', async (outcome, code, second) => {
    const [one = '', two = ''] = await seedMany(database, 2);
    const ended = await deleteBatch([one, (await second(two, one)) ?? two]);
    const counts = outcome === 'DELETED' ? '2 DELETED' : `1 DELETED, 1 ${outcome}`;
    expect(ended).toEqual({ code, said: expect.stringContaining(`Batch COMPLETED: 2 lines: ${counts};`) });
    expect(await deletedOnce(database, [one])).toBe(1);
  });

  it('a dry run with 0 where all would be deleted, and with 1 where one would not', async () => {
    const [one = '', two = ''] = await seedMany(database, 2);
    expect(await deleteBatch([one, two], '--dry-run')).toMatchObject({ code: 0 });
    await hold(database, two);
    expect(await deleteBatch([one, two], '--dry-run')).toMatchObject({ code: 1 });
    expect(await deletedOnce(database, [one, two])).toBe(0);
  });

  it('with 1 where somebody else has paused the batch before its end', async () => {
    const [one = '', two = ''] = await seedMany(database, 2);
    const other = await database.connect();
    await other.query('SELECT pg_advisory_lock(7)');
    await onUpdateOf(two, 'PERFORM pg_advisory_xact_lock(7)');
    const ending = deleteBatch([one, two]);
    await until(async () => {
      const paused = await database.query(
        `UPDATE patient.sharded_deletion_batch SET state = 'PAUSED'
         WHERE NOT dry_run AND ended_at IS NULL AND counts @> '{"DELETED": 1}' RETURNING batch_id`,
      );
      return paused.length === 1;
    });
    expect(await ending).toEqual({ code: 1, said: expect.stringContaining('The batch was paused.') });
    await other.end();
  });

  it('with 1 where only the report cannot be read, says who stays deleted, and reports it when asked again', async () => {
    const [one = ''] = await seedMany(database, 1);
    const { said } = await deleteBatch([one, 'no id']);
    const batchId = /Batch ([0-9a-f-]{36});/.exec(said)?.[1] ?? '';
    const items = 'patient.sharded_deletion_batch_item';
    const report = join(folder, 'again.csv');
    const resume = ['--resume', batchId, '--yes', '--report', report];
    await database.query(`ALTER TABLE ${items} RENAME code TO code_away`);
    const failed = await runInProcess(deleteBatchCommand(), ...resume);
    await database.query(`ALTER TABLE ${items} RENAME code_away TO code`);
    expect(failed).toEqual({ code: 1, said: expect.stringContaining('(42703). 1 patients were deleted') });
    expect(failed.said).toContain(
      `and stay deleted. Report it again with: npx silgi delete-batch --resume ${batchId} --yes --report FILE --overwrite`,
    );
    expect(failed.said).not.toContain('rolled back');
    expect(await deletedOnce(database, [one])).toBe(1);
    expect(await runInProcess(deleteBatchCommand(), ...resume, '--overwrite')).toMatchObject({ code: 1 });
    expect(await readFile(report, 'utf8')).toContain('\n3,,INVALID,');
  });

  it('with a report of every line that is not deleted, of thousands', async () => {
    const report = join(folder, 'report.csv');
    const ended = await deleteBatch(Array<string>(2_001).fill('no id'), '--report', report);
    expect(ended).toMatchObject({ code: 1, said: expect.stringContaining('and 1951 more') });
    const named = (await readFile(report, 'utf8')).trimEnd().split('\r\n').slice(1);
    // The header is the first line of the list.
    expect(named.map((line) => Number(line.split(',', 1)[0]))).toEqual(
      Array.from({ length: 2_001 }, (_, n) => n + 2),
    );
  });
});

describe('import ends', () => {
  const importFolder = (path: string) => runInProcess(importCommand(), path);

  it('with 0 where every patient is in the database', async () => {
    expect(await importFolder(folderWith(asFiles(threePatients())))).toMatchObject({ code: 0 });
  });

  it('with 1 where one is rejected', async () => {
    expect(await importFolder(folderWithBadRow())).toEqual({
      code: 1,
      said: expect.stringContaining('1 rejected;'),
    });
  });

  it('with 1 where a row belongs to nobody, though every patient is in the database', async () => {
    const lines = threePatients();
    lines['conditions']?.push(
      (lines['conditions'][1] ?? '').replaceAll(BEN, STRANGER).replaceAll(ANA, STRANGER),
    );
    const ended = await importFolder(folderWith(asFiles(lines)));
    expect(ended).toEqual({ code: 1, said: expect.stringContaining(' 0 rejected;') });
  });
});

describe('the program passes on', () => {
  const start = (...args: string[]) =>
    new ProductProcess(['cli/main.js', ...args], { DATABASE_URL: database.url, DATA_DIR: folder });

  it('the exit code of a command that was not done whole, of one that failed and of one that was misused', async () => {
    const [patientId = ''] = await seedMany(database, 1);
    const runs = [
      {
        of: start('delete-batch', await listOf([patientId, 'no id']), ...WHY, '--yes'),
        code: 1,
        says: '1 INVALID',
      },
      { of: start('import', folderWithBadRow()), code: 1, says: '1 rejected' },
      { of: start('import', folderWith({})), code: 2, says: 'no patients.csv' },
      { of: start('delete-batch', '--fast'), code: 2, says: 'unknown option' },
      { of: start('delete-batch', '--resume', 'none', '--yes'), code: 2, says: 'the id of a batch' },
    ];
    for (const { of, code, says } of runs) {
      expect({ code: await of.ends(), says: of.stdout + of.stderr }).toEqual({
        code,
        says: expect.stringContaining(says),
      });
    }
  });

  it('that the database is not healthy', async () => {
    const healthy = start('integrity');
    expect(await healthy.ends()).toBe(0);
    await database.query('ALTER TABLE clinical.sharded_tani DISABLE ROW LEVEL SECURITY');
    const drifted = start('integrity');
    expect(await drifted.ends()).toBe(1);
    expect(drifted.stdout).toContain('NOT HEALTHY');
  });
});
