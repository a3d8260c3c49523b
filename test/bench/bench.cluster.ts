import { join } from 'node:path';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { databaseUrl, onServer } from '../support/database.js';
import { buildProduct, PRODUCT } from '../support/product.build.js';
import { RunFolder } from '../support/run.folder.js';

/**
 * Every commit reaches the disk, as in a hospital. What differs from the defaults keeps what comes by itself out of the
 * figures: no checkpoint and no autovacuum in one contender's turn; databases are emptied and vacuumed between turns.
 */
export const SERVER_SETTINGS = {
  shared_buffers: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
  max_connections: '200',
};
const TEMPLATE = 'bench_template';

/** The database server of a run, with its databases and the compiled product; it goes with the run. */
export class BenchCluster {
  private constructor(
    private readonly folder: RunFolder,
    private readonly server: EmbeddedServer,
  ) {}

  /** Starts the server on a free loopback port, migrates a template, and compiles the product. */
  static async start(settings: Readonly<Record<string, string>> = SERVER_SETTINGS): Promise<BenchCluster> {
    const folder = new RunFolder();
    try {
      const product = buildProduct(join(folder.path, 'product'));
      product.catch(() => undefined);
      const server = await EmbeddedServer.start({ dataDir: join(folder.path, 'cluster'), settings });
      const cluster = new BenchCluster(folder, server);
      await onServer(server.url, `CREATE DATABASE ${TEMPLATE} TEMPLATE template0`);
      await migrate(cluster.urlOf(TEMPLATE));
      // The worker processes of this run find it there.
      process.env[PRODUCT] = await product;
      return cluster;
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** URL of a login that owns everything on the server. */
  get url(): string {
    return this.server.url;
  }

  /** Process id of the server. */
  get pid(): number {
    return this.server.pid;
  }

  /** A folder of the run; it need not be there yet. */
  path(name: string): string {
    return join(this.folder.path, name);
  }

  /** Clones the migrated template. @returns the URL of the new database */
  async createDatabase(name: string): Promise<string> {
    await onServer(this.server.url, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    return this.urlOf(name);
  }

  async dropDatabase(name: string): Promise<void> {
    await onServer(this.server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  async stop(): Promise<void> {
    try {
      await this.server.stop();
    } finally {
      await this.folder.remove();
    }
  }

  private urlOf(name: string): string {
    return databaseUrl(this.server.url, name);
  }
}
