import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server.error.js';

/** A user of the operating system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as, since it refuses to run as root: the owner of the cluster where there is one
 * already, else the user `postgres`, else `nobody`.
 *
 * @param cluster path of the cluster, existing or not
 * @returns undefined when this process is not root and PostgreSQL runs as its user
 * @throws EmbeddedServerError when the system has neither user
 */
export async function serverAccount(cluster: string): Promise<Account | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = (await accountNamed('postgres')) ?? (await accountNamed('nobody'));
  if (account !== undefined) return account;
  throw new EmbeddedServerError(
    'PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody` to run it as. ' +
      'Start Silgi as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own.',
  );
}

async function accountNamed(name: string): Promise<Account | undefined> {
  const id = async (flag: string): Promise<number> =>
    Number((await promisify(execFile)('id', [flag, name])).stdout.trim());
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    return undefined;
  }
}

/** Whether the account may pass through one directory, by its mode bits. */
export async function mayTraverse(directory: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/**
 * Checks that the account can get to a path, from the root of the file system down.
 *
 * @param advice what to do where it cannot, as a sentence
 * @throws EmbeddedServerError naming the first directory in the way
 */
export async function assertReachable(path: string, account: Account, advice: string): Promise<void> {
  const parents: string[] = [];
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    parents.unshift(parent);
    if (parent === dirname(parent)) break;
  }
  for (const parent of parents) {
    if (await mayTraverse(parent, account)) continue;
    throw new EmbeddedServerError(
      `PostgreSQL does not run as root, so it was to run as the user with uid ${account.uid}, but that user ` +
        `cannot enter ${parent} and therefore not reach ${path}. ${advice}`,
    );
  }
}
