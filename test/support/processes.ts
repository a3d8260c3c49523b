import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Whether a process lives. A zombie, which its parent has not collected yet, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

/** Longer than anything takes on a busy machine, shorter than a test may. */
const GENEROUS_MS = 60_000;

/**
 * Waits for a condition by asking for it.
 *
 * @throws Error with the text of the condition when it has not come true within the limit, in milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs = GENEROUS_MS,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`Waited ${limitMs / 1_000} s in vain for: ${String(condition)}`);
    await delay(10);
  }
}

/** Kills a process and those it has started all at once, as a crash of the machine would; returns once all are gone. */
export async function killWithChildren(parent: number): Promise<void> {
  const pids = [parent, ...(await childrenOf(parent))];
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // A child may end by itself between being listed and being killed.
    }
  }
  await until(() => !pids.some(isRunning));
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid ?? 0);
}
