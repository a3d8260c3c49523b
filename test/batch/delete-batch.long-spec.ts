import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { ProductProcess } from '../admin/service.process.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { deletedOnce, hold, seedMany } from './batch.stage.js';

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
  await database.drop();
});

function start(...args: string[]): ProductProcess {
  return new ProductProcess(['cli/main.js', 'delete-batch', ...args], {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
  });
}

const run = (...args: string[]) => runInProcess(deleteBatchCommand(), ...args);

async function listOf(...lines: string[]): Promise<string> {
  const file = join(folder, `${randomUUID()}.csv`);
  await writeFile(file, lines.join('\r\n'));
  return file;
}

describe('delete-batch', () => {
  it('shows what it would do, does it, and names every line that it could not do', async () => {
    const ids = await seedMany(database, 4);
    const held = ids[3] ?? '';
    await hold(database, held);
    const file = await listOf(
      '\uFEFFpatientId;name',
      ...ids.map((id) => `${id};x`),
      'Ayşe;x',
      `${ids[0] ?? ''};x`,
    );
    const dry = await run(file, ...WHY, '--dry-run');
    expect(dry.said).toContain(
      'Dry run COMPLETED: 6 lines: 3 WOULD_DELETE, 1 VETOED, 1 INVALID, 1 DUPLICATE; 45 rows',
    );
    expect(dry.code).toBe(1);
    expect(await deletedOnce(database, ids)).toBe(0);

    const asked = await run(file, ...WHY);
    expect(asked).toMatchObject({ code: 2, said: expect.stringContaining('add --yes') });
    expect(await deletedOnce(database, ids)).toBe(0);

    const report = join(folder, 'report.csv');
    const real = await run(file, ...WHY, '--yes', '--as', 'dpo@hospital.example', '--report', report);
    expect(real.said).toContain(
      'Batch COMPLETED: 6 lines: 3 DELETED, 1 VETOED, 1 INVALID, 1 DUPLICATE; 45 rows',
    );
    expect(real.said).toContain(`line 5: VETOED ${held}: LEGAL_HOLD (patient)`);
    expect(real.said).toContain('line 6: INVALID: What stands here is not a patient id');
    expect(real.said).not.toContain('Ayşe');
    expect(real.code).toBe(1);
    expect(await deletedOnce(database, ids)).toBe(3);
    const lines = (await readFile(report, 'utf8')).split('\r\n');
    expect(lines.map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
      'line,patientId,state,code',
      `5,${held},VETOED,DELETION_VETOED`,
      '6,,INVALID,',
      `7,${ids[0] ?? ''},DUPLICATE,`,
      '',
    ]);
    const [event] = await database.query<{ actor: string; reason: string; actor_source: object }>(
      `SELECT actor, reason, actor_role, actor_source FROM audit.sharded_audit_event WHERE patient_id = $1`,
      [ids[0]],
    );
    expect(event).toEqual({
      actor: userInfo().username,
      reason: 'RETENTION_EXPIRED',
      actor_role: null,
      actor_source: {
        kind: 'TERMINAL',
        databaseLogin: new URL(database.url).username,
        claimedName: 'dpo@hospital.example',
      },
    });

    const again = await run(await listOf('id', ...ids.slice(0, 3)), ...WHY, '--yes');
    expect(again).toMatchObject({ code: 0, said: expect.stringContaining('3 ALREADY_DELETED') });
  });

  it(
    'reports each of 40,000 lines without an id, and deletes the two patients among them, while the planner takes the table for empty',
    async () => {
      await database.query('DELETE FROM patient.sharded_deletion_batch_item');
      await database.query('ANALYZE patient.sharded_deletion_batch_item');
      const ids = await seedMany(database, 2);
      const [first = '', last = ''] = ids;
      const file = await listOf('id', first, ...Array<string>(40_000).fill('no id'), last);
      const report = join(folder, 'long-report.csv');
      const { code, said } = await run(file, ...WHY, '--yes', '--report', report);
      expect({ code, said }).toMatchObject({ code: 1, said: expect.not.stringContaining('rolled back') });
      expect(said).toContain('Batch COMPLETED: 40002 lines: 2 DELETED, 40000 INVALID');
      expect(await deletedOnce(database, ids)).toBe(2);
      const [header, ...lines] = (await readFile(report, 'utf8')).trimEnd().split('\r\n');
      expect(header).toMatch(/^line,patientId,state,code,/);
      const reported = lines.map((line) => line.split(',').slice(0, 4).join(','));
      expect(reported).toEqual(Array.from({ length: 40_000 }, (_, index) => `${index + 3},,INVALID,`));
    },
    5 * 60_000,
  );

  it('is paused by Ctrl-C, and goes on where it was', async () => {
    const ids = await seedMany(database, 120);
    const command = start(await listOf(...ids), ...WHY, '--yes', '--concurrency', '1');
    await command.says(/Batch ([0-9a-f-]{36}); Ctrl-C/);
    await until(async () => {
      const [row] = await database.query<{ finished: number }>(
        `SELECT max(finished) AS finished FROM patient.sharded_deletion_batch WHERE NOT dry_run AND lines = 120`,
      );
      return (row?.finished ?? 0) > 5;
    });
    command.kill('SIGINT');
    expect(await command.ends()).toBe(130);
    const [, done, batchId = ''] =
      /Paused: (\d+) of 120 lines are done.* --resume ([0-9a-f-]{36})/.exec(command.stderr) ?? [];
    expect(Number(done)).toBeLessThan(120);
    expect(await deletedOnce(database, ids)).toBe(Number(done));
    const resumed = await run('--resume', batchId, '--yes');
    expect(resumed).toMatchObject({ code: 0, said: expect.stringContaining('120 lines: 120 DELETED') });
    expect(await deletedOnce(database, ids)).toBe(120);
  });

  it.each<[string, () => Promise<string[]>, number, RegExp]>([
    ['no file', () => Promise.resolve(WHY), 2, /either a FILE or --resume/],
    [
      'a file that is not there',
      () => Promise.resolve(['gone.csv', ...WHY, '--yes']),
      2,
      /gone\.csv.*ENOENT/,
    ],
    [
      'a name with a character that turns the text around, which it does not repeat,',
      () => Promise.resolve(['a.csv', ...WHY, '--yes', '--as', 'a\u202eb']),
      2,
      /^--as: [^\u202e]*U\+202E[^\u202e]*$/,
    ],
    ['no reason', () => Promise.resolve(['a.csv', '--yes']), 2, /--reason/],
    ['no CSV', async () => [await listOf('{"a":1}'), ...WHY, '--yes'], 1, /Line 1: the file is JSON/],
    [
      'a batch that is none',
      () => Promise.resolve(['--resume', randomUUID(), '--yes']),
      1,
      /No deletion batch/,
    ],
  ])('refuses %s in one line', async (_, args, code, why) => {
    const { code: ended, said } = await run(...(await args()));
    expect({ ended, said }).toEqual({ ended: code, said: expect.stringMatching(why) });
    expect(said.trim().split('\n')).toHaveLength(1);
  });
});
