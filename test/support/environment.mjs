import { TestEnvironment } from 'jest-environment-node';

/**
 * The environment of every test file. A file with a focused test (`it.only`, `fdescribe` …) fails as a whole: jest
 * itself knows of each, however it was written. To run one test, name it: `npm run jest -- -t "its title"`.
 * With SILGI_FIRST_FAILURE=enough a file runs none of its tests behind the first that fails.
 */
export default class extends TestEnvironment {
  hasFailed = false;

  handleTestEvent({ name, test }, { hasFocusedTests }) {
    if (name === 'run_start' && hasFocusedTests)
      throw new Error('A test of this file is focused (.only, fit, fdescribe): the others would not run.');
    if (process.env['SILGI_FIRST_FAILURE'] !== 'enough') return;
    if (name === 'test_done') this.hasFailed ||= test.errors.length > 0;
    if (name === 'test_start' && this.hasFailed) test.mode = 'skip';
  }
}
