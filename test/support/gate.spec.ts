import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  extentOf,
  failuresOf,
  isNamedAsTest,
  type JestResults,
  shortfalls,
  type Skip,
  skipFlaws,
  strays,
  unrun,
} from './gate.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const PROJECTS = ['unit', 'e2e', 'long', 'stock'];

/** Runs jest as npm does. @returns what it wrote to its standard output, whatever came of its tests */
async function jest(...args: string[]): Promise<string> {
  const node = ['--experimental-vm-modules', '--no-warnings', join(ROOT, 'node_modules/jest/bin/jest.js')];
  const run = promisify(execFile)(process.execPath, [...node, ...args], { cwd: ROOT });
  return run.then(
    ({ stdout }) => stdout,
    (failed: unknown) => (failed as { stdout: string }).stdout,
  );
}

/** Results of a run with files and their tests: `passed the title`. */
function resultsOf(files: Record<string, string[]>): JestResults {
  return {
    testResults: Object.entries(files).map(([name, tests]) => ({
      name,
      status: tests.length > 0 && tests.every((test) => !test.startsWith('failed')) ? 'passed' : 'failed',
      assertionResults: tests.map((test) => {
        const [status = '', ...title] = test.split(' ');
        return { status, fullName: title.join(' ') };
      }),
    })),
  };
}

describe('a focused test', () => {
  it('fails its whole file, however it was written', async () => {
    const config = {
      rootDir: ROOT,
      testEnvironment: '<rootDir>/test/support/environment.mjs',
      testMatch: ['<rootDir>/test/fixtures/gate/*.mjs'],
      transform: {},
    };
    const results = JSON.parse(await jest('--config', JSON.stringify(config), '--json')) as {
      testResults: { name: string; status: string; message: string }[];
    };
    const came = results.testResults.map(({ name, status, message }) => [
      name.split('/').at(-1),
      status,
      message.includes('is focused'),
    ]);
    expect(came.sort()).toEqual([
      ['focused-part.mjs', 'failed', true],
      ['focused-test.mjs', 'failed', true],
      ['whole.mjs', 'passed', false],
    ]);
  });
});

describe('every test file', () => {
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );

  it('is run by exactly one project of jest', async () => {
    const named = files.filter((file) => isNamedAsTest(file) && !file.startsWith('test/fixtures/'));
    expect(named.length).toBeGreaterThan(110);
    const lists = await Promise.all(
      PROJECTS.map((project) => jest('--listTests', '--json', '--selectProjects', project)),
    );
    const listed = (list: string) =>
      (JSON.parse(list) as string[]).map((path) => path.slice(ROOT.length + 1));
    const projects = Object.fromEntries(lists.map((list, at) => [PROJECTS[at] ?? '', listed(list)]));
    expect(strays(named, projects)).toEqual([]);
    expect(Object.values(projects).flat().sort()).toEqual(named.sort());
  }, 60_000);

  it('that no project runs, or two of them, is found', () => {
    const projects = { unit: ['a.spec.ts', 'b.spec.ts'], e2e: ['b.spec.ts'] };
    expect(strays(['a.spec.ts', 'b.spec.ts', 'c.spec.tsx'], projects)).toEqual([
      'b.spec.ts: run by unit and e2e',
      'c.spec.tsx: run by no project',
    ]);
  });

  it.each([
    'src/a.spec.ts',
    'src/a.test.ts',
    'src/a.Spec.mjs',
    'src/a.specs.ts',
    'src/a_test.js',
    'test/a.e2e-spec.tsx',
    'src/__tests__/a.ts',
    'test/aTest.ts',
    'test/spec.ts',
  ])('is known by its name: %s', (path) => {
    expect(isNamedAsTest(path)).toBe(true);
  });

  it.each(['src/clinical/tests.ts', 'src/clinical/test-result.entity.ts', 'test/support/patients.ts'])(
    'is not taken for one: %s',
    (path) => {
      expect(isNamedAsTest(path)).toBe(false);
    },
  );
});

describe('the tally', () => {
  const skip: Skip = { run: 'others', title: 'fills a disk', unless: 'root', reason: 'mounts one' };
  const never = () => false;

  it('counts what has run, and not what was skipped', () => {
    const results = resultsOf({ a: ['passed one', 'failed two', 'pending three'], b: ['pending four'] });
    expect(extentOf(results)).toEqual({ suites: 1, tests: 2 });
  });

  it('names the tests that failed, and the file that could not be run', () => {
    const results = resultsOf({ a: ['passed one', 'failed two', 'failed three'], b: [], c: ['passed four'] });
    expect(failuresOf(results)).toEqual(['two', 'three', 'b could not be run']);
  });

  it('refuses a run of fewer suites or tests than its floor, and one without a floor', () => {
    expect(shortfalls('long', { suites: 2, tests: 9 }, { suites: 2, tests: 9 })).toEqual([]);
    expect(shortfalls('long', { suites: 1, tests: 8 }, { suites: 2, tests: 9 })).toHaveLength(2);
    expect(shortfalls('chaos', { tests: Number.NaN }, { tests: 1 })).toHaveLength(1);
    expect(shortfalls('new', { tests: 8 }, undefined)).toHaveLength(1);
  });

  it.each(['pending', 'todo', 'disabled', 'skipped'])(
    'refuses a test that is %s without a reason',
    (status) => {
      const others = resultsOf({ a: ['passed one', `${status} two`] });
      expect(skipFlaws({ others }, [], never)).toEqual(['skipped without a reason: others: two']);
    },
  );

  it('accepts a skip with its reason, where its condition does not hold', () => {
    const others = resultsOf({ a: ['passed one', 'pending fills a disk'] });
    expect(skipFlaws({ others }, [skip], never)).toEqual([]);
    const refused = 'skipped without a reason: others: fills a disk';
    expect(skipFlaws({ others }, [skip], (condition) => condition === 'root')).toEqual([refused]);
    expect(skipFlaws({ long: others }, [skip], never)).toEqual([refused.replace('others', 'long')]);
  });

  it('refuses a reason for what is not skipped any more, in a run that took place', () => {
    const others = resultsOf({ a: ['passed fills a disk'] });
    expect(skipFlaws({ others }, [skip], never)).toEqual(['not skipped any more: others: fills a disk']);
    expect(skipFlaws({ long: others }, [skip], never)).toEqual([]);
  });

  it('refuses a file that has not run, or twice', () => {
    const runs = [resultsOf({ a: [], b: [] }), resultsOf({ b: [] })];
    expect(unrun(runs, ['a', 'b', 'c'])).toEqual([
      'b has run 2 times in this gate',
      'c has run 0 times in this gate',
    ]);
  });

  it('knows a reason for every skip of its list', () => {
    const { skips } = JSON.parse(readFileSync(join(import.meta.dirname, 'gate.json'), 'utf8')) as {
      skips: Skip[];
    };
    expect(skips.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
