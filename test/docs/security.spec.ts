import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIREMENTS, requirementsOf } from './asvs.js';
import { faultOf, ROOT, titlesIn } from './evidence.js';

const STATES = ['met', 'partly', 'not met', 'by the operator', 'not applicable'];

const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const asvs = readFileSync(join(ROOT, 'docs/asvs.md'), 'utf8');

/** The cells of every row of a table whose first cell looks like this. */
function rows(first: RegExp, text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .replace(/^\||\|\s*$/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([cell = '']) => first.test(cell));
}

/** The text below a heading of a page, up to the next. */
function section(text: string, heading: string): string {
  return text.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

const referencesIn = (text: string) =>
  [...text.matchAll(/`((?:src|test|deploy)\/[^`]+|[^`]+ › [^`]+)`/g)].map(([, found = '']) => found);

const applicable = rows(/^V/, section(asvs, 'Requirements that apply')).map(
  ([number = '', level, what, state = '', how, evidence = '', ...more]) => ({
    number,
    level,
    what,
    state,
    how,
    evidence,
    more,
  }),
);
const notApplicable = rows(/^V/, section(asvs, 'Requirements that do not apply')).flatMap(
  ([parts = '', reason]) =>
    parts.split(', ').map((part) => ({ part, reason, numbers: requirementsOf(part) })),
);

describe('docs/asvs.md', () => {
  it('names every requirement of ASVS level 1 and 2 once, and no other', () => {
    expect(REQUIREMENTS.size).toBe(253);
    expect(notApplicable.filter(({ reason, numbers }) => !reason || numbers.length === 0)).toEqual([]);
    const named = [
      ...applicable.map(({ number }) => number),
      ...notApplicable.flatMap(({ numbers }) => numbers),
    ];
    const byNumber = (one: string, other: string) =>
      one.localeCompare(other, 'en', { numeric: true }) || one.length - other.length;
    expect(named.sort(byNumber)).toEqual([...REQUIREMENTS.keys()].sort(byNumber));
  });

  it('gives each its level, a state that is known, and a way', () => {
    const wrong = applicable.filter(
      ({ number, level, what, state, how, more }) =>
        Number(level) !== REQUIREMENTS.get(number) ||
        !STATES.slice(0, 4).includes(state) ||
        !what ||
        !how ||
        more.length > 0,
    );
    expect(wrong).toEqual([]);
  });

  it('shows what is met by a test, or says where it can be read', () => {
    const claimed = applicable.filter(({ state }) => state === 'met' || state === 'partly');
    expect(claimed.filter(({ evidence }) => referencesIn(evidence).length === 0)).toEqual([]);
    // Without a test the page says so.
    const unsaid = applicable.flatMap(({ evidence }) =>
      referencesIn(evidence).filter(
        (reference) =>
          !/[.-]spec\.ts › /.test(reference) && !evidence.includes(`by reading: \`${reference}\``),
      ),
    );
    expect(unsaid).toEqual([]);
  });

  it('counts right', () => {
    const counted = STATES.map((state) => {
      const numbers =
        state === 'not applicable'
          ? notApplicable.flatMap(({ numbers: all }) => all)
          : applicable.filter((one) => one.state === state).map(({ number }) => number);
      const first = numbers.filter((number) => REQUIREMENTS.get(number) === 1).length;
      return [state, String(first), String(numbers.length - first), String(numbers.length)];
    });
    const stated = rows(new RegExp(`^(?:${STATES.join('|')})$`), section(asvs, 'Counts'));
    expect(stated).toEqual(counted);
  });
});

describe('docs/security.md', () => {
  it('names tests, files and words in them that are there', () => {
    const references = referencesIn(page + asvs);
    expect(references.length).toBeGreaterThan(100);
    expect(references.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });

  it('answers each of the ten risks to APIs once, in order', () => {
    const risks = rows(/^API\d/, page);
    expect(risks.map(([number]) => number)).toEqual(
      Array.from({ length: 10 }, (_, index) => `API${index + 1}`),
    );
    expect(risks.filter((cells) => cells.length !== 4 || referencesIn(cells[3] ?? '').length === 0)).toEqual(
      [],
    );
  });

  it('states the defaults of the limits', () => {
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
    const limits = rows(/^`[A-Z_]+`$/, section(page, 'Limits'));
    expect(limits.length).toBeGreaterThanOrEqual(5);
    for (const [name = '', value = ''] of limits)
      expect(example).toMatch(new RegExp(`^${name.slice(1, -1)}=${value.replace(/,|nobody’s/g, '')}$`, 'm'));
  });
});

describe('the check of references', () => {
  it('knows the titles of tests, whatever way they are written', () => {
    const source = `
      describe('outer', () => {
        it('one', () => {});
        it.each([['a', 1]])('two of %s', () => {});
        it.each<[string]>([
          ['it(', ')'],
        ])(
          'three, it’s \\'quoted\\'',
          () => {});
        it(\`four\`, () => {});
        it.skip('five', () => {});
        // it('six', () => {});
      });`;
    expect([...titlesIn(source)].sort()).toEqual(
      ['outer', 'one', 'two of %s', "three, it’s 'quoted'", 'four'].sort(),
    );
  });

  it.each([
    ['test/docs/nowhere.spec.ts › counts right', 'there is no such file'],
    ['test/docs/security.spec.ts › counts wrong', 'has no “counts wrong”'],
    ['test/docs/security.spec.ts', 'which test of it?'],
    ['test/docs/asvs.ts › words that are not there', 'has no “words'],
    ['test/docs/security.spec.ts › docs/asvs.md › counts wrong', 'has no “counts wrong”'],
  ])('finds that %s shows nothing', (reference, fault) => {
    expect(faultOf(reference)).toContain(fault);
    expect(faultOf('test/docs/security.spec.ts › docs/asvs.md › counts right')).toBeUndefined();
  });
});
