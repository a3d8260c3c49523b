import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

const IS_TEST = /\.(?:e2e-)?spec\.ts$/;
/** What `describe`, `it` and `it.each(…)` are given first: a title. Those of skipped tests do not count. */
const TITLE = /(?:\b(?:describe|it)|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])+)\1\s*,/g;

/**
 * What keeps a reference of the page from showing anything. A reference is `path › title` for a test, with the titles
 * around it before it where that helps, or the path of another file, with or without words that stand in it.
 *
 * @param reference without the backticks
 * @returns undefined where it holds
 */
export function faultOf(reference: string): string | undefined {
  const [path = '', ...parts] = reference.split(' › ');
  const file = join(ROOT, path);
  if (!existsSync(file)) return `${reference}: there is no such file`;
  if (IS_TEST.test(path) && parts.length === 0) return `${reference}: which test of it?`;
  if (parts.length === 0) return undefined;
  const text = readFileSync(file, 'utf8');
  const titles = IS_TEST.test(path) ? titlesIn(text) : undefined;
  const missing = parts.find((part) => !(titles?.has(part) ?? text.includes(part)));
  return missing === undefined ? undefined : `${path} has no “${missing}”`;
}

/** The titles in the source of a test file, as they are written there: `refuses %s`. */
export function titlesIn(source: string): ReadonlySet<string> {
  const code = source.replace(/^\s*\/\/.*$/gm, '');
  return new Set([...code.matchAll(TITLE)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1')));
}
