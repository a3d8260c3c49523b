import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildToRun } from './build.mjs';
import { NotBuilt } from './compile.mjs';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Runs a program of the product in this process, built from the sources as they are now.
 *
 * @param {string} program its path below the build, such as `cli/main.js`
 */
export async function launch(program) {
  outliveReaders();
  process.setSourceMapsEnabled(true);
  try {
    const build = await buildToRun(ROOT, (line) => process.stderr.write(`${line}\n`));
    program = join(build, program);
  } catch (error) {
    if (!(error instanceof NotBuilt)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  await import(pathToFileURL(program).href);
}

/**
 * Whoever reads the output may close the pipe (`… | head -1`): the work goes on to its end, unheard, and the exit
 * code says how it went. Output that is lost for any other reason is a failure.
 */
function outliveReaders() {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }) => {
      if (code === 'EPIPE' || process.exitCode === 1) return;
      process.exitCode = 1;
      process.stderr.write(`The output could not be written (${code}).\n`);
    });
}
