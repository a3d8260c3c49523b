import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @typedef {import('./mutations.mjs').Mutation} Mutation */

/** The text of a mutation's file with its edits. @throws Error where a text to change does not stand there once */
export function textOf({ name, file, edits }) {
  let text = readFileSync(join(ROOT, file), 'utf8');
  for (const [from, to] of edits) {
    if (text.split(from).length !== 2)
      throw new Error(`"${name}": the text to change does not stand once in ${file}: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

/** The test files that a mutation's suites name, below `test`. */
export function suitesOf({ suites }) {
  const pattern = new RegExp(`^test/${suites}`);
  return readdirSync(join(ROOT, 'test'), { recursive: true })
    .map((name) => `test/${name}`)
    .filter((name) => /\.spec\.ts$|\.(e2e|long)-spec\.ts$/.test(name) && pattern.test(name));
}

/** The projects of jest that these test files belong to. */
export function projectsOf(files) {
  return [...new Set(files.map((file) => /\.(e2e|long)-spec\.ts$/.exec(file)?.[1] ?? 'unit'))];
}
