import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Neither a wrong result (1) nor a wrong call (2): the command has not begun. */
const EXIT_NOT_BUILT = 3;

/** There is no program to run. The message is for whoever wanted to run it. */
export class NotBuilt extends Error {
  name = 'NotBuilt';

  /**
   * @param {string} why
   * @param {unknown} [cause]
   * @param {number} [exitCode]
   */
  constructor(why, cause, exitCode = EXIT_NOT_BUILT) {
    super(`Silgi could not be built, and nothing was run: ${why}`, { cause });
    this.exitCode = exitCode;
  }
}

/**
 * Compiles the sources with the TypeScript of the checkout.
 *
 * @param {string} root
 * @param {string} outDir
 * @param {(line: string) => void} say
 * @param {string} [project] the settings of the compiler
 * @throws NotBuilt with the compiler's own message, or where a signal came meanwhile
 */
export async function compile(root, outDir, say, project = 'tsconfig.build.json') {
  const args = ['--project', project, '--outDir', outDir, '--pretty', 'false'];
  const tsc = compilerOf(root);
  let compiler;
  let said = '';
  let interruptedBy;
  const stop = (signal) => {
    interruptedBy = signal;
    compiler.kill('SIGKILL');
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    say('Building …');
    compiler = spawn(process.execPath, [tsc, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [compiler.stdout, compiler.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    const [code, signal] = await once(compiler, 'close');
    if (interruptedBy !== undefined)
      throw new NotBuilt('interrupted.', undefined, 128 + constants.signals[interruptedBy]);
    if (code !== 0) throw new NotBuilt(said.trim() || `the compiler ended with ${code ?? signal}.`);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

function compilerOf(root) {
  try {
    return createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc');
  } catch (error) {
    throw new NotBuilt('TypeScript is not installed here. `npm ci` installs it.', error);
  }
}
