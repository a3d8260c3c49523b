import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './run.folder.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CONFIGURATION = ['package.json', 'tsconfig.json', 'eslint.config.js', '.prettierrc.json'];
const LIMIT_MS = 60_000;

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  /** What it wrote, both streams. */
  readonly output: string;
}

/** The product's sources in a folder of their own, to try what a developer would add to them. */
export class ProductCopy {
  private constructor(readonly path: string) {}

  /**
   * Copies `src` without its specs, and adds files.
   *
   * @param files content by path below the copy, or a path below the repository after `copy:`
   */
  static async with(files: Readonly<Record<string, string>>): Promise<ProductCopy> {
    const path = await temporaryFolder();
    await cp(join(ROOT, 'src'), join(path, 'src'), {
      recursive: true,
      filter: (source) => !source.endsWith('.spec.ts'),
    });
    for (const name of CONFIGURATION) await cp(join(ROOT, name), join(path, name));
    await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
    for (const [name, content] of Object.entries(files)) {
      const target = join(path, name);
      await mkdir(dirname(target), { recursive: true });
      if (content.startsWith('copy:')) await cp(join(ROOT, content.slice('copy:'.length)), target);
      else await writeFile(target, content);
    }
    return new ProductCopy(path);
  }

  /** Runs Node in the copy, with TypeScript understood. */
  async run(...args: string[]): Promise<Ended> {
    const options = { cwd: this.path, timeout: LIMIT_MS, killSignal: 'SIGKILL' as const };
    const node = ['--import', '@swc-node/register/esm-register', ...args];
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, node, options);
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
      return { code: code ?? null, output: stdout + stderr };
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
