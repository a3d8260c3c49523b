import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ProductProcess } from '../admin/service.process.js';
import { asFiles, threePatients } from '../import/three.patients.js';
import { temporaryFolder } from '../support/run.folder.js';

const WHY = ['--reason', 'RETENTION_EXPIRED', '--legal-basis', 'KVKK_ART_7'];
/** Of no log in particular. */
const KEY = ['--key', 'silgi.example/audit-log+9c1d2e3f+AbUg'];
/** Nobody listens there: a command that asks the database first fails with another exit code. */
const NOWHERE = 'postgres://nobody@127.0.0.1:1/nothing';

let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, 'list.csv'), 'id\n');
  await mkdir(join(folder, 'csv'));
  for (const [name, text] of Object.entries(asFiles(threePatients())))
    await writeFile(join(folder, 'csv', name), text);
});

/** Runs the program in the folder, told nothing but a database that is not there. */
async function silgi(...args: string[]) {
  const named = args.map((argument) => argument.replace('FOLDER', folder));
  const command = new ProductProcess(['cli/main.ts', ...named], { DATABASE_URL: NOWHERE, DATA_DIR: folder });
  return { code: await command.ends(), stdout: command.stdout, stderr: command.stderr };
}

describe('missing input has exit code 2, and is named before the database is asked', () => {
  it.each<[string, string[], RegExp]>([
    ['no command', [], /^Usage: silgi/],
    ['a command that there is not', ['erase'], /unknown command 'erase'/],
    ['an option that there is not', ['integrity', '--fast'], /unknown option '--fast'/],
    ['import without a folder', ['import'], /missing required argument 'folder'/],
    ['import of no folder', ['import', 'FOLDER/gone'], /gone does not exist/],
    ['import of a folder without patients', ['import', 'FOLDER'], /There is no patients\.csv/],
    ['delete-batch without a file', ['delete-batch', ...WHY], /either a FILE or --resume/],
    ['delete-batch of no file', ['delete-batch', 'FOLDER/gone', ...WHY], /gone cannot be read \(ENOENT\)/],
    ['delete-batch of a folder', ['delete-batch', 'FOLDER', ...WHY], /cannot be read \(EISDIR\)/],
    [
      'delete-batch without a reason',
      ['delete-batch', 'FOLDER/list.csv'],
      /needs --reason and --legal-basis/,
    ],
    [
      'delete-batch --resume of no id',
      ['delete-batch', '--resume', 'x', '--yes'],
      /the id of a batch, a UUID/,
    ],
    [
      'delete-batch with a report that cannot be written',
      ['delete-batch', 'FOLDER/list.csv', ...WHY, '--yes', '--report', 'FOLDER/gone/report'],
      /report cannot be written to .* \(ENOENT\)/,
    ],
    ['token without a subject', ['token', '--roles', 'auditor'], /'--subject <name>' not specified/],
    ['verify-certificate without a file', ['verify-certificate'], /missing required argument 'file'/],
    [
      'verify-certificate of no file',
      ['verify-certificate', 'FOLDER/gone'],
      /gone cannot be read \(ENOENT\)/,
    ],
    ['export-audit without a file', ['export-audit'], /'--out <file>' not specified/],
    ['export-audit into no folder', ['export-audit', '--out', 'FOLDER/gone/log'], /written to .* \(ENOENT\)/],
    ['export-audit onto a folder', ['export-audit', '--out', 'FOLDER'], /written to .* \(EISDIR\)/],
    [
      'export-audit with a checkpoint into no folder',
      ['export-audit', '--out', 'FOLDER/log', '--checkpoint', 'FOLDER/gone/note'],
      /The checkpoint cannot be written to .* \(ENOENT\)/,
    ],
    [
      'verify-audit with no checkpoint file',
      ['verify-audit', '--checkpoint', 'FOLDER/gone'],
      /gone cannot be read \(ENOENT\)/,
    ],
    ['verify-audit without a key', ['verify-audit'], /There is no key in .*--key/],
    [
      'verify-audit of an export without a checkpoint',
      ['verify-audit', '--export', 'FOLDER/gone'],
      /needs --checkpoint FILE and --key KEY/,
    ],
  ])('%s', async (_, args, message) => {
    expect(await silgi(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('names a key that is none as wrong usage', async () => {
    const { code, stderr } = await silgi('verify-audit', ...KEY);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('name+hexid+base64') });
  });
});

describe('a database that cannot be reached', () => {
  it.each([
    ['import', ['import', 'FOLDER/csv']],
    ['delete-batch', ['delete-batch', 'FOLDER/list.csv', ...WHY, '--yes']],
    ['integrity', ['integrity']],
    ['migrate', ['migrate']],
    ['export-audit', ['export-audit', '--out', 'FOLDER/log']],
  ])('ends %s with exit code 1, and nothing was changed', async (_, args) => {
    const { code, stderr } = await silgi(...args);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('The database could not be opened: '),
    });
    expect(stderr).toContain('Nothing was changed.');
  });
});

describe('silgi', () => {
  it('says its version', async () => {
    const file = resolve(import.meta.dirname, '../../package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    expect(await silgi('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('has help for itself and for every command, each with its exit codes', async () => {
    const { code, stdout } = await silgi('--help');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('Exit code of every command: 0'),
    });
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name = '']) => name);
    expect(commands).toHaveLength(10);
    for (const command of [...commands, 'adopt discover', 'adopt check']) {
      const [name = '', ...below] = command.split(' ');
      const help = await silgi(name, ...below, '--help');
      expect({ ...help, command }).toEqual({
        command,
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(new RegExp(`^Usage: silgi ${command} .*\\n\\n[A-Z][^]*Exit code: 0, `)),
      });
      if (below.length === 0) expect(await silgi('help', command)).toEqual(help);
    }
  }, 240_000);
});
