import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** Set by the cluster's set-up for the test workers. */
export const PRODUCT = 'SILGI_TEST_PRODUCT';
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/**
 * Compiles the product into a folder of its own, so that it starts as fast as it does in a hospital and stays the
 * same for a whole run. Types are not checked: `npm run types` does that.
 *
 * @returns the absolute path of its main file
 * @throws Error with what the compiler says
 */
export async function buildProduct(folder: string): Promise<string> {
  await mkdir(folder);
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const dist = join(folder, 'dist');
  const options = ['-p', join(ROOT, 'tsconfig.build.json'), '--noCheck', '--outDir', dist];
  try {
    await promisify(execFile)(process.execPath, [COMPILER, ...options]);
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`The product does not compile:\n${stdout ?? ''}`, { cause: error });
  }
  return join(dist, 'main.js');
}

/**
 * A program of the product as this run has built it, once for all test files.
 *
 * @param script below `src`, such as `cli/main.ts`
 */
export function builtScript(script: string): string {
  const main = process.env[PRODUCT];
  if (main === undefined)
    throw new Error('The product was not built: the set-up of the e2e project has not run.');
  return join(dirname(main), script.replace(/\.ts$/, '.js'));
}
