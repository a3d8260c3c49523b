/**
 * `npm run test:stock`: runs the core of the suites, and those of this folder, on PostgreSQL as Debian ships it.
 * Where none is installed it says so and runs nothing; with `--install`, as the gate says, it is put there with PgBouncer
 * (as root), and it is a failure where that cannot be done. What else is given goes to jest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RunFolder } from '../support/run.folder.js';
import { isBouncerInstalled } from './bouncer.js';
import { StockServer } from '../support/stock.server.js';

const SUITES = [
  'test/stock/',
  'orchestrator/(adopted|rehearsal|deletion|rollback|catalogue|concurrency|idempotency|intake|restoration|rules|trips|plans)',
  'database/(limits|migrations|restorer|roles|session-settings)',
  'admin/(patients|collations)',
  'audit-log/sealing',
  // A hospital's own tables, of the shapes that versions differ in.
  'adopted/(changes-beneath|guard|partitioned|rehearse|types|upstream)',
  'integrity/integrity\\.',
];

/** Runs a program with this one's own output. @returns its exit code */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function install(): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-qq', '--yes', '--no-install-recommends', 'postgresql', 'pgbouncer'], {
    DEBIAN_FRONTEND: 'noninteractive',
  });
}

async function testOn(programs: string, args: readonly string[]): Promise<number> {
  const folder = new RunFolder();
  try {
    const server = await StockServer.start(programs, join(folder.path, 'stock'));
    try {
      const suites = ['--selectProjects', 'e2e', 'stock', '--testPathPatterns', ...SUITES];
      return await run('npm', ['run', '--silent', 'jest', '--', '--coverage=false', ...args, ...suites], {
        TEST_DATABASE_URL: server.url,
      });
    } finally {
      await server.stop();
    }
  } finally {
    await folder.remove();
  }
}

const given = process.argv.slice(2);
const mayInstall = given.includes('--install');
if (mayInstall && ((await StockServer.find()) === undefined || !isBouncerInstalled())) await install();
const programs = await StockServer.find();
if (programs === undefined || (mayInstall && !isBouncerInstalled())) {
  console.error(
    'SKIPPED: no PostgreSQL or PgBouncer of Debian is installed here (packages `postgresql`, `pgbouncer`); nothing was ' +
      'tested on it.',
  );
  process.exitCode = mayInstall ? 1 : 0;
} else {
  if (!isBouncerInstalled())
    console.error('SKIPPED: no PgBouncer of Debian is installed here (package `pgbouncer`).');
  process.exitCode = await testOn(
    programs,
    given.filter((arg) => arg !== '--install'),
  );
}
