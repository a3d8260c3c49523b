import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// The entities declare the tables.
import '../../src/app.module.js';
import { RETENTION_GROUNDS } from '../../src/common/index.js';
import { defaultPolicy, readRetentionPolicy, RETENTION_STARTS } from '../../src/retention/index.js';
import { ROOT } from './evidence.js';

const page = readFileSync(join(ROOT, 'docs/retention.md'), 'utf8');
const [, file = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];

it('docs/retention.md shows a file that is the default policy, and that can be signed off as it says', () => {
  const { rules, digest } = defaultPolicy();
  expect(readRetentionPolicy(file, 'retention.yaml', '2026-12-01')).toMatchObject({ rules, digest });
  const signed = readRetentionPolicy(
    file.replace('# signedOff', 'signedOff'),
    'retention.yaml',
    '2026-12-01',
  );
  expect(signed).toMatchObject({ rules, signedOff: { on: '2026-11-30' } });
});

it.each([
  ['from', RETENTION_STARTS],
  ['ground', RETENTION_GROUNDS],
])('docs/retention.md explains every code of %s, and no other', (word, codes) => {
  const [, table = ''] = page.split(`\n| \`${word}\` | `).slice(-1)[0]?.split('|---|---|\n') ?? [];
  const said = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([A-Z_]+)` \| \S/gm)].map(
    ([, code]) => code,
  );
  expect(said).toEqual(codes);
});

it('docs/retention.md says in its table of defaults how long each type is kept', () => {
  const [, defaults = ''] = page.split('## The defaults');
  const rows = [...defaults.matchAll(/^\| ([A-Z][\w, ]+) \| (\d+) years \| (\S.*?) \| /gm)];
  const said = rows.flatMap(([, types = '', years = '', from = '']) =>
    types.split(', ').map((type) => `${type}: P${years}Y from ${from}`),
  );
  const words = {
    ROW: 'the row',
    END_OF_YEAR: 'the end of the calendar year',
    LAST_CONTACT: 'the last contact',
  };
  expect(said.toSorted()).toEqual(
    defaultPolicy()
      .rules.map(({ resourceType, keep, from }) => `${resourceType}: ${keep} from ${words[from]}`)
      .toSorted(),
  );
});
