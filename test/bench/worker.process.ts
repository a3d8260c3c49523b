import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Block, BlockTimes, WorkerAnswer } from './workers/block.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** A contender, or the client of one, in a process of its own: its work takes no time from anybody's event loop. */
export class WorkerProcess {
  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * Starts a file of `workers/` and waits until it is ready.
   *
   * @param env what it is told beside the environment of this process
   * @throws Error with what it says where it does not get ready
   */
  static async start(name: string, env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
    const child = fork(join(import.meta.dirname, 'workers', `${name}.ts`), {
      cwd: ROOT,
      env: { ...process.env, ...env, NODE_ENV: 'production' },
      execArgv: ['--import', '@swc-node/register/esm-register'],
    });
    const worker = new WorkerProcess(name, child);
    await worker.answer();
    return worker;
  }

  /** Lets it delete these patients. @throws Error with what it says where one could not be deleted */
  async run(block: Block): Promise<BlockTimes> {
    const answer = this.answer();
    this.child.send(block);
    return (await answer) as BlockTimes;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  private answer(): Promise<WorkerAnswer> {
    return new Promise((settle, reject) => {
      const onExit = (code: number | null) => {
        reject(new Error(`The worker ${this.name} ended (${code ?? 'by a signal'}).`));
      };
      this.child.once('exit', onExit);
      this.child.once('message', (answer: WorkerAnswer) => {
        this.child.off('exit', onExit);
        if ('failure' in answer) reject(new Error(`The worker ${this.name} failed: ${answer.failure}`));
        else settle(answer);
      });
    });
  }
}
