import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { freePort } from '../chaos/service.process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { installExample, pack, remove, run } from './package.stage.js';

jest.setTimeout(300_000);

const ROOT = resolve(import.meta.dirname, '../..');
const LISTENING = /Nest application successfully started/;

let tarball: string;
let example: string;
let database: TestDatabase;

beforeAll(async () => {
  tarball = await pack();
  example = await installExample(tarball);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await remove(dirname(tarball), example);
});

it('the example has less than 30 lines of its own', async () => {
  const lines = (await readFile(join(ROOT, 'examples/embedded/src/main.ts'), 'utf8')).trimEnd().split('\n');
  expect(lines.length).toBeLessThan(30);
});

it('publint finds nothing wrong with the package', async () => {
  const manifest = join(example, 'node_modules/silgi/package.json');
  const { messages, pkg } = await publint({ pkgDir: dirname(manifest), strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

it('attw finds the types of the package wherever ESM is resolved', async () => {
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong/cli/dist/index.js');
  // Whoever loads it by require() is told so by Node: the package is ESM. Any other finding ends it with an error.
  const options = ['--profile', 'esm-only', '--no-color', '--no-emoji'];
  expect(await run(process.execPath, [attw, tarball, ...options], example)).toContain('OK (ESM)');
});

it('the example compiles against the declarations of the package, runs, deletes a patient, and is closed', async () => {
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc')], example);
  const patientId = await seedPatient(database);
  const port = String(await freePort());
  const env = { ...process.env, DATABASE_URL: database.url, PORT: port, NO_COLOR: '1' };
  const application: ChildProcess = spawn(process.execPath, ['dist/main.js'], { cwd: example, env });
  try {
    await said(application, LISTENING);
    // Nest says so when it is about to listen.
    await until(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    );
    const answer = await fetch(`http://127.0.0.1:${port}/patients/${patientId}`, { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([200, { patientId, state: 'DELETED' }]);
    expect(await auditEventsOf(database, patientId)).toMatchObject([{ actor: 'clerk' }]);
  } finally {
    // Nobody but Node listens to the signal: Silgi takes none.
    application.kill('SIGTERM');
    if (application.exitCode === null && application.signalCode === null) await once(application, 'exit');
  }
  expect(application.signalCode).toBe('SIGTERM');
});

it('its command runs out of the tarball, where there are no sources', async () => {
  const command = join(example, 'node_modules/silgi/bin/silgi.mjs');
  expect(await run(process.execPath, [command, '--version'], example)).toMatch(/^\d+\.\d+\.\d+/);
});

/** Until a program says this. @throws with what it said, where it ends before */
async function said(program: ChildProcess, what: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr])
      stream?.on('data', (piece: Buffer) => {
        text += piece.toString();
        if (what.test(text)) resolve();
      });
    program.once('exit', () => {
      reject(new Error(`It ended, and said:\n${text}`));
    });
  });
}
