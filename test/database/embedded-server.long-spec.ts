import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { EmbeddedServer, EmbeddedServerError } from '../../src/embedded-postgres/index.js';
import { onServer } from '../support/database.js';
import { isRunning, until } from '../support/processes.js';
import { builtScript } from '../support/product.build.js';
import { temporaryFolder } from '../support/run.folder.js';

const settings = { fsync: 'off' };
const children: ChildProcess[] = [];
const servers: EmbeddedServer[] = [];
const asRoot = process.geteuid?.() === 0;
let dataDir: string;

beforeEach(async () => {
  dataDir = await temporaryFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  const pid = await serverPid();
  if (pid !== undefined && isRunning(pid)) {
    process.kill(pid, 'SIGQUIT');
    await until(() => !isRunning(pid));
  }
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

describe('the embedded server', () => {
  it('makes a database of its own, in UTF-8, behind a password, on loopback TCP alone', async () => {
    const server = await start();
    expect(server.adopted).toBe(false);
    expect(server.pid).toBe(await serverPid());
    const [row] = await onServer(
      server.url,
      `SELECT current_database() AS database, current_user AS login, pg_encoding_to_char(encoding) AS encoding,
         upper('çğöşü') AS capitals, current_setting('listen_addresses') AS addresses,
         current_setting('unix_socket_directories') AS sockets, current_setting('password_encryption') AS passwords
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).toEqual({
      database: 'silgi',
      login: 'postgres',
      encoding: 'UTF8',
      capitals: 'ÇĞÖŞÜ',
      addresses: '127.0.0.1',
      sockets: '',
      passwords: 'scram-sha-256',
    });
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(onServer(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const { mode } = await stat(join(dataDir, 'postgres-18', 'silgi.password'));
    expect(mode & 0o777).toBe(0o600);
    expect(await server.stop()).toBe('stopped');
    expect(await server.stop()).toBe('stopped');
    await until(() => !isRunning(server.pid));
  });

  it('keeps data and port over a stop', async () => {
    const first = await start();
    await onServer(first.url, 'CREATE TABLE kept AS SELECT 1 AS id');
    await first.stop();
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(second.url).toBe(first.url);
    expect(await onServer(second.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  it('passes settings on', async () => {
    const server = await EmbeddedServer.start({
      dataDir,
      settings: { ...settings, max_prepared_transactions: '7' },
    });
    const [row] = await onServer(server.url, "SELECT current_setting('max_prepared_transactions') AS value");
    expect(row).toEqual({ value: '7' });
    await server.stop();
    await expect(EmbeddedServer.start({ dataDir, settings: { work_mem: '1MB"; exit' } })).rejects.toThrow(
      /setting work_mem .* cannot be passed on/,
    );
  });

  it('is adopted when the process that started it was killed', async () => {
    const child = await startChild();
    expect(child.adopted).toBe(false);
    child.process.kill('SIGKILL');
    await until(() => child.process.signalCode === 'SIGKILL');
    const server = await start();
    expect(server).toMatchObject({ adopted: true, pid: child.pid, port: child.port });
    expect(await server.stop()).toBe('stopped');
  });

  it('is stopped by the last process out, whoever started it', async () => {
    const child = await startChild();
    const server = await start();
    expect(server).toMatchObject({ adopted: true, pid: child.pid });
    expect(await child.stop()).toBe('left-running');
    expect(await onServer(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await server.stop()).toBe('stopped');
    await until(() => !isRunning(server.pid));
  });

  it('is stopped exactly once when all leave at the same moment', async () => {
    const all = [await start(), await start(), await start()];
    const left = await Promise.all(all.map((server) => server.stop()));
    expect(left.sort()).toEqual(['left-running', 'left-running', 'stopped']);
  });

  it('is made once when two processes start for the first time together', async () => {
    const [one, other] = await Promise.all([startChild(), startChild()]);
    expect(one.pid).toBe(other.pid);
    expect([one.adopted, other.adopted].sort()).toEqual([false, true]);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres-18', 'postgres.log']);
  });

  it('is whole at the next start when the first one was killed while making it', async () => {
    const child = spawnChild();
    await until(async () => (await readdir(dataDir)).some((name) => /^postgres-18\.\d+\.\w+$/.test(name)));
    child.kill('SIGKILL');
    await until(() => child.signalCode === 'SIGKILL');
    expect(await readdir(dataDir)).not.toContain('postgres-18');
    const server = await start();
    expect(await onServer(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres-18', 'postgres.log']);
  });

  it('recovers what was committed when it was stopped immediately', async () => {
    const server = await start();
    await onServer(server.url, 'CREATE TABLE kept AS SELECT 1 AS id');
    process.kill(server.pid, 'SIGQUIT');
    await until(() => !isRunning(server.pid));
    const next = await start();
    expect(next.adopted).toBe(false);
    expect(await onServer(next.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toMatch(/automatic recovery in progress/);
  });

  it('starts again under the same URL after it was killed', async () => {
    const server = await start();
    const { url, pid } = server;
    await onServer(url, 'CREATE TABLE kept AS SELECT 1 AS id');
    process.kill(pid, 'SIGKILL');
    await server.startAgain();
    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
    expect(await onServer(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(await server.stop()).toBe('stopped');
  });

  it('says so when its port was taken while it was dead, and takes another at a new start', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGQUIT');
    await until(() => !isRunning(server.pid));
    const thief = await listen(server.port);
    await expect(server.startAgain()).rejects.toThrow(
      new RegExp(`${dataDir}/postgres-18 cannot start: port ${server.port} is taken`),
    );
    expect((await start()).port).not.toBe(server.port);
    await new Promise((resolve) => thief.close(resolve));
  });

  it('starts where the lock file of a dead server names a process that is something else', async () => {
    const server = await start();
    const lockFile = join(dataDir, 'postgres-18', 'postmaster.pid');
    const text = await readFile(lockFile, 'utf8');
    await server.stop();
    await writeFile(lockFile, text.replace(/^\d+/, String(process.pid)));
    expect((await start()).adopted).toBe(false);
  });

  it('takes its lease again when the server ends the session', async () => {
    const server = await start();
    const other = await start();
    const present = "SELECT pid FROM pg_stat_activity WHERE application_name = 'silgi lease'";
    const before = await onServer(server.url, present);
    await onServer(server.url, `SELECT pg_terminate_backend(pid) FROM (${present}) AS session`);
    await until(async () => {
      const now = (await onServer(server.url, `${present} AND state = 'idle'`)).map(
        ({ pid }) => pid as number,
      );
      return now.length === 2 && !now.some((pid) => before.some((row) => row['pid'] === pid));
    });
    expect(await other.stop()).toBe('left-running');
    expect(await server.stop()).toBe('stopped');
  });

  it('says where its log is and what stands in it when it cannot start', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir, 'postgres-18', 'postgresql.conf'), 'no_such_setting = 1\n');
    const failed = await start().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(EmbeddedServerError);
    const { message } = failed as EmbeddedServerError;
    expect(message).toContain(join(dataDir, 'postgres.log'));
    expect(message).toContain('unrecognized configuration parameter "no_such_setting"');
  });

  (asRoot ? it : it.skip)('names the folder that the user of the server cannot enter', async () => {
    await expect(EmbeddedServer.start({ dataDir: join(dataDir, 'deeper') })).rejects.toThrow(
      new RegExp(`cannot enter ${dataDir} .*Set DATA_DIR`),
    );
  });
});

async function start(): Promise<EmbeddedServer> {
  const server = await EmbeddedServer.start({ dataDir, settings });
  servers.push(server);
  return server;
}

function spawnChild(): ChildProcess & { stdout: NodeJS.ReadableStream; stdin: NodeJS.WritableStream } {
  const script = new URL('./embedded-server.child.mjs', import.meta.url).pathname;
  // The built product starts in a fraction of the time that its sources take.
  const child = spawn(process.execPath, [script, builtScript('embedded-postgres/index.ts'), dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  stop(): Promise<unknown>;
}

/** Another process that uses the server. */
async function startChild(): Promise<Child> {
  const child = spawnChild();
  const lines = createInterface(child.stdout);
  const said = (await nextLine(lines)) as Pick<Child, 'pid' | 'port' | 'adopted'>;
  return {
    ...said,
    process: child,
    async stop() {
      child.stdin.write('stop\n');
      return nextLine(lines);
    },
  };
}

async function nextLine(lines: Interface): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(JSON.parse(line));
    });
    lines.once('close', () => {
      reject(new Error('The child process ended without a word.'));
    });
  });
}

async function serverPid(): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres-18', 'postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text.split('\n', 1)[0]);
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
