import { rm } from 'node:fs/promises';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { killWithChildren } from '../support/processes.js';
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
    await killWithChildren(this.server.pid);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.proxy.close();
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
