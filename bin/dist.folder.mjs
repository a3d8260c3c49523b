import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IN_USE = '.in-use';
const LOCK = '.building';

/**
 * Marks a build as run by this process, until the process ends.
 *
 * @returns {() => void} takes the mark away before
 */
export function markInUse(dist, digest) {
  const mark = join(dist, IN_USE, `${digest}.${process.pid}`);
  const unmark = () => {
    process.off('exit', unmark);
    quietly(() => rmSync(mark, { force: true }));
  };
  // A checkout on a file system that can only be read does without: nobody removes anything there.
  quietly(() => {
    mkdirSync(join(dist, IN_USE), { recursive: true });
    writeFileSync(mark, '');
    process.on('exit', unmark);
  });
  return unmark;
}

/**
 * Takes the lock under which one process builds. It saves double work and nothing else: where two build after all,
 * either build is whole.
 *
 * @param {string} dist
 * @param {boolean} isOverdue takes it from whoever has it
 * @returns {(() => void) | undefined} gives it back; undefined where another process has it
 */
export function lockBuilding(dist, isOverdue) {
  const lock = join(dist, LOCK);
  const own = asideIn(dist, 'lock');
  writeFileSync(own, String(process.pid));
  try {
    if (isOverdue || !isHeld(lock)) rmSync(lock, { force: true });
    // A link is there with its content, or not at all.
    linkSync(own, lock);
    return () => rmSync(lock, { force: true });
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** A name in `dist` for what this process makes or throws away. */
export function asideIn(dist, name) {
  return join(dist, `.${name}.${process.pid}`);
}

/** Removes everything from `dist`, which is the launcher's own, but one build and what some process runs or makes. */
export function removeUnused(dist, digest) {
  const marks = readdirSync(join(dist, IN_USE));
  const used = marks.filter(isOfRunningProcess).map((mark) => mark.split('.', 1)[0]);
  for (const mark of marks.filter((name) => !isOfRunningProcess(name)))
    quietly(() => rmSync(join(dist, IN_USE, mark)));
  const kept = new Set([IN_USE, LOCK, digest, ...used]);
  for (const name of readdirSync(dist).filter((one) => !kept.has(one))) {
    if (name.startsWith('.') && isOfRunningProcess(name)) continue;
    // All of it at once: whoever is just looking at it finds it whole or gone.
    const gone = asideIn(dist, `old-${name.replace(/^\.+/, '')}`);
    quietly(() => renameSync(join(dist, name), gone));
    quietly(() => rmSync(gone, { recursive: true, force: true }));
  }
}

function isHeld(lock) {
  try {
    return isRunning(Number(readFileSync(lock, 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Names end in the id of their process. */
function isOfRunningProcess(name) {
  return isRunning(Number(name.slice(name.lastIndexOf('.') + 1)));
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function quietly(work) {
  try {
    work();
  } catch {
    // What stays is removed after the next build.
  }
}
