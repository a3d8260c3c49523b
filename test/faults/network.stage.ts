import { createTestDatabase, serverUrl } from '../support/database.js';
import { WireProxy } from '../support/wire.proxy.js';
import { Stage } from './stage.js';
import { SteadyDatabase } from './steady.database.js';

/** A stage whose service reaches the database through a proxy that can lose messages. */
export class NetworkStage extends Stage {
  proxy: WireProxy;

  static override async open(): Promise<NetworkStage> {
    const database = new SteadyDatabase(await createTestDatabase());
    const proxy = await WireProxy.before(serverUrl());
    const url = new URL(proxy.url);
    url.pathname = database.name;
    const stage = new NetworkStage(...(await Stage.parts(database, url.href)));
    stage.proxy = proxy;
    return stage;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.proxy.close();
  }
}
