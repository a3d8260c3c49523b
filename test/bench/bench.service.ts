import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from 'jose';
import { freePort } from '../chaos/service.process.js';
import { builtScript } from '../support/product.build.js';
import type { Memory } from './results.js';

const ISSUER = 'https://id.hospital.example';
const AUDIENCE = 'silgi';
const ALGORITHM = 'RS256';
const START_LIMIT_MS = 120_000;
const COLLECT_HOOK = new URL('workers/collect.hook.mjs', import.meta.url).href;
const ASK_EVERY_MS = 5;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The key of an issuer as hospitals have one: the service reads its public half from a file. */
export class BenchIssuer {
  private constructor(
    private readonly keys: GenerateKeyPairResult,
    private readonly file: string,
  ) {}

  /** @param folder is made */
  static async in(folder: string): Promise<BenchIssuer> {
    const keys = await generateKeyPair(ALGORITHM);
    await mkdir(folder);
    const file = join(folder, 'jwks.json');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'bench', alg: ALGORITHM };
    await writeFile(file, JSON.stringify({ keys: [jwk] }));
    return new BenchIssuer(keys, file);
  }

  /** A token with every role, for longer than any run. */
  token(): Promise<string> {
    return new SignJWT({ roles: ['system-admin', 'privacy-officer', 'auditor'] })
      .setProtectedHeader({ alg: ALGORITHM, kid: 'bench', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject('bench')
      .setIssuedAt()
      .setExpirationTime('12h')
      .sign(this.keys.privateKey);
  }

  get variables() {
    return { AUTH_JWKS: this.file, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
  }
}

/** Where a service with this data folder keeps its audit log, as variables of the product. */
export function logVariables(folder: string) {
  return { NODE_ENV: 'production', AUDIT_LOG_ORIGIN: 'bench.example/audit-log', DATA_DIR: folder };
}

/** The compiled product as a process, with the settings of production, its log in a file and no limit of requests. */
export class BenchService {
  /** From the start of the process to the first answer that it is ready, in milliseconds. */
  readonly readyAfterMs: number;

  private constructor(
    private readonly child: ChildProcess,
    /** What the commands of the product are told to work on the same database with the same key. */
    readonly commandVariables: Readonly<Record<string, string>>,
    readonly url: string,
    readonly token: string,
    started: number,
  ) {
    this.readyAfterMs = performance.now() - started;
  }

  /**
   * @param folder its data folder; what a former process left there is used again
   * @param settings variables beside those of every run
   * @throws Error with the end of its log where it does not become ready
   */
  static async start(
    databaseUrl: string,
    folder: string,
    issuer: BenchIssuer,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BenchService> {
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const { PATH, HOME, TMPDIR } = process.env;
    const commandVariables = { ...logVariables(folder), DATABASE_URL: databaseUrl };
    const env = {
      PATH,
      HOME,
      TMPDIR,
      CONTROLLER_NAME: 'Bench',
      ...issuer.variables,
      ...commandVariables,
      HOST: '127.0.0.1',
      PORT: String(port),
      RATE_LIMIT_PER_MINUTE: '1000000',
      FAILED_SIGN_INS_PER_MINUTE: '1000000',
      ...settings,
    };
    const log = join(folder, 'service.log');
    const file = openSync(log, 'a', 0o600);
    const started = performance.now();
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--import', COLLECT_HOOK, builtScript('main.ts')],
      { env, cwd: folder, stdio: ['ignore', file, file, 'ipc'] },
    );
    closeSync(file);
    endWithThisProcess(child);
    const url = `http://127.0.0.1:${port}`;
    const lastAnswer = await notReady(child, url);
    if (lastAnswer !== undefined) {
      child.kill('SIGKILL');
      const said = (await readFile(log, 'utf8')).slice(-2_000);
      throw new Error(`The service did not become ready. It answered: ${lastAnswer}\nIts log:\n${said}`);
    }
    return new BenchService(child, commandVariables, url, await issuer.token(), started);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What a worker that asks it over HTTP is told. */
  get variables() {
    return { BENCH_SERVICE_URL: this.url, BENCH_TOKEN: this.token };
  }

  /** The process with those it has started. */
  pids(): Promise<number[]> {
    return withChildren(this.pid);
  }

  /** Resident memory of the process and of those it has started, in bytes. */
  async rss(): Promise<number> {
    const texts = (await this.pids()).map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
    const sizes = (await Promise.all(texts)).map((text) => Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? 0));
    const sum = sizes.reduce((all, size) => all + size, 0) * 1024;
    return sum > 0 ? sum : ((await this.metrics()).get('process_resident_memory_bytes') ?? NaN);
  }

  /** Collects all garbage. @returns what the process holds then */
  async collect(): Promise<Memory> {
    const { rss, heapUsed } = (await this.ask('collect')) as Memory;
    return { rss, heapUsed };
  }

  /** Does the work while V8 notes which functions the process is in: they are slower for that. */
  async profiled(work: () => Promise<unknown>): Promise<Profiler.Profile> {
    await this.ask('profile');
    await work();
    return (await this.ask('profiled')) as Profiler.Profile;
  }

  private async ask(question: string): Promise<unknown> {
    const answer = once(this.child, 'message');
    this.child.send(question);
    return ((await answer) as [unknown])[0];
  }

  /** Files, sockets and pipes that are open; undefined where the system does not tell. */
  async openFiles(): Promise<number | undefined> {
    const folders = (await this.pids()).map((pid) => readdir(`/proc/${pid}/fd`).catch(() => undefined));
    const counts = (await Promise.all(folders)).map((files) => files?.length);
    return counts.reduce((sum, count) =>
      sum === undefined || count === undefined ? undefined : sum + count,
    );
  }

  /** Everything of `/metrics`, by name with labels as it stands there. */
  async metrics(): Promise<Map<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  /** CPU time of all its threads since it was started. */
  async cpuSeconds(): Promise<number> {
    return (await this.metrics()).get('process_cpu_seconds_total') ?? NaN;
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

const children = new Set<ChildProcess>();

/** However this process ends, no service outlives it. */
function endWithThisProcess(child: ChildProcess): void {
  if (children.size === 0) {
    process.once('exit', killChildren);
    for (const signal of SIGNALS) process.prependOnceListener(signal, killChildren);
  }
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size > 0) return;
    for (const event of ['exit', ...SIGNALS]) process.off(event, killChildren);
  });
}

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** @returns undefined once it is ready, else its last answer */
async function notReady(child: ChildProcess, url: string): Promise<string | undefined> {
  const deadline = performance.now() + START_LIMIT_MS;
  let last = 'nothing';
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`${url}/api/v1/health/ready`).catch(() => undefined);
    last = (await answer?.text()) ?? last;
    if (answer?.status === 200) return undefined;
    await pause(ASK_EVERY_MS);
  }
  return last;
}

async function withChildren(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter((part) => part !== '');
  const below = await Promise.all(children.map((child) => withChildren(Number(child))));
  return [pid, ...below.flat()];
}
