import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';

/** Windows has neither; its folders of users are closed to others by what they inherit. */
const isWindows = process.platform === 'win32';
const NO_FOLLOW = isWindows ? 0 : constants.O_NOFOLLOW;
const NO_WAIT = isWindows ? 0 : constants.O_NONBLOCK;
/** The superuser of the system: what is root's may be trusted, for root can do anything. */
const ROOT = 0;
const OTHERS_MAY = 0o077;
const OTHERS_MAY_WRITE = 0o002;
const GROUP_MAY_WRITE = 0o020;

/** A file or folder that others may have planted, or could change or read. The message names it and the cure. */
export class NotPrivate extends Error {
  override readonly name = 'NotPrivate';
}

/**
 * Makes a folder for secrets where there is none, and refuses one in which somebody else could put something: it has
 * to be a folder and no symbolic link, of this process's user or of root, and writable by nobody else. In containers
 * whose users are chosen when they start, a volume is root's and writable by the group of the process.
 *
 * @param path absolute path
 * @throws NotPrivate
 */
export async function privateFolder(path: string): Promise<void> {
  // `mkdir` says that it is there of a symbolic link as well.
  await mkdir(path, { recursive: true, mode: 0o700 });
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) throw new NotPrivate(`${path} is a symbolic link; name the folder itself`);
  const user = process.geteuid?.();
  if (user === undefined) return;
  assertOwner(path, stats, user);
  const isVolume = stats.uid === ROOT && user !== ROOT && stats.gid === process.getegid?.();
  const forbidden = isVolume ? OTHERS_MAY_WRITE : OTHERS_MAY_WRITE | GROUP_MAY_WRITE;
  if ((stats.mode & forbidden) !== 0)
    throw new NotPrivate(`others may write into the folder ${path}; take that from them: chmod go-w`);
}

/**
 * Reads a secret that the product made: a file and no symbolic link, of the owner or of root, that nobody else may
 * read or write. What is looked at is what is read.
 *
 * @param owner whose it is; the user of this process unless told
 * @throws NotPrivate; the error of the system where it cannot be opened, ENOENT where it is not there
 */
export function readSecret(path: string, owner = process.geteuid?.()): Promise<string> {
  return readChecked(path, constants.O_RDONLY | NO_FOLLOW, (stats) => {
    if (owner === undefined) return;
    assertOwner(path, stats, owner);
    if ((stats.mode & OTHERS_MAY) !== 0)
      throw new NotPrivate(`others may read or change ${path}; take that from them: chmod 600`);
  });
}

/**
 * Reads a file that the operator named and the product trusts. It may be a symbolic link, and another user's, as
 * secrets and settings of containers are; but a file, and not one that everybody may change.
 *
 * @throws NotPrivate; the error of the system where it cannot be opened
 */
export function readTrusted(path: string): Promise<string> {
  return readChecked(path, constants.O_RDONLY, (stats) => {
    if (process.geteuid !== undefined && (stats.mode & OTHERS_MAY_WRITE) !== 0)
      throw new NotPrivate(`everybody may change ${path}; take that from them: chmod o-w`);
  });
}

/**
 * Opens a file to read it and append to it, and makes it for its owner alone where there is none. It is never what a
 * symbolic link leads to, nor a pipe that would be waited for.
 *
 * @throws NotPrivate; the error of the system where it cannot be opened
 */
export async function openToAppend(path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW;
  const file = await openHere(path, flags);
  try {
    assertFile(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readChecked(path: string, flags: number, check: (stats: Stats) => void): Promise<string> {
  const file = await openHere(path, flags);
  try {
    const stats = await file.stat();
    assertFile(path, stats);
    check(stats);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function openHere(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags | NO_WAIT, 0o600);
  } catch (error) {
    throw isLink(error) ? new NotPrivate(`${path} is a symbolic link`) : error;
  }
}

function assertFile(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new NotPrivate(`${path} is no file`);
}

function assertOwner(path: string, { uid }: Stats, owner: number): void {
  if (uid === owner || uid === ROOT) return;
  throw new NotPrivate(
    `${path} belongs to the user with uid ${uid}, and not to the one who runs this (uid ${owner})`,
  );
}

/** What the system says of a symbolic link that is not to be followed: Linux and macOS, FreeBSD. */
function isLink(error: unknown): boolean {
  return ['ELOOP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '');
}
