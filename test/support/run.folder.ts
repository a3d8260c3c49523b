import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, until } from './processes.js';

/** Set by the run's set-up for the test workers. */
const RUN_FOLDER = 'SILGI_TEST_FOLDER';
/** The cluster of a server of Debian's (stock.server.ts), in a folder of its own like every other. */
export const STOCK_CLUSTER = 'postgres-stock';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A folder for a server of a test's own; whatever still runs in it goes at the end of the run. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(process.env[RUN_FOLDER] ?? tmpdir(), 'test-'));
}

/**
 * The temporary folder of one test run, with a data folder for every server that the run starts. It goes at
 * the end of the run with every server in it, also when the run is cut short by Ctrl-C or an exception.
 */
export class RunFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'silgi-test-'));

  constructor() {
    // PostgreSQL does not run as root: let its user pass.
    chmodSync(this.path, 0o711);
    process.env[RUN_FOLDER] = this.path;
    process.once('exit', this.removeAtOnce);
    for (const signal of SIGNALS) process.once(signal, this.removeOnSignal);
  }

  /** Ends the servers that still run and removes the folder. */
  async remove(): Promise<void> {
    process.off('exit', this.removeAtOnce);
    for (const signal of SIGNALS) process.off(signal, this.removeOnSignal);
    const pids = this.endServers();
    await until(() => !pids.some(isRunning));
    this.removeFiles();
  }

  /** Stops every server below the folder immediately; returns their process ids. */
  private endServers(): number[] {
    const clusters = readdirSync(this.path).flatMap((name) =>
      ['postgres-18', STOCK_CLUSTER].map((cluster) => join(this.path, name, cluster)),
    );
    const pids = clusters.flatMap((cluster) => postmasterOf(cluster) ?? []);
    for (const pid of pids) process.kill(pid, 'SIGQUIT');
    return pids;
  }

  private removeFiles(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private readonly removeAtOnce = (): void => {
    this.endServers();
    this.removeFiles();
  };

  private readonly removeOnSignal = (signal: NodeJS.Signals): void => {
    process.off('exit', this.removeAtOnce);
    this.removeAtOnce();
    process.kill(process.pid, signal);
  };
}

/** The server of a cluster; a process id that has gone to another program since does not count. */
function postmasterOf(cluster: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const pid = text.split('\n', 1)[0] ?? '';
  const ps = spawnSync('ps', ['-ww', '-o', 'args=', '-p', pid], { encoding: 'utf8' });
  return ps.error === undefined && ps.stdout.includes(cluster) ? Number(pid) : undefined;
}
