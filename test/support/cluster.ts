import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { databaseUrl, onServer, SERVER_URL, TEMPLATE } from './database.js';
import { buildProduct, PRODUCT } from './product.build.js';
import { RunFolder } from './run.folder.js';

/** Of a server that lasts no longer than its tests. */
export const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_prepared_transactions: '20',
};

/** The database server of one test run: one of its own, or the one that TEST_DATABASE_URL names. */
export class TestCluster {
  private readonly folder = new RunFolder();
  private readonly template = `silgi_test_${randomBytes(4).toString('hex')}`;
  private serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
  private own: EmbeddedServer | undefined;

  /**
   * Starts the server, migrates the template, builds the product unless it is given, and tells the test workers through
   * the environment.
   */
  static async start(): Promise<TestCluster> {
    const cluster = new TestCluster();
    try {
      const given = process.env[PRODUCT];
      const product =
        given === undefined ? buildProduct(join(cluster.folder.path, 'product')) : Promise.resolve(given);
      product.catch(() => undefined);
      await cluster.startServer();
      await cluster.makeTemplate();
      process.env[PRODUCT] = await product;
      return cluster;
    } catch (error) {
      // jest calls no globalTeardown where globalSetup has failed; the first error is the one to see.
      await cluster.end().catch(() => undefined);
      throw error;
    }
  }

  private async startServer(): Promise<void> {
    if (this.serverUrl === '') {
      this.own = await EmbeddedServer.start({
        dataDir: join(this.folder.path, 'cluster'),
        settings: SETTINGS,
      });
      this.serverUrl = this.own.url;
    }
    process.env[SERVER_URL] = this.serverUrl;
    process.env[TEMPLATE] = this.template;
  }

  private async makeTemplate(): Promise<void> {
    await onServer(this.serverUrl, `CREATE DATABASE ${this.template} TEMPLATE template0`);
    await migrate(databaseUrl(this.serverUrl, this.template));
    // A database that nobody can enter can always be cloned.
    await onServer(this.serverUrl, `ALTER DATABASE ${this.template} WITH ALLOW_CONNECTIONS false`);
  }

  /** Removes what the run has made: the servers with their folders, or the databases on a server that was given. */
  async end(): Promise<void> {
    try {
      if (this.own === undefined) await this.dropDatabases();
      else await this.own.stop();
    } finally {
      await this.folder.remove();
    }
  }

  private async dropDatabases(): Promise<void> {
    const made = await onServer<{ datname: string }>(
      this.serverUrl,
      "SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\\_%'",
      [this.template],
    );
    for (const { datname } of made) await onServer(this.serverUrl, `DROP DATABASE ${datname} WITH (FORCE)`);
  }
}
