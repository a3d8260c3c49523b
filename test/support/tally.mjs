// Ends .ci/run and `npm test`: adds up what the runners have counted themselves and holds it against gate.json; the
// last line is "N passed, N failed, N skipped", and before it stands by name whatever failed. Each argument is a step
// and its exit code, `test=1`. A step that failed without a failed test is one failure, and so is each flaw of the gate.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GATE_SHARE, MUTATIONS } from '../mutants/mutations.mjs';
import { extentOf, failuresOf, shortfalls, skipFlaws, unrun } from './gate.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'test-results');
/** The runs of jest in each step; those that are not repeated run every test file once between them. */
const JEST_RUNS = {
  test: ['protocol', 'others'],
  long: ['long'],
  fuzz: ['fuzz'],
  faults: ['faults'],
  stock: ['stock'],
};
const REPEATED = ['faults', 'stock'];

const { floors, skips } = JSON.parse(readFileSync(join(import.meta.dirname, 'gate.json'), 'utf8'));
floors.mutants = { tests: Math.floor(MUTATIONS.length / GATE_SHARE) };

/** What a skip of gate.json depends on. */
const CONDITIONS = {
  root: () => process.platform === 'linux' && process.geteuid?.() === 0,
  'sample data': () => existsSync(join(ROOT, '../shared/data/synthea-small')),
  'public schemas': () => existsSync(join(ROOT, '../shared/schemas/ddl.mjs')),
  poppler: () => spawnSync('pdfinfo', ['-v']).error === undefined,
};

const read = (name) =>
  existsSync(join(RESULTS, name)) ? readFileSync(join(RESULTS, name), 'utf8') : undefined;
const readJson = (name) => {
  const text = read(name);
  return text === undefined ? undefined : JSON.parse(text);
};

const ofJest = {};
/** What failed, by name. */
const failures = [];

/** What jest has counted in the runs of a step; a file that could not be run is a failure. */
function jest(step) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const run of JEST_RUNS[step]) {
    const results = readJson(`${run}.json`);
    if (results === undefined) {
      flaws.push(`The tests of "${run}" left no results.`);
      continue;
    }
    ofJest[run] = results;
    failures.push(...failuresOf(results).map((name) => `${run}: ${name}`));
    sum.passed += results.numPassedTests;
    sum.failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
    sum.skipped += results.numPendingTests + results.numTodoTests;
    flaws.push(...shortfalls(run, extentOf(results), floors[run]));
  }
  return sum;
}

/** What Node's test runner has counted. */
function smoke() {
  const text = read('smoke.tap');
  failures.push(...[...(text ?? '').matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => `smoke: ${name}`));
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const counts = {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
  if (counts.skipped > 0) flaws.push(`skipped without a reason: ${counts.skipped} tests of the smoke run`);
  return Number.isNaN(counts.passed + counts.failed + counts.skipped) ? undefined : counts;
}

/** A mutant that was killed has passed; one that survived, or of which no test ran, has failed. */
function mutants() {
  const results = readJson('mutants.json');
  if (results === undefined) return undefined;
  const killed = results.filter(({ red }) => red).length;
  failures.push(
    ...results.filter(({ red }) => !red).map(({ name, by }) => `mutants: ${name} survived ${by}`),
  );
  return { passed: killed, failed: results.length - killed, skipped: 0 };
}

/** A promise that was kept has passed. */
function chaos() {
  const report = readJson('chaos.json');
  if (report === undefined) return undefined;
  const broken = report.verdicts.filter(({ verdict }) => verdict === 'BROKEN');
  failures.push(...broken.map(({ property }) => `chaos: ${property} was broken`));
  const verdicts = (of) => report.verdicts.filter(({ verdict }) => verdict === of).length;
  return { passed: verdicts('kept'), failed: broken.length, skipped: 0 };
}

const flaws = [];
const counted = {
  ...Object.fromEntries(Object.keys(JEST_RUNS).map((step) => [step, jest])),
  smoke,
  mutants,
  chaos,
};
const sum = { passed: 0, failed: 0, skipped: 0 };
const steps = process.argv.slice(2).map((argument) => argument.split('='));
for (const [step, code] of steps) {
  const counts = counted[step]?.(step);
  for (const name of Object.keys(sum)) sum[name] += counts?.[name] ?? 0;
  if (step in counted && counts === undefined) flaws.push(`The step ${step} left no results.`);
  if (counts !== undefined && counted[step] !== jest)
    flaws.push(...shortfalls(step, { tests: counts.passed + counts.failed }, floors[step]));
  if (code !== '0' && (counts?.failed ?? 0) === 0)
    flaws.push(`The step ${step} failed with exit code ${code}, not by one of its tests: see above.`);
}

/** The test files that these steps run once each: those of long runs with their step only. */
function expectedFiles() {
  const kinds = 'long' in ofJest ? /\.spec\.ts$|\.(e2e|long)-spec\.ts$/ : /\.spec\.ts$|\.e2e-spec\.ts$/;
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => kinds.test(name) && !name.startsWith('fixtures/'))
      .map((name) => join(ROOT, folder, name)),
  );
}

flaws.push(...skipFlaws(ofJest, skips, (condition) => CONDITIONS[condition]()));
const once = Object.keys(ofJest).filter((run) => !REPEATED.includes(run));
if (once.includes('others')) {
  const results = once.map((run) => ofJest[run]);
  flaws.push(...unrun(results, expectedFiles()));
}

for (const failure of failures) console.error(`FAILED ${failure}`);
for (const flaw of flaws) console.error(flaw);
sum.failed += flaws.length;
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed === 0 ? 0 : 1;
