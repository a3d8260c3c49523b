import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { PROBLEMS } from '../../src/admin/problems/problem.catalogue.js';

const SRC = resolve(import.meta.dirname, '../../src');

/** The codes of every error class of the source: each stands with its feature. */
const codes = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .flatMap((name) => {
    const text = readFileSync(join(SRC, name), 'utf8');
    return [...text.matchAll(/class \w+ extends (?:SilgiError|ActionFailed) \{\s+readonly code = '(\w+)'/g)];
  })
  .map(([, code = '']) => code);

it('the catalogue of problems describes every code that an error has, and no other', () => {
  // INTERNAL_ERROR is what an error without a class of its own is called.
  expect(Object.keys(PROBLEMS).sort()).toEqual([...new Set([...codes, 'INTERNAL_ERROR'])].sort());
});
