import { spawn } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/run.folder.js';
import { until } from '../support/processes.js';
import { builtScript } from '../support/product.build.js';

const LIMIT_MS = 60_000;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the command with its temporary files in a folder of the test's own, and no other environment. */
async function runDemo(temporary: string, options: { interruptAt?: string } = {}): Promise<Run> {
  const child = spawn(process.execPath, [builtScript('cli/main.ts'), 'demo'], {
    env: {
      PATH: process.env['PATH'],
      TMPDIR: temporary,
      // Nobody listens there: the demo must not even try.
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const { interruptAt } = options;
  if (interruptAt !== undefined) {
    await until(() => output.includes(interruptAt), LIMIT_MS);
    child.kill('SIGINT');
  }
  return { code: await ended, output };
}

async function folderForEveryone(): Promise<string> {
  const folder = await temporaryFolder();
  // PostgreSQL does not run as root: let its user pass.
  await chmod(folder, 0o711);
  return folder;
}

/** What the demo has left there. */
function leftIn(folder: string): Promise<string[]> {
  return readdir(folder);
}

describe('the demo', () => {
  let run: Run;
  let temporary: string;

  beforeAll(async () => {
    temporary = await folderForEveryone();
    run = await runDemo(temporary);
  }, LIMIT_MS);

  it('proves every claim and ends well', () => {
    expect(run.output).toMatch(/All \d+ claims hold\./);
    expect(run.output).not.toContain('✗');
    expect(run.code).toBe(0);
  });

  it('plays its acts in order', () => {
    const headings = [...run.output.matchAll(/^ ?(\d+) (\D.*)$/gm)].map(([, number, title]) => [
      number,
      title,
    ]);
    expect(headings).toEqual([
      ['1', 'One patient, many tables'],
      ['2', 'The patient asks for it'],
      ['3', 'Preview: what would a deletion do?'],
      ['4', 'Finance fails half-way'],
      ['5', 'The demographics record cannot be marked, and nobody says so'],
      ['6', 'A legal hold forbids it'],
      ['7', 'Somebody forgot a table'],
      ['8', 'The database session dies in the middle'],
      ['9', 'The deletion'],
      ['10', 'Its one audit event'],
      ['11', 'The request is answered'],
      ['12', 'Nobody can write behind its back'],
      ['13', 'The answer got lost; the caller asks again'],
      ['14', 'Everybody else'],
    ]);
  });

  it.each([
    'Answered SHARD_FAILED, phase EXECUTE, shard finance, table sharded_finans_islem',
    'Answered DEMOGRAPHICS_NOT_DELETED, phase EXECUTE, shard patient',
    'patient: LEGAL_HOLD. A legal hold (LITIGATION) stands since',
    'clinical: UNDECLARED_TABLE. clinical.sharded_kan_transfuzyonu: a table linked to patients that no shard declares.',
    'Answered SHARD_UNAVAILABLE, phase EXECUTE, shard finance',
    '✓ The request is open, and not overdue.',
    '✓ While it stands, the patient’s request is deferred.',
    '✓ It is fulfilled by this deletion, though nobody has said so: that is read from the records.',
    '✓ The record of the deletion names the request.',
    '✓ The server process was really ended.',
    '✓ No live row of the patient is left in any table.',
    '✓ The log has exactly one event of this deletion.',
    'Event SYSTEM_DELETE_PATIENT at ',
    '✓ The database itself refused the orphan: a foreign-key violation (23503), no trigger.',
    '✓ It is the first answer to the letter, and is marked as a repeat.',
    '✓ No table has a live row of a patient who is deleted.',
  ])('says: %s', (line) => {
    // Long lines are broken at words.
    expect(run.output.replace(/\s+/g, ' ')).toContain(line);
  });

  it('shows the same fingerprint before and after each of the five failed attempts', () => {
    const pairs = [
      ...run.output.matchAll(/Nothing changed: .* fingerprint (\w+)\s+before,\s+(\w+)\s+after/g),
    ];
    expect(pairs).toHaveLength(5);
    for (const [, before, after] of pairs) expect(after).toBe(before);
  });

  it('uses neither colours nor passing lines where it is not on a terminal', () => {
    expect(run.output).not.toContain('\u001b');
    expect(run.output).not.toContain('\r');
  });

  it('leaves nothing behind', async () => {
    expect(await leftIn(temporary)).toEqual([]);
  });

  it(
    'leaves nothing behind when it is interrupted',
    async () => {
      const folder = await folderForEveryone();
      const { code, output } = await runDemo(folder, { interruptAt: 'Preview' });
      expect(code).toBe(130);
      expect(output).toContain('Interrupted; the throw-away database is removed.');
      expect(output).not.toContain('claims hold');
      expect(await leftIn(folder)).toEqual([]);
    },
    LIMIT_MS,
  );
});
