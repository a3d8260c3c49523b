// Ends .ci/run: adds up what jest and the smoke run have counted themselves, and prints it in one line. Each
// argument is a step and its exit code, `test=1`; a step that failed without a failed test counts as one failure.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const RESULTS = resolve(import.meta.dirname, '../../test-results');

const read = (name) =>
  existsSync(join(RESULTS, name)) ? readFileSync(join(RESULTS, name), 'utf8') : undefined;

/** What jest has counted in both of its runs; a file that could not be run, and a run that did not come off, are failures. */
function jest() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const run of ['protocol', 'others']) {
    const text = read(`${run}.json`);
    if (text === undefined) console.error(`The tests of "${run}" left no results.`);
    const counted = text === undefined ? { numFailedTests: 1 } : JSON.parse(text);
    sum.passed += counted.numPassedTests ?? 0;
    sum.failed += (counted.numFailedTests ?? 0) + (counted.numRuntimeErrorTestSuites ?? 0);
    sum.skipped += (counted.numPendingTests ?? 0) + (counted.numTodoTests ?? 0);
  }
  return sum;
}

/** What Node's test runner has counted. */
function smoke() {
  const text = read('smoke.tap');
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const counts = {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
  return Number.isNaN(counts.passed + counts.failed + counts.skipped) ? undefined : counts;
}

const counted = { test: jest, smoke };
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const argument of process.argv.slice(2)) {
  const [step, code] = argument.split('=');
  const counts = counted[step]?.();
  for (const name of Object.keys(sum)) sum[name] += counts?.[name] ?? 0;
  if (step in counted && counts === undefined) console.error(`The step ${step} left no results.`);
  const uncounted =
    code !== '0' ? (counts?.failed ?? 0) === 0 : step in counted && (counts?.passed ?? 0) === 0;
  if (!uncounted) continue;
  console.error(`The step ${step} failed with exit code ${code}, not by one of its tests: see above.`);
  sum.failed += 1;
}

const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed === 0 ? 0 : 1;
