import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeletionBatches } from '../../src/batch/index.js';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { deletedOnce, seedMany } from '../batch/batch.stage.js';
import { type EndedCommand, runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { answerAtTerminal, leaveTerminal } from '../support/terminal.js';

const WHY = ['--reason', 'RETENTION_EXPIRED', '--legal-basis', 'KVKK_ART_7'];
const HEADER = 'line,patientId,state,code';
const NOT_WHOLE = ',,,,"Not every line is here: the last words of the command say why."';

let database: TestDatabase;
let folder: string;
let report: string;
let one: string;
let two: string;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
  before = { ...process.env };
  Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: folder });
});

beforeEach(async () => {
  report = join(folder, `${randomUUID()}.csv`);
  [one = '', two = ''] = await seedMany(database, 2);
});

afterEach(leaveTerminal);

afterAll(async () => {
  process.env = before;
  await database.drop();
});

const run = (...args: string[]): Promise<EndedCommand> => runInProcess(deleteBatchCommand(), ...args);

async function listOf(...ids: string[]): Promise<string> {
  const file = join(folder, `${randomUUID()}.csv`);
  await writeFile(file, ['id', ...ids].join('\n'));
  return file;
}

/** The lines of the report without their sentences. */
async function reported(): Promise<string[]> {
  const lines = (await readFile(report, 'utf8')).trimEnd().split('\r\n');
  return lines.map((line) => line.split(',').slice(0, 4).join(','));
}

const BATCH = 'patient.sharded_deletion_batch';

/** A paused batch that deletes, of whose one line a service is in the middle. @returns its id */
async function lineAtWork(): Promise<string> {
  const dry = await run(await listOf(one), ...WHY, '--dry-run');
  const id = /the id ([0-9a-f-]{36})/.exec(dry.said)?.[1] ?? '';
  await database.query(
    `UPDATE ${BATCH} SET dry_run = false, state = 'PAUSED', ended_at = NULL, finished = 0, counts = '{}'
     WHERE batch_id = $1`,
    [id],
  );
  await database.query(
    `UPDATE ${BATCH}_item SET state = 'RUNNING', seq = NULL, finished_at = NULL, leased_by = $2,
       leased_until = now() + interval '1 hour' WHERE batch_id = $1`,
    [id, randomUUID()],
  );
  return id;
}

const isRunning = (id: string) =>
  until(async () => {
    const [row] = await database.query<{ state: string }>(`SELECT state FROM ${BATCH} WHERE batch_id = $1`, [
      id,
    ]);
    return row?.state === 'RUNNING';
  });

it('a shard’s own veto that is switched on holds for the command as it does for the service', async () => {
  process.env['DELETION_VETOES'] = 'UNPAID_BALANCE';
  try {
    await database.query('UPDATE finance.sharded_fatura SET patient_outstanding = 3 WHERE patient_id = $1', [
      one,
    ]);
    await run(await listOf(one, two), ...WHY, '--yes', '--report', report);
    expect(await reported()).toEqual([HEADER, `2,${one},VETOED,DELETION_VETOED`]);
    expect(await deletedOnce(database, [one, two])).toBe(1);
  } finally {
    delete process.env['DELETION_VETOES'];
  }
});

describe('delete-batch', () => {
  it('refuses a list of keys in one line where no declaration is in force, and reports what was not asked for', async () => {
    const file = join(folder, 'keys.csv');
    await writeFile(file, 'patient_key\n7\n8\n7\n');
    const { code, said } = await run(file, ...WHY, '--yes', '--report', report);
    expect([code, said]).toEqual([1, expect.stringMatching(/^The list: it is of keys, .*nobody deleted\.$/)]);
    expect(await reported()).toEqual([HEADER, '2,,NOT_ASKED,', '3,,NOT_ASKED,', '4,,DUPLICATE,']);
  });

  it('names the lines that are wrong, on the screen and in the report, before it asks, and a no leaves both true', async () => {
    let atQuestion: string[] = [];
    answerAtTerminal('no', async () => {
      atQuestion = await reported();
    });
    const { code, said } = await run(await listOf(one, 'no id', one, two), ...WHY, '--report', report);
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(
        `2 WOULD_DELETE, 1 INVALID, 1 DUPLICATE;.*line 3: INVALID: What stands here is not .*` +
          `line 4: DUPLICATE ${one}: The patient stands on line 2 .*Delete 2 patients .*Type yes`,
        's',
      ),
    );
    expect(said).not.toContain('WOULD_DELETE ');
    const all = [
      HEADER,
      `2,${one},WOULD_DELETE,`,
      '3,,INVALID,',
      `4,${one},DUPLICATE,`,
      `5,${two},WOULD_DELETE,`,
    ];
    expect(atQuestion).toEqual(all);
    expect(await reported()).toEqual(all);
    expect(await deletedOnce(database, [one, two])).toBe(0);
  });

  it('has in the report after a yes only who is not deleted', async () => {
    answerAtTerminal('yes');
    expect(await run(await listOf(one, 'no id', two), ...WHY, '--report', report)).toMatchObject({ code: 1 });
    expect(await reported()).toEqual([HEADER, '3,,INVALID,']);
    expect(await deletedOnce(database, [one, two])).toBe(2);
  });

  it.each([
    ['an empty line', ''],
    ['another word', 'maybe'],
    ['the end of the input', undefined],
  ])('takes %s for a no, and deletes nobody', async (_, text) => {
    answerAtTerminal(text);
    expect(await run(await listOf(one, two), ...WHY)).toMatchObject({ code: 1 });
    expect(await deletedOnce(database, [one, two])).toBe(0);
  });

  it('where it fails behind a yes, has in the report nothing of the dry run, and says that lines are missing', async () => {
    answerAtTerminal('yes', async () => {
      await database.query('ALTER TABLE patient.sharded_deletion_batch RENAME dry_run_id TO away');
    });
    const list = await listOf(one, 'no id');
    const ended = await run(list, ...WHY, '--report', report).finally(() =>
      database.query('ALTER TABLE patient.sharded_deletion_batch RENAME away TO dry_run_id'),
    );
    expect(ended.code).toBe(1);
    expect(await readFile(report, 'utf8')).toBe(`${HEADER},detail\r\n${NOT_WHOLE}\r\n`);
  });

  it.each<[string, string[], object, number]>([
    ['there is nobody to ask', [], {}, 2],
    ['there is no database', ['--yes'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }, 1],
    ['a setting is wrong', ['--yes'], { BATCH_CONCURRENCY: 'many' }, 1],
  ])('where %s, reports every line as not asked for or as wrong', async (_, args, settings, code) => {
    const kept = { ...process.env };
    Object.assign(process.env, settings);
    const list = await listOf(one, 'no id', one.toUpperCase(), two);
    const ended = await run(list, ...WHY, ...args, '--report', report);
    process.env = kept;
    expect(ended.code).toBe(code);
    expect(await readFile(report, 'utf8')).toContain('"The patient stands on line 2 already."');
    expect(await reported()).toEqual([
      HEADER,
      `2,${one},NOT_ASKED,`,
      '3,,INVALID,',
      `4,${one},DUPLICATE,`,
      `5,${two},NOT_ASKED,`,
    ]);
  });

  it.each<[string, () => Promise<string[]>]>([
    ['a list that cannot be read', async () => [await listOf('"open'), ...WHY]],
    ['a batch that is none', () => Promise.resolve(['--resume', randomUUID()])],
  ])('says in the report of %s that lines are missing', async (_, args) => {
    expect(await run(...(await args()), '--yes', '--report', report)).toMatchObject({ code: 1 });
    expect(await readFile(report, 'utf8')).toMatch(new RegExp(`${NOT_WHOLE}\r\n$`));
  });

  it('prints the id of a dry run and the command that carries it out, and reports whom it would delete', async () => {
    const dry = await run(await listOf(one), ...WHY, '--dry-run', '--report', report);
    expect(dry.code).toBe(0);
    const [, id = '', resume = ''] =
      /The dry run has the id ([0-9a-f-]{36})\. .*: npx silgi delete-batch (--resume .{36})\n/.exec(
        dry.said,
      ) ?? [];
    expect(resume).toBe(`--resume ${id}`);
    expect(await reported()).toEqual([HEADER, `2,${one},WOULD_DELETE,`]);
    expect(await deletedOnce(database, [one])).toBe(0);
    expect(await run(...resume.split(' '), '--dry-run', '--yes')).toEqual({
      code: 2,
      said: expect.stringContaining('--dry-run needs a FILE'),
    });
    expect(await deletedOnce(database, [one])).toBe(0);
    expect(await run(...resume.split(' '), '--yes')).toMatchObject({ code: 0 });
    expect(await deletedOnce(database, [one])).toBe(1);
  });

  it('prints the id of a dry run that would delete nobody, and no command', async () => {
    const { said } = await run(await listOf('no id'), ...WHY, '--dry-run');
    expect(said).toMatch(/The dry run has the id [0-9a-f-]{36}\.\n/);
    expect(said).not.toContain('--resume');
  });

  it('paused by Ctrl-C, says that a line may be deleted that a service has at work, and reports it', async () => {
    const id = await lineAtWork();
    const ending = run('--resume', id, '--yes', '--report', report);
    await isRunning(id);
    process.emit('SIGINT', 'SIGINT');
    expect(await ending).toEqual({
      code: 130,
      said: expect.stringMatching(
        /Paused: 0 of 1 lines are done\. Another one may be deleted all the same, where a service has it at work/,
      ),
    });
    expect(await reported()).toEqual([HEADER, `2,${one},RUNNING,`]);
  });

  it.each<[string, string, string, { code: number; said: unknown }]>([
    [
      'has ended',
      `state = 'COMPLETED', finished = 1, counts = '{"DELETED": 1}', ended_at = now()`,
      `state = 'DELETED', seq = 1, leased_by = NULL, leased_until = NULL`,
      {
        code: 0,
        said: expect.stringMatching(/Batch COMPLETED: 1 lines: 1 DELETED;[^]*(?<!Nothing was changed\.)$/),
      },
    ],
    [
      'was cancelled',
      `state = 'CANCELLED'`,
      `attempts = attempts`,
      {
        code: 130,
        said: expect.stringMatching(/was cancelled by somebody else: 0 of 1 lines are done, .*--resume/),
      },
    ],
  ])(
    'says of a batch that %s before Ctrl-C could pause it what has become of it',
    async (_, batch, item, ended) => {
      const id = await lineAtWork();
      // What another process commits between the last look and the pause.
      const pause = jest.spyOn(DeletionBatches.prototype, 'pause').mockImplementationOnce(async function (
        this: DeletionBatches,
        batchId,
      ) {
        await database.query(`UPDATE ${BATCH} SET ${batch} WHERE batch_id = $1`, [id]);
        await database.query(`UPDATE ${BATCH}_item SET ${item} WHERE batch_id = $1`, [id]);
        return this.pause(batchId);
      });
      const ending = run('--resume', id, '--yes');
      await isRunning(id);
      process.emit('SIGINT', 'SIGINT');
      expect(await ending).toEqual(ended);
      expect(pause).toHaveBeenCalledTimes(2);
      pause.mockRestore();
    },
  );
});
