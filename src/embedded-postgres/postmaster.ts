import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** A running server, as its lock file `postmaster.pid` describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** False while it starts, recovers or stops. */
  readonly ready: boolean;
}

/**
 * Reads which server owns a cluster. A lock file left behind by a server that is gone does not count; where
 * its process id has gone to another program (or to a zombie), PostgreSQL itself would be misled by it and
 * refuse to start, so that file is removed.
 *
 * @param cluster path of the cluster
 * @returns undefined when no server runs on this cluster
 */
export async function livingPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lockFile = join(cluster, 'postmaster.pid');
  const text = await readFile(lockFile, 'utf8').catch(() => '');
  // Line 1 is the process id, 4 the port, 8 the state (PostgreSQL, src/include/utils/pidfile.h).
  const [pid = '', , , port = '', , , , state = ''] = text.split('\n').map((line) => line.trim());
  if (!/^\d+$/.test(pid)) return undefined;
  if (!processExists(Number(pid))) return undefined;
  if (await isServerOf(Number(pid), cluster)) {
    return { pid: Number(pid), port: Number(port), ready: state === 'ready' };
  }
  if ((await readFile(lockFile, 'utf8').catch(() => '')) === text) await rm(lockFile, { force: true });
  return undefined;
}

/** Whether a process has this id; one of another user counts. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process is a PostgreSQL on this cluster; a zombie has no command line and is not. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const command =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
          ({ stdout }) => stdout,
          () => '',
        );
  return command.includes('postgres') && command.includes(basename(cluster));
}
