import { existsSync, writeFileSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';

/**
 * The environment of every test file. A file with a focused test (`it.only`, `fdescribe` …) fails as a whole: jest
 * itself knows of each, however it was written. To run one test, name it: `npm run jest -- -t "its title"`.
 * Where SILGI_FIRST_FAILURE names a file, the first test that fails makes it, and none behind it is run.
 */
export default class extends TestEnvironment {
  handleTestEvent({ name, test }, { hasFocusedTests }) {
    if (name === 'run_start' && hasFocusedTests)
      throw new Error('A test of this file is focused (.only, fit, fdescribe): the others would not run.');
    const firstFailure = process.env['SILGI_FIRST_FAILURE'];
    if (firstFailure === undefined) return;
    if (name === 'test_done' && test.errors.length > 0) writeFileSync(firstFailure, '');
    if (name === 'test_start' && existsSync(firstFailure)) test.mode = 'skip';
  }
}
