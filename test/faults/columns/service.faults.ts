import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../../support/processes.js';
import type { Fault, Heard, Scene } from '../fault.js';
import type { CellStep } from '../matrix.js';
import { Stage } from '../stage.js';
import { failureAt } from '../verdict.js';
import { noticedByTheNextMessage } from './session.faults.js';

const SCRIPT = new URL('../service.child.ts', import.meta.url).pathname;
/** Past the 30 s after which the server ends an idle transaction. */
const IDLE_LIMIT_MS = 60_000;
const open = () => Stage.open();

/** The service in a process of its own, which signals itself at the scene's step. */
class Service {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor({ stage, step, action, command }: Scene, signal: NodeJS.Signals) {
    const node = ['--import', '@swc-node/register/esm-register', SCRIPT];
    const args = [...node, stage.database.url, step, signal, action.name, JSON.stringify(command)];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface(this.process.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
  }

  /** The next thing it says; undefined where it has ended. */
  async next<Said>(): Promise<Said | undefined> {
    const line = await this.lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as Said);
  }

  /** Lets it strike, and then goes on as told; the process does not outlive this. */
  static async strikes(
    scene: Scene,
    signal: NodeJS.Signals,
    then: (service: Service, backendPid: number) => Promise<Heard>,
  ): Promise<Heard> {
    const service = new Service(scene, signal);
    try {
      const said = await service.next<{ struck: CellStep; backendPid: number }>();
      if (said !== undefined) scene.struck.push(said.struck);
      return await then(service, said?.backendPid ?? 0);
    } finally {
      service.process.kill('SIGKILL');
    }
  }
}

async function backendIsGone({ database }: Stage, pid: number): Promise<boolean> {
  return (await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0;
}

/** The service is killed: nobody answers, and nobody rolls back but the server. */
const serviceKilled: Fault = {
  code: 'SIG',
  title: 'the service is killed (SIGKILL) at the step',
  slow: () => true,
  short: ['lock', 'mark patient', 'commit', 'answer'],
  unrecorded: true,
  open,
  set: () => ({}),
  deliver: (scene) =>
    Service.strikes(scene, 'SIGKILL', async ({ process }, backendPid) => {
      if (process.signalCode === null) await once(process, 'exit');
      if (process.signalCode !== 'SIGKILL') throw new Error('The service was not killed.');
      await until(() => backendIsGone(scene.stage, backendPid));
      return { died: true };
    }),
};

/** The service stands still for longer than the server keeps an idle transaction open, and then goes on. */
const serviceFrozen: Fault = {
  code: 'IDL',
  title: 'the service freezes (SIGSTOP) at the step until the server has ended the idle transaction (30 s)',
  slow: () => true,
  short: [],
  open,
  shows: ({ step }) => noticedByTheNextMessage(step),
  set: ({ step }) => ({
    error: failureAt(noticedByTheNextMessage(step) ?? step, 'SHARD_UNAVAILABLE'),
    resolvesTo: 'N',
  }),
  deliver: (scene) =>
    Service.strikes(scene, 'SIGSTOP', async (service, backendPid) => {
      await until(() => backendIsGone(scene.stage, backendPid), IDLE_LIMIT_MS);
      service.process.kill('SIGCONT');
      const said = await service.next<{ heard: Heard }>();
      if (service.process.exitCode === null) await once(service.process, 'exit');
      return said?.heard ?? {};
    }),
};

/** Faults of the service's own process. */
export const serviceFaults: readonly Fault[] = [serviceKilled, serviceFrozen];
