import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/processes.js';
import { builtScript } from '../support/product.build.js';

const START_LIMIT_MS = 60_000;

/** A program of the product in a process of its own. */
export class ProductProcess {
  private readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  /**
   * @param args script below `src/` and its arguments
   * @param env variables of the environment; of those that Silgi reads, only these are passed on
   */
  constructor(args: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
    const [script, ...rest] = args;
    const { PATH, HOME, TMPDIR } = process.env;
    this.child = spawn(process.execPath, ['--enable-source-maps', builtScript(script), ...rest], {
      env: { PATH, HOME, TMPDIR, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
  }

  /** What stands in its output, as soon as it does. @throws Error where it ends before */
  async says(pattern: RegExp): Promise<string> {
    let found: RegExpExecArray | null = null;
    await until(() => {
      found = pattern.exec(this.stdout);
      if (found === null && this.hasEnded) throw new Error(`It ended.\n${this.stdout}\n${this.stderr}`);
      return found !== null;
    }, START_LIMIT_MS);
    const [whole, part] = found as unknown as RegExpExecArray;
    return part ?? whole;
  }

  /** Address of the service, once it listens. */
  async url(): Promise<string> {
    return this.says(/"msg":"Listening at (http:[^"]+)"/);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Exit code, or the signal that ended it, once it has ended. */
  async ends(withinMs = START_LIMIT_MS): Promise<number | NodeJS.Signals | null> {
    await until(() => this.hasEnded, withinMs);
    return this.child.exitCode ?? this.child.signalCode;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** Process id of the embedded server of a data folder; undefined where none runs. */
export async function embeddedServerPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres-18', 'postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text.split('\n', 1)[0]);
}
