import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { compile, NotBuilt } from './compile.mjs';
import { digestOfSources, isWhole, seal, sealedFolders } from './digest.mjs';
import { asideIn, lockBuilding, markInUse, removeUnused } from './dist.folder.mjs';

const LOOK_EVERY_MS = 200;
/** Longer than any build takes: such a lock was left behind, and its process id has gone to another program. */
const WAIT_LIMIT_MS = 300_000;

/**
 * The build to run: `dist/<digest of the sources>`, taken as it is where it is there and whole, and made where it is
 * not, by one process at a time. It appears under its name only when it is whole, and is never written to again, so
 * that a running service keeps its files. Without sources, as in an image, it is the one build that is there.
 * The reasons: docs/adr/0018-builds-by-digest.md.
 *
 * @param {string} root folder of the checkout or the installation
 * @param {(line: string) => void} say tells a waiting person why it takes longer
 * @returns {Promise<string>} its folder
 * @throws NotBuilt where there is none and none could be made; nothing old is run instead
 */
export async function buildToRun(root, say) {
  try {
    return existsSync(join(root, 'src')) ? await currentBuild(root, say) : shippedBuild(join(root, 'dist'));
  } catch (error) {
    if (error.syscall === undefined) throw error;
    throw new NotBuilt(`${error.path ?? error.syscall}: ${error.code}.`, error);
  }
}

async function currentBuild(root, say) {
  const dist = join(root, 'dist');
  const started = performance.now();
  for (let waits = false; ;) {
    const digest = digestOfSources(root);
    const build = join(dist, digest);
    // Marked before it is looked at: from here on nobody removes it.
    const unmark = markInUse(dist, digest);
    if (isWhole(build)) return build;
    mkdirSync(dist, { recursive: true });
    const unlock = lockBuilding(dist, performance.now() - started > WAIT_LIMIT_MS);
    try {
      if (unlock === undefined) {
        if (!waits) say('Another command is building; waiting for it …');
        waits = true;
        await pause(LOOK_EVERY_MS);
      } else if (!isWhole(build)) {
        await make(root, digest, say);
      }
    } finally {
      unlock?.();
      unmark();
    }
  }
}

/** Makes one build; none where the sources were changed while they were compiled. */
async function make(root, digest, say) {
  const dist = join(root, 'dist');
  const draft = asideIn(dist, digest);
  const damaged = asideIn(dist, `${digest}-damaged`);
  try {
    await compile(root, draft, say);
    if (digestOfSources(root) !== digest) return;
    seal(draft);
    const build = join(dist, digest);
    // What stands there is damaged, or it would not be made again.
    if (existsSync(build)) renameSync(build, damaged);
    renameSync(draft, build);
  } finally {
    for (const folder of [draft, damaged]) rmSync(folder, { recursive: true, force: true });
  }
  removeUnused(dist, digest);
}

/** @throws NotBuilt where there is not exactly one, or it is damaged */
function shippedBuild(dist) {
  const builds = sealedFolders(dist);
  if (builds.length === 1 && isWhole(builds[0])) return builds[0];
  throw new NotBuilt('there are no sources here, and not one whole build in dist. Install it again.');
}
