import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/add-a-table');

describe('docs/adding-a-table.md', () => {
  const page = readFileSync(join(ROOT, 'docs/adding-a-table.md'), 'utf8');
  const blocks = [...page.matchAll(/^`(src\/\S+)`[^]*?```ts\n([^]*?)```$/gm)];

  it('shows the very files that the test adds to the product', () => {
    const shown = Object.fromEntries(blocks.map(([, path = '', code]) => [basename(path), code]));
    const added = readdirSync(FIXTURES).map((name) => [name, readFileSync(join(FIXTURES, name), 'utf8')]);
    expect(shown).toEqual(Object.fromEntries(added));
  });

  it('has no other block of code', () => {
    expect(page.match(/^```\w+$/gm)).toHaveLength(blocks.length);
  });

  it('places them where the test places them', () => {
    const test = readFileSync(join(ROOT, 'test/add-a-table.long-spec.ts'), 'utf8');
    for (const [, path = ''] of blocks) expect(test).toContain(`'${path}'`);
  });

  it('imports what is there, seen from where the files will stand', () => {
    const imported = blocks.flatMap(([, path = '', code = '']) =>
      [...code.matchAll(/from '(\.[^']+)\.js'/g)].map(([, name = '']) => join(dirname(path), `${name}.ts`)),
    );
    expect(imported).toHaveLength(2);
    expect(imported.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
