import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';

type Class = abstract new (...args: never[]) => object;

/**
 * Imports every `*.<kind>.ts` (or compiled `.js`) file of a folder and returns the classes it exports, in the
 * order of the file names. This is what lets a table be added by one entity file and one migration: no list
 * has to be kept by hand (docs/adr/0003-tables-are-discovered.md).
 *
 * @param directory file URL of the folder, ending in a slash
 * @param kind the word before the extension: `entity`, `migration`
 * @throws the module's own error when one of the files cannot be imported
 */
export async function discoverClasses(directory: URL, kind: 'entity' | 'migration'): Promise<Class[]> {
  const pattern = new RegExp(`\\.${kind}\\.(?:ts|js)$`);
  const files = (await readdir(directory)).filter((file) => pattern.test(basename(file))).sort();
  const classes: Class[] = [];
  for (const file of files) {
    const exports = (await import(new URL(file, directory).href)) as Record<string, unknown>;
    classes.push(...Object.values(exports).filter((value): value is Class => typeof value === 'function'));
  }
  return classes;
}
