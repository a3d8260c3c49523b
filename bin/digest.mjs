import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What decides, besides the sources, what is compiled and how; the compiler itself is in the lock file. */
const SETTINGS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'bin/compile.mjs',
];
const SOURCE = /(?<!\.spec)\.[cm]?ts$/;
const SEAL = '.sealed';

/**
 * The name of the build of the sources as they are. Their content decides: a checkout or a change of the clock may
 * give a file any time.
 *
 * @param {string} root
 * @returns {string} 24 hexadecimal digits
 */
export function digestOfSources(root) {
  const sources = filesBelow(join(root, 'src')).filter((file) => SOURCE.test(file));
  const settings = SETTINGS.map((name) => join(root, name)).filter((file) => existsSync(file));
  return digestOf(root, [...settings, ...sources]).slice(0, 24);
}

/** Writes down what a build consists of, when it is complete. */
export function seal(build) {
  writeFileSync(join(build, SEAL), digestOfContents(build));
}

/** Whether a build is as it was sealed: no file of it is missing, cut short or changed. */
export function isWhole(build) {
  try {
    return readFileSync(join(build, SEAL), 'utf8') === digestOfContents(build);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Every folder directly below that was sealed. */
export function sealedFolders(dist) {
  if (!existsSync(dist)) return [];
  return readdirSync(dist)
    .map((name) => join(dist, name))
    .filter((folder) => existsSync(join(folder, SEAL)));
}

function digestOfContents(build) {
  const sealed = filesBelow(build).filter((file) => file !== join(build, SEAL));
  return digestOf(build, sealed);
}

/** SHA-256 over path, length and content of each file. */
function digestOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file).split(sep).join('/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
