import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 90_000;
const ASK_EVERY_MS = 25;

/** How a service process is started. */
export interface ServiceOptions {
  /** Its number in the history, from 0. */
  readonly number: number;
  /** The compiled product's main file. */
  readonly entry: string;
  readonly port: number;
  /** What it is told beside its port. */
  readonly env: NodeJS.ProcessEnv;
  /** File to which it writes. */
  readonly log: string;
  /** Is told where it ends and nobody has ended it. */
  readonly onDeath: (what: string) => void;
}

/** One process of the product, reached over HTTP; it can be killed and is then started again on its port. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private up: Promise<void> = Promise.resolve();
  private ending = false;

  constructor(private readonly options: ServiceOptions) {}

  get number(): number {
    return this.options.number;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  /** Resolves while it is ready, or as soon as it is again. @throws Error where it does not come back */
  whenUp(): Promise<void> {
    return this.up;
  }

  /** Starts the process and waits until it says that it is ready. */
  start(): Promise<void> {
    const { entry, port, env, log } = this.options;
    const file = openSync(log, 'a', 0o600);
    // A session of its own: Ctrl-C reaches the run alone, which then ends its services.
    this.child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
      detached: true,
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    this.ending = false;
    this.child.once('exit', (code, signal) => {
      if (!this.ending)
        this.options.onDeath(`service ${this.number} ended by itself (${signal ?? code ?? ''})`);
    });
    this.up = this.becomeReady(this.child);
    // Whoever waits for it is told; nobody may be waiting.
    this.up.catch(() => undefined);
    return this.up;
  }

  private async becomeReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_LIMIT_MS;
    while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
      const signal = AbortSignal.timeout(5_000);
      const ready = await fetch(`${this.url}/api/v1/health/ready`, { signal }).catch(() => undefined);
      await ready?.arrayBuffer().catch(() => undefined);
      if (ready?.status === 200) return;
      await pause(ASK_EVERY_MS);
    }
    throw new Error(
      `Service ${this.number} did not become ready (it ended with ${child.exitCode ?? child.signalCode ?? 'nothing'}).`,
    );
  }

  /** SIGKILL, and started again. @returns whether there was a process to kill */
  async killAndRestart(): Promise<boolean> {
    const child = this.child;
    const killed = this.signal('SIGKILL');
    if (child !== undefined && killed) await ended(child);
    await this.start();
    return killed;
  }

  /** The lines of its log that say that it could not go on. */
  async lastWords(): Promise<string[]> {
    const lines = (await readFile(this.options.log, 'utf8')).split('\n');
    return lines.filter((line) => line.includes('"level":"fatal"'));
  }

  /** @returns whether the process lived */
  signal(signal: NodeJS.Signals): boolean {
    const { child } = this;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.ending = true;
    return child?.exitCode === null && child.signalCode === null && child.kill(signal);
  }

  /** Stops it in order. @returns undefined where that went well, else what happened */
  async stop(): Promise<string | undefined> {
    const { child } = this;
    if (child === undefined || !this.signal('SIGTERM')) return `service ${this.number} was not running`;
    const late = AbortSignal.timeout(STOP_LIMIT_MS);
    const stopped = ended(child);
    const inTime = await Promise.race([stopped.then(() => true), once(late, 'abort').then(() => false)]);
    if (!inTime) this.signal('SIGKILL');
    await stopped;
    if (child.exitCode === 0) return undefined;
    return `service ${this.number} ended with ${child.exitCode ?? child.signalCode ?? 'nothing'} when told to stop`;
  }
}

/** The service that was drawn where it is up, else the first that is up again. */
export function firstUp(drawn: ServiceProcess, all: readonly ServiceProcess[]): Promise<ServiceProcess> {
  return Promise.any([drawn, ...all].map((service) => service.whenUp().then(() => service)));
}

/** A TCP port that was free on the loopback address a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
