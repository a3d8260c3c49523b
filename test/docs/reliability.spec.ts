import { expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './evidence.js';

/** Of one database: those from 16 on are of several servers, those from 26 on of the log. */
const ONE_DATABASE = Array.from({ length: 15 }, (_, index) => `${index + 1}`);
const SESSIONS = ['29', '30', '31', '32', '33', '34', '35', '35a'];

it('docs/reliability.md lists every rule for one database and for sessions, each with tests that are there', () => {
  const page = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
  const table = page.split('\n## ').find((part) => part.startsWith('The rules for one database\n')) ?? '';
  const rows = [...table.matchAll(/^\| (\d+a?) [^|]+ \| ([^|]+) \|$/gm)];
  expect(rows.map(([, rule]) => rule)).toEqual([...ONE_DATABASE, ...SESSIONS]);
  for (const [, rule, shown = ''] of rows) {
    const tests = [...shown.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path);
    expect([rule, tests.length]).not.toEqual([rule, 0]);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  }
});
