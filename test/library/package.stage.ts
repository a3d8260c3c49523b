import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/run.folder.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKED_OF = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.package.json'];
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs a program to its end. @throws with all that it wrote */
export async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(file, args, { cwd, maxBuffer: OUTPUT_LIMIT })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs a copy of the checkout, whose own builds stay as they are. @returns the path of the tarball */
export async function pack(): Promise<string> {
  const copy = await temporaryFolder();
  for (const name of [...PACKED_OF, 'README.md', 'bin'])
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  const filter = (source: string) => !source.endsWith('.spec.ts');
  await cp(join(ROOT, 'src'), join(copy, 'src'), { recursive: true, filter });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const said = await run('npm', ['pack', '--json', '--silent'], copy);
  const { filename } = (JSON.parse(said.slice(said.indexOf('['))) as [{ filename: string }])[0];
  return join(copy, filename);
}

/** The example with the package out of its tarball, and everything else linked to the packages of this checkout. */
export async function installExample(tarball: string): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(ROOT, 'examples/embedded'), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'silgi'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'silgi')], folder);
  return folder;
}

/** Removes what {@link pack} and {@link installExample} have made. */
export async function remove(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
