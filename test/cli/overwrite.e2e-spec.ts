import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { exportAuditCommand } from '../../src/cli/export-audit.command.js';
import { place } from '../../src/cli/given.paths.js';
import { importCommand } from '../../src/cli/import.command.js';
import { seedMany } from '../batch/batch.stage.js';
import { addEvents, makeHome, openInstance } from '../audit-log/log.stage.js';
import { folderWith, removeFolders } from '../import/importing.js';
import { asFiles, threePatients } from '../import/three.patients.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';

const KEPT = 'what somebody has kept\n';

let database: TestDatabase;
let folder: string;
let file: string;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await createTestDatabase();
  before = { ...process.env };
  Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: await temporaryFolder() });
  const home = await makeHome();
  const instance = await openInstance(database, home);
  await addEvents(database, 3);
  await instance.sealAll();
  await instance.close();
  await home.remove();
});

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'kept');
  await writeFile(file, KEPT);
});

afterAll(async () => {
  removeFolders();
  process.env = before;
  await database.drop();
});

const rows = async () => {
  const [row] = await database.query<{ rows: string }>(
    `SELECT (SELECT count(*) FROM patient.sharded_patient_demographics)
       + (SELECT count(*) FROM patient.sharded_deletion_batch) AS rows`,
  );
  return row?.rows;
};

async function list(): Promise<string> {
  const path = join(folder, `${randomUUID()}.csv`);
  const [id = ''] = await seedMany(database, 1);
  await writeFile(path, `id\n${id}\nno id\n`);
  return path;
}
const why = ['--reason', 'RETENTION_EXPIRED', '--legal-basis', 'KVKK_ART_7', '--dry-run'];
const commands: [name: string, command: () => Command, args: () => Promise<string[]>, begins: RegExp][] = [
  [
    'import --report',
    importCommand,
    () => Promise.resolve([folderWith(asFiles(threePatients())), '--report', file]),
    /^$/,
  ],
  [
    'delete-batch --report',
    deleteBatchCommand,
    async () => [await list(), ...why, '--report', file],
    /^line,/,
  ],
  ['export-audit --out', exportAuditCommand, () => Promise.resolve(['--out', file]), /^\{"leafIndex":0,/],
  [
    'export-audit --checkpoint',
    exportAuditCommand,
    () => Promise.resolve(['--out', join(folder, 'log'), '--checkpoint', file]),
    /^silgi\.example\/audit-log\n3\n/,
  ],
];

describe.each(commands)('%s', (_, command, args, begins) => {
  it('leaves a file that is there as it is, says so before anything is done, and replaces it with --overwrite', async () => {
    const given = await args();
    const had = await rows();
    const refused = await runInProcess(command(), ...given);
    expect(refused).toEqual({
      code: 2,
      said: expect.stringMatching(
        /^The \w+ cannot be written: .*kept is there already\. Nothing was done; .*--overwrite/,
      ),
    });
    expect(await readFile(file, 'utf8')).toBe(KEPT);
    expect(await rows()).toBe(had);
    expect(readdirSync(folder).filter((name) => /log|partial/.test(name))).toEqual([]);

    await runInProcess(command(), ...given, '--overwrite');
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(KEPT);
    expect(text).toMatch(begins);
  });

  it('writes a file that was not there without being told to replace one', async () => {
    file = join(folder, 'new');
    expect((await runInProcess(command(), ...(await args()))).said).not.toContain('--overwrite');
    expect(await readFile(file, 'utf8')).toMatch(begins);
  });
});

it('a report goes to what is no file without a question', async () => {
  const ended = await runInProcess(deleteBatchCommand(), await list(), ...why, '--report', '/dev/null');
  expect(ended).toMatchObject({ code: 1, said: expect.stringContaining('1 INVALID') });
});

it('a draft takes the place of no file that has come to be there meanwhile, unless it may', async () => {
  await mkdir(join(folder, 'drafts'));
  const draft = join(folder, 'drafts', 'draft');
  await writeFile(draft, 'new');
  await expect(place(draft, { path: file, what: 'The export', overwrite: false })).rejects.toThrow(
    '--overwrite',
  );
  expect(await readFile(file, 'utf8')).toBe(KEPT);
  await place(draft, { path: file, what: 'The export', overwrite: true });
  expect(await readFile(file, 'utf8')).toBe('new');
});

it('every command that writes to a file that is named has the flag', async () => {
  const sources = new URL('../../src/cli/', import.meta.url);
  const names = readdirSync(sources).filter((name) => name.endsWith('.command.ts'));
  const writing = [];
  for (const name of names) {
    const text = await readFile(new URL(name, sources), 'utf8');
    if (/'--[\w-]+ <file>', '(?:also )?(?:write|the file to write)/.test(text))
      writing.push([name, text.includes('.addOption(overwriteOption())')]);
  }
  expect(writing).toEqual([
    ['adopt.discover.command.ts', true],
    ['delete-batch.command.ts', true],
    ['export-audit.command.ts', true],
    ['import.command.ts', true],
  ]);
});
