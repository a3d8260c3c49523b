import { spawn } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
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

  /** Runs the suites up to the first test that fails. */
  run({ file, suites }) {
    const projects = projectsOf(suitesOf({ suites }));
    const args = ['--selectProjects', ...projects, '--testPathPatterns', `/test/${suites}`];
    const how = [
      '--bail',
      '--runInBand',
      '--coverage=false',
      '--testTimeout=60000',
      '--cacheDirectory',
      join(this.folder, '.jest'),
    ];
    const env = {
      ...process.env,
      NO_COLOR: '1',
      SILGI_FIRST_FAILURE: 'enough',
      SILGI_TEST_PRODUCT: join(this.product, 'dist', 'main.js'),
    };
    if (!NEEDS_SERVER.test(`${file} ${suites}`)) env.TEST_DATABASE_URL = this.serverUrl;
    const jest = spawn(
      process.execPath,
      ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...args, ...how],
      { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], env, detached: true },
    );
    let output = '';
    jest.stderr.on('data', (chunk) => (output += String(chunk)));
    const limit = setTimeout(() => process.kill(-jest.pid, 'SIGTERM'), LIMIT_MS);
    return new Promise((resolve) => {
      jest.on('close', (code) => {
        clearTimeout(limit);
        resolve(verdictOf(code, output));
      });
    });
  }
}

/** A mutant is killed by a test that failed, not by a run that came to nothing. */
function verdictOf(code, output) {
  const [, by] = /●.*? › (.*)/.exec(output) ?? [];
  const failed = /^Tests:.*\b\d+ failed/m.test(output);
  if (failed && code !== 0 && by !== undefined) return { red: true, by };
  return {
    red: false,
    by: /^Tests:.*\b\d+ passed/m.test(output) ? '' : `no test ran: ${output.slice(0, 300)}`,
  };
}
