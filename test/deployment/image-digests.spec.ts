import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const SKIPPED = /^(?:node_modules|dist|coverage|\.git|\.data|test)$/;
/** `name:tag@sha256:…`, wherever it is written. */
const PINNED = /\b([a-z][\w./-]*:[\w.-]+)@(sha256:\S*)/g;

/** Every file of the checkout but the tests' own and what is made or fetched. */
function files(folder = '.'): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    if (folder === '.' && SKIPPED.test(name)) return [];
    const path = join(folder, name);
    return statSync(join(ROOT, path)).isDirectory() ? files(path) : [path];
  });
}

/** The digests of each tag. */
function digestsIn(texts: readonly string[]): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const text of texts)
    for (const [, tag = '', digest = ''] of text.matchAll(PINNED))
      found.set(tag, (found.get(tag) ?? new Set()).add(digest));
  return Object.fromEntries([...found].map(([tag, digests]) => [tag, [...digests]]));
}

describe('the images that the files name', () => {
  it('have one digest for each tag, wherever it is named', () => {
    const digests = digestsIn(files().map((file) => readFileSync(join(ROOT, file), 'utf8')));
    expect(
      Object.keys(digests)
        .map((tag) => tag.split(':')[0])
        .sort(),
    ).toEqual(['node', 'postgres']);
    for (const [tag, named] of Object.entries(digests))
      expect([tag, named]).toEqual([tag, [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]]);
  });

  it('are told apart where one tag has two digests', () => {
    const [one, other] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`);
    const texts = [`FROM node:22@${one ?? ''}`, `image: node:22@${other ?? ''}`];
    expect(digestsIn(texts)).toEqual({ 'node:22': [one, other] });
  });
});
