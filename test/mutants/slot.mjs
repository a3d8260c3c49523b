import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { projectsOf, ROOT, suitesOf } from './mutated.mjs';

const COPIED = [
  'bin',
  'src',
  'test',
  'package.json',
  'jest.config.js',
  'tsconfig.json',
  'tsconfig.build.json',
];
const LIMIT_MS = 240_000;
/** Roles belong to the whole server: what may touch them, or the server itself, runs on a server of its own. */
const NEEDS_SERVER = /role|migrat|embedded|lifecycle/;

/**
 * A copy of the repository in which one mutation after the other is tried. What jest has transformed and what tsc has
 * built stays for the next one; only the mutated file is built anew.
 */
export class Slot {
  constructor(folder, product, serverUrl) {
    Object.assign(this, { folder, product, serverUrl });
  }

  /** @param built the product as it is, built */
  static async make(folder, built, serverUrl) {
    await mkdir(folder);
    for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const product = join(folder, 'product');
    await cp(built, product, { recursive: true });
    return new Slot(folder, product, serverUrl);
  }

  /**
   * Tries one mutation.
   *
   * @returns {Promise<{ red: boolean, by: string, seconds: number }>} whether a test turned red, which one, or why none
   */
  async judge(mutation) {
    const { file, text } = mutation;
    await this.put(file, text);
    const started = performance.now();
    try {
      const verdict = await this.run(mutation);
      return { ...verdict, seconds: Math.round((performance.now() - started) / 100) / 10 };
    } finally {
      await this.put(file, readFileSync(join(ROOT, file), 'utf8'));
    }
  }

  /** Writes a file of the copy, and what tsc makes of it. */
  async put(file, text) {
    await writeFile(join(this.folder, file), text);
    if (!/^src\/.*\.ts$/.test(file)) return;
    const compilerOptions = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config
      .compilerOptions;
    const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, noEmit: false }, ROOT);
    const { outputText } = ts.transpileModule(text, { compilerOptions: options, fileName: file });
    await writeFile(join(this.product, file.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js')), outputText);
  }

  /** Runs suites on the copy as it is, which have to pass: whatever turns red then is no mutation's doing. */
  async control(suites) {
    const { red, by } = await this.run({ file: '', suites });
    if (red || by !== '') throw new Error(`Without a mutation, ${suites} does not pass: ${by}`);
  }

  /** Runs the suites up to the first test that fails. */
  async run({ file, suites }) {
    const output = join(this.folder, 'results.json');
    const firstFailure = join(this.folder, 'first-failure');
    for (const path of [output, firstFailure]) await rm(path, { force: true });
    const args = [
      ...['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'],
      ...['--selectProjects', ...projectsOf(suitesOf({ suites })), '--testPathPatterns', `/test/${suites}`],
      // What a mutation left waiting for ever keeps no run from its end.
      ...['--runInBand', '--forceExit', '--coverage=false', '--testTimeout=60000'],
      ...['--json', '--outputFile', output],
      ...['--cacheDirectory', join(this.folder, '.jest')],
    ];
    const env = {
      ...process.env,
      SILGI_FIRST_FAILURE: firstFailure,
      SILGI_TEST_PRODUCT: join(this.product, 'dist', 'main.js'),
    };
    if (!NEEDS_SERVER.test(`${file} ${suites}`)) env.TEST_DATABASE_URL = this.serverUrl;
    const jest = spawn(process.execPath, args, { cwd: this.folder, stdio: 'ignore', env });
    const limits = [
      setTimeout(() => jest.kill('SIGTERM'), LIMIT_MS),
      setTimeout(() => jest.kill('SIGKILL'), LIMIT_MS + 15_000),
    ];
    await once(jest, 'close');
    for (const limit of limits) clearTimeout(limit);
    return existsSync(output)
      ? verdictOf(JSON.parse(readFileSync(output, 'utf8')))
      : { red: false, by: 'the run was not brought to its end' };
  }
}

/** A mutant is killed by a test that failed, by jest's own word, and not by a run that came to nothing. */
function verdictOf({ testResults, numPassedTests }) {
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  if (failed.length > 0) return { red: true, by: failed[0].fullName };
  const [broken] = testResults.filter(({ status }) => status === 'failed');
  if (broken === undefined && numPassedTests > 0) return { red: false, by: '' };
  return { red: false, by: `no test ran: ${broken?.message.slice(0, 300) ?? 'none was found'}` };
}
