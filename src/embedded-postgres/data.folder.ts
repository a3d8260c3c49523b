import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NotPrivate, openToAppend, privateFolder, readSecret } from '../common/index.js';
import { type Binaries, run } from './embedded.binaries.js';
import { EmbeddedServerError } from './embedded-server.error.js';
import { processExists } from './postmaster.js';
import { assertReachable, mayTraverse, serverAccount, type Account } from './server.account.js';

/** The release whose files the folder holds; part of the cluster's name, so that another one gets its own. */
const MAJOR_VERSION = '18';
const PASSWORD_FILE = 'silgi.password';
const LOG_TAIL_LINES = 15;

/** The superuser of the embedded server. */
export const SUPERUSER = 'postgres';

/**
 * The folder of the embedded database: the cluster `postgres-18` (with the superuser's password in it) and
 * `postgres.log`. Prepared once; everything in it belongs to the account that runs the server.
 */
export class DataFolder {
  private constructor(
    /** Absolute path of the cluster (PGDATA). */
    readonly cluster: string,
    /** Absolute path of the server's log. */
    readonly log: string,
    /** Whom the server runs as; undefined for the user of this process. */
    readonly account: Account | undefined,
    readonly binaries: Binaries,
  ) {}

  /**
   * Makes the folder and, where there is none yet, the cluster. The cluster is made under another name and
   * renamed when it is whole: an interrupted first start leaves nothing half made, and of two concurrent ones
   * the slower takes the cluster of the faster.
   *
   * @param path absolute path, DATA_DIR
   * @throws EmbeddedServerError when the folder cannot be used or the cluster cannot be made
   */
  static async prepare(path: string, binaries: Binaries): Promise<DataFolder> {
    const cluster = join(path, `postgres-${MAJOR_VERSION}`);
    const account = await serverAccount(cluster);
    await privateFolder(path).catch(refuse);
    if (account !== undefined) await openTo(account, path, binaries);
    const folder = new DataFolder(cluster, join(path, 'postgres.log'), account, binaries);
    await folder.makeCluster(path);
    return folder;
  }

  private async makeCluster(path: string): Promise<void> {
    if (await isCluster(this.cluster)) return;
    await removeAbandoned(path, this.cluster);
    const draft = `${this.cluster}.${process.pid}.${randomBytes(4).toString('hex')}`;
    const passwordFile = `${draft}.password`;
    try {
      await writeFile(passwordFile, randomBytes(24).toString('hex'), {
        mode: 0o600,
        flush: true,
        flag: 'wx',
      });
      await mkdir(draft, { mode: 0o700 });
      await this.giveToAccount(passwordFile);
      await this.giveToAccount(draft);
      await this.initdb(draft, passwordFile);
      await rename(passwordFile, join(draft, PASSWORD_FILE));
      await rename(draft, this.cluster);
    } catch (error) {
      if (await isCluster(this.cluster)) return;
      if (error instanceof EmbeddedServerError) throw error;
      throw new EmbeddedServerError(
        `The embedded database could not be made at ${this.cluster}: ${(error as Error).message}. Make sure that ` +
          'the folder is writable and that nothing else has this name, or set DATA_DIR to another folder.',
        { cause: error },
      );
    } finally {
      await rm(draft, { recursive: true, force: true, maxRetries: 3 });
      await rm(passwordFile, { force: true });
    }
  }

  private async initdb(draft: string, passwordFile: string): Promise<void> {
    const { code, output } = await run(
      this.binaries.initdb,
      [
        '-D',
        draft,
        '-U',
        SUPERUSER,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Built in: casing of every Unicode letter, the same on every platform and C library.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      draft,
      this.account,
    );
    if (code === 0) return;
    const advice = output.includes('shared librar')
      ? 'Its libraries are incomplete, as after `npm ci --ignore-scripts`: run `npm rebuild`.'
      : 'Set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server of your own.';
    throw new EmbeddedServerError(
      `initdb failed for ${this.cluster}; no half-made database was left. ${advice} It said:\n${output.trim()}`,
    );
  }

  /** Lets the server's account own what this process, being root, has made. */
  private async giveToAccount(path: string): Promise<void> {
    if (this.account !== undefined) await chown(path, this.account.uid, this.account.gid);
  }

  /**
   * The superuser's password.
   *
   * @throws EmbeddedServerError when it cannot be read, as where another user made the cluster
   */
  async password(): Promise<string> {
    try {
      return (await readSecret(join(this.cluster, PASSWORD_FILE), this.account?.uid)).trim();
    } catch (cause) {
      throw new EmbeddedServerError(
        `The password of the embedded database cannot be read from ${this.cluster}: ${(cause as Error).message}. ` +
          'Start Silgi as the user who made that folder, or set DATA_DIR to another one.',
        { cause },
      );
    }
  }

  /** The port that the server used last time, from the command line that PostgreSQL keeps; undefined before. */
  async lastPort(): Promise<number | undefined> {
    const options = await readFile(join(this.cluster, 'postmaster.opts'), 'utf8').catch(() => '');
    const port = /\bport=(\d+)/.exec(options)?.[1];
    return port === undefined ? undefined : Number(port);
  }

  /** Runs pg_ctl on the cluster; what it and the server say goes to the log. */
  async pgCtl(
    action: 'start' | 'stop',
    args: readonly string[],
  ): Promise<{ code: number | null; said: string }> {
    const log = await openToAppend(this.log);
    try {
      await this.giveToAccount(this.log);
      const { size } = await log.stat();
      const command = [action, '-D', this.cluster, '-w', '-s', ...args];
      const { code } = await run(this.binaries.pg_ctl, command, this.cluster, this.account, log.fd);
      return { code, said: (await readFile(this.log)).subarray(size).toString() };
    } finally {
      await log.close();
    }
  }

  /** The last lines of the server's log, for an error message. */
  async logTail(): Promise<string> {
    const text = await readFile(this.log, 'utf8').catch(() => '(no log)');
    return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }
}

function refuse(error: unknown): never {
  if (error instanceof NotPrivate)
    throw new EmbeddedServerError(`DATA_DIR cannot be used: ${error.message}.`, { cause: error });
  throw error;
}

async function isCluster(path: string): Promise<boolean> {
  return stat(join(path, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/** Lets the account pass through the folder, which is ours to open, and checks the way to it, which is not. */
async function openTo(account: Account, path: string, binaries: Binaries): Promise<void> {
  await assertReachable(
    path,
    account,
    'Set DATA_DIR to a folder that every user can reach, such as one below /var/lib; or start Silgi as an ' +
      'ordinary user; or set DATABASE_URL to a PostgreSQL server of your own.',
  );
  await assertReachable(
    binaries.postgres,
    account,
    'Install Silgi in a folder that every user can reach, such as one below /opt; or start it as an ordinary ' +
      'user; or set DATABASE_URL to a PostgreSQL server of your own.',
  );
  if (!(await mayTraverse(path, account))) await chmod(path, (await stat(path)).mode | 0o011);
}

/** Removes what a first start left that was killed in the middle of it; drafts of living processes stay. */
async function removeAbandoned(path: string, cluster: string): Promise<void> {
  const draft = new RegExp(`^${basename(cluster)}\\.(\\d+)\\.[0-9a-f]{8}(?:\\.password)?$`);
  for (const name of await readdir(path)) {
    const pid = draft.exec(name)?.[1];
    if (pid === undefined || processExists(Number(pid))) continue;
    await rm(join(path, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}
