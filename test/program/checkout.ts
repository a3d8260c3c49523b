import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { until } from '../support/processes.js';

const ROOT = resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 60_000;
/** As the product's own, but compiled in a moment: no types are loaded that the sources do not bring along. */
const SETTINGS = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    types: [],
    strict: true,
    skipLibCheck: true,
    sourceMap: true,
    rootDir: 'src',
  },
  include: ['src'],
  exclude: ['src/**/*.spec.ts'],
};
const SOURCES = {
  'src/node.d.ts': `declare const process: {
  argv: string[];
  exitCode: number;
  stdout: { write(text: string): void };
  stderr: { write(text: string): void };
  stdin: { once(event: 'data', then: () => void): void; destroy(): void };
};\n`,
  'src/word.ts': wordIs('one'),
  'src/cli/main.ts': `import { word } from '../word.js';\nprocess.stdout.write(word + '\\n');\n`,
};

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The source of a module that says one word; all of them have the same length for words of the same. */
export function wordIs(word: string): string {
  return `export const word: string = '${word}';\n`;
}

/** A checkout with the product's launcher and a small program of its own, which says the word of `src/word.ts`. */
export class Checkout {
  private constructor(readonly path: string) {}

  /** @param files further sources, by path */
  static async make(files: Readonly<Record<string, string>> = {}): Promise<Checkout> {
    const checkout = new Checkout(await mkdtemp(join(tmpdir(), 'silgi-checkout-')));
    await cp(join(ROOT, 'bin'), join(checkout.path, 'bin'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(checkout.path, 'node_modules'));
    await checkout.write('package.json', JSON.stringify({ type: 'module' }));
    await checkout.write('tsconfig.build.json', JSON.stringify(SETTINGS));
    for (const [name, text] of Object.entries({ ...SOURCES, ...files })) await checkout.write(name, text);
    return checkout;
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.path, name)), { recursive: true });
    await writeFile(join(this.path, name), text);
  }

  /** Starts the program, or another one of `bin`, in a process group of its own. */
  start(program = 'silgi'): Command {
    return new Command(join(this.path, 'bin', `${program}.mjs`));
  }

  /** Runs the program to its end. */
  run(): Promise<Ended> {
    return this.start().ended;
  }

  /** Paths of the builds, and of nothing half-made. */
  async builds(): Promise<string[]> {
    const names = await readdir(join(this.path, 'dist')).catch(() => []);
    return names.filter((name) => !name.startsWith('.')).map((name) => join(this.path, 'dist', name));
  }

  /** What is in `dist` besides builds, marks aside. */
  async leftovers(): Promise<string[]> {
    const names = await readdir(join(this.path, 'dist'));
    return names.filter((name) => name.startsWith('.') && name !== '.in-use');
  }

  /** Returns once some command is building. */
  async isBuilding(): Promise<void> {
    await until(() => existsSync(join(this.path, 'dist/.building')), START_LIMIT_MS);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** A command that runs. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private stdout = '';
  private stderr = '';

  constructor(script: string, stdout: 'pipe' | number = 'pipe') {
    this.child = spawn(process.execPath, [script], { stdio: ['pipe', stdout, 'pipe'], detached: true });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((done, fail) => {
      this.child.once('error', fail);
      this.child.once('close', (code) => {
        done({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Returns once it has said this on either stream. */
  async says(text: string): Promise<void> {
    await until(() => (this.stdout + this.stderr).includes(text), START_LIMIT_MS);
  }

  /** Kills it together with the compiler that it may have started. */
  kill(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGKILL');
  }
}
