import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedServer } from '../../src/database/index.js';
import { isRunning, until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { WireProxy } from '../support/wire.proxy.js';
import { Stage } from './stage.js';
import { SteadyDatabase } from './steady.database.js';

/** A stage on a database server of its own, reached through a proxy. */
export class ServerStage extends Stage {
  server: EmbeddedServer;
  proxy: WireProxy;
  private dataDir: string;

  static override async open(): Promise<ServerStage> {
    const dataDir = await temporaryFolder();
    const server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
    const proxy = await WireProxy.before(server.url);
    const stage = new ServerStage(...(await Stage.parts(SteadyDatabase.at(server.url), proxy.url)));
    return Object.assign(stage, { server, proxy, dataDir });
  }

  /** Kills every process of the server at once, as a crash of the machine would; returns once all are gone. */
  async crash(): Promise<void> {
    const pids = [this.server.pid, ...(await childrenOf(this.server.pid))];
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // A backend may end by itself between being listed and being killed.
      }
    }
    await until(() => !pids.some(isRunning));
  }

  override async close(): Promise<void> {
    await super.close();
    await this.proxy.close();
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid ?? 0);
}
