import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { filesBelow } from '../supply-chain/imports.js';
import { ROOT } from './evidence.js';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
  .concat('README.md');

/** What a reader of docs/adding-a-table.md adds; the test of that page keeps the files here. */
const TO_BE_ADDED = readdirSync(join(ROOT, 'test/fixtures/add-a-table'));

const PATH = /(?<![\w./-])(?:src|test|docs)\/[\w./-]*\w/g;
const LINK = /\]\((?!https?:)([^)#\s]+)/g;

function pathsIn(page: string): string[] {
  return [...read(page).matchAll(PATH)].map(([path]) => path);
}

function isThere(page: string, path: string): boolean {
  const willBe = page === 'docs/adding-a-table.md' && TO_BE_ADDED.includes(basename(path));
  return existsSync(join(ROOT, willBe ? dirname(path) : path));
}

describe('every page of the documentation', () => {
  it('names no file or folder that is not there', () => {
    expect(pages.length).toBeGreaterThan(25);
    expect(pages.flatMap(pathsIn).length).toBeGreaterThan(200);
    const wrong = pages.flatMap((page) =>
      pathsIn(page)
        .filter((path) => !isThere(page, path))
        .map((path) => `${page}: ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('links to no file that is not there', () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(LINK)].map(([, target = '']) => ({ page, target })),
    );
    expect(links.length).toBeGreaterThan(50);
    const wrong = links.filter(({ page, target }) => !existsSync(join(ROOT, dirname(page), target)));
    expect(wrong).toEqual([]);
  });
});

it('the source of the product names no page that is not there', () => {
  const named = filesBelow('src').flatMap((file) =>
    [...read(file).matchAll(/\bdocs\/[\w./-]+\.md\b/g)].map(([page]) => ({ file, page })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ page }) => !pages.includes(page))).toEqual([]);
});

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  it('has every room of src in its tree, and no other', () => {
    const [, tree = ''] = /\nsrc\/\n([^]*?)```/.exec(page) ?? [];
    const named = [...tree.matchAll(/^ {2}((?:[\w-]+\/ ?)+)/gm)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    );
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${name}/`);
    expect(named.sort()).toEqual(rooms.sort());
  });

  it('says in words every rule between the rooms, and no other', () => {
    const rules = read('test/support/boundaries.rules.mjs');
    const names = [...rules.matchAll(/(?:\bname: |\bsees\()'([a-z-]+)'/g)].map(([, name]) => name);
    const [, table = ''] = page.split('## The rules between the rooms');
    const said = [...table.matchAll(/^\| `([a-z-]+)` \| \S/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(said.sort()).toEqual(names.sort());
  });
});
