// What npm runs before it packs: the one build that the package has, in a folder that `exports` can name.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile, NotBuilt } from './compile.mjs';
import { seal } from './digest.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const BUILD = join(ROOT, 'dist', 'package');

rmSync(BUILD, { recursive: true, force: true });
try {
  const say = (line) => process.stderr.write(`${line}\n`);
  await compile(ROOT, BUILD, say, 'tsconfig.package.json');
  seal(BUILD);
} catch (error) {
  if (!(error instanceof NotBuilt)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
