import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES } from '../../src/admin/health/readiness.causes.js';
import { ROOT } from './evidence.js';

it('docs/operations.md says of every cause of readiness, and of no other, what to do', () => {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const probes = page.split('\n## ').find((section) => section.startsWith('Probes\n')) ?? '';
  const codes = [...probes.matchAll(/^\| (`[A-Z_`, ]+`) \| \S/gm)].flatMap(([, cell = '']) =>
    cell.split(', ').map((code) => code.replaceAll('`', '')),
  );
  expect(codes.toSorted()).toEqual(CAUSES.toSorted());
});
