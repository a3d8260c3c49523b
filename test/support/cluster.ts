import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedServer, migrate } from '../../src/database/index.js';
import { databaseUrl, onServer, SERVER_URL, TEMPLATE } from './database.js';

const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_prepared_transactions: '20',
};
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The database server of one test run: one of its own, or the one that TEST_DATABASE_URL names. */
export class TestCluster {
  private constructor(
    private readonly serverUrl: string,
    private readonly template: string,
    private readonly own: OwnServer | undefined,
  ) {}

  /** Starts the server, migrates the template, and tells the test workers through the environment. */
  static async start(): Promise<TestCluster> {
    const given = process.env['TEST_DATABASE_URL'];
    const own = given === undefined || given === '' ? await OwnServer.start() : undefined;
    const serverUrl = own?.url ?? given ?? '';
    const cluster = new TestCluster(serverUrl, `silgi_test_${randomBytes(4).toString('hex')}`, own);
    try {
      await cluster.makeTemplate();
    } catch (error) {
      await cluster.end();
      throw error;
    }
    process.env[SERVER_URL] = serverUrl;
    process.env[TEMPLATE] = cluster.template;
    return cluster;
  }

  private async makeTemplate(): Promise<void> {
    await onServer(this.serverUrl, `CREATE DATABASE ${this.template} TEMPLATE template0`);
    await migrate(databaseUrl(this.serverUrl, this.template));
    // A database that nobody can enter can always be cloned.
    await onServer(this.serverUrl, `ALTER DATABASE ${this.template} WITH ALLOW_CONNECTIONS false`);
  }

  /** Removes whatever the run has made: the server with its folder, or its databases on a server that was given. */
  async end(): Promise<void> {
    if (this.own !== undefined) return this.own.end();
    const made = await onServer<{ datname: string }>(
      this.serverUrl,
      "SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\\_%'",
      [this.template],
    );
    for (const { datname } of made) await onServer(this.serverUrl, `DROP DATABASE ${datname} WITH (FORCE)`);
  }
}

/** An embedded server in a temporary folder; both go even when the run is cut short. */
class OwnServer {
  private constructor(
    private readonly folder: string,
    private readonly server: EmbeddedServer,
  ) {
    process.once('exit', this.endAtOnce);
    for (const signal of SIGNALS) process.once(signal, this.endOnSignal);
  }

  static async start(): Promise<OwnServer> {
    const folder = await mkdtemp(join(tmpdir(), 'silgi-test-'));
    try {
      return new OwnServer(folder, await EmbeddedServer.start({ dataDir: folder, settings: SETTINGS }));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.server.url;
  }

  async end(): Promise<void> {
    process.off('exit', this.endAtOnce);
    for (const signal of SIGNALS) process.off(signal, this.endOnSignal);
    if ((await this.server.stop()) === 'left-running') process.kill(this.server.pid, 'SIGQUIT');
    while (this.isRunning()) await delay(20);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private isRunning(): boolean {
    try {
      return process.kill(this.server.pid, 0);
    } catch {
      return false;
    }
  }

  private readonly endAtOnce = (): void => {
    if (this.isRunning()) process.kill(this.server.pid, 'SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };

  private readonly endOnSignal = (signal: NodeJS.Signals): void => {
    process.off('exit', this.endAtOnce);
    this.endAtOnce();
    process.kill(process.pid, signal);
  };
}
