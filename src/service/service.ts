import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureHttp, startBanner } from '../admin/index.js';
import { AppModule } from '../app.module.js';
import { developmentToken, ROLES, type TokenVerifier } from '../auth/index.js';
import type { Environment } from '../config/index.js';
import { EmbeddedServer } from '../embedded-postgres/index.js';
import { DatabaseLifecycle } from '../postgres/index.js';
import type { RetentionPolicy } from '../retention/index.js';
import { NestLog, serviceLogger } from '../telemetry/index.js';
import { openAuditLog } from '../transparency-log/index.js';
import { ServiceModule } from './service.module.js';

const WATCH_INTERVAL_MS = 2_000;

/** The service from start to stop. */
export class Service {
  private readonly log = new Logger('Service');
  private readonly stopping = new AbortController();
  private starting: Promise<void> | undefined;
  private watching: Promise<void> | undefined;
  private app: NestExpressApplication | undefined;
  private server: EmbeddedServer | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly verifier: TokenVerifier,
    private readonly retentionPolicy: RetentionPolicy,
  ) {}

  /** Returns once the service listens; the database is opened behind it, for as long as that takes. */
  start(): Promise<void> {
    this.starting = this.listen();
    return this.starting;
  }

  private async listen(): Promise<void> {
    const { databaseUrl, dataDir, host, port, logLevel } = this.environment;
    const logger = serviceLogger(logLevel);
    Logger.overrideLogger(new NestLog(logger));
    if (databaseUrl === undefined) this.server = await EmbeddedServer.start({ dataDir });
    const url = databaseUrl ?? this.server?.url ?? '';
    const { auditLog, tracesUrl, batch, controller } = this.environment;
    const { restoreWindowDays, deletionVetoes, timeZone } = this.environment;
    const home = await openAuditLog(auditLog);
    const module = ServiceModule.over(url, this.verifier, home, {
      tracesUrl,
      batch,
      controller,
      restoreWindowDays,
      retentionPolicy: this.retentionPolicy,
      deletionVetoes,
      timeZone,
    });
    const options = { bodyParser: false, abortOnError: false, logger: new NestLog(logger) };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    this.app = await NestFactory.create<NestExpressApplication>(module, options);
    configureHttp(this.app, this.environment, logger);
    await this.app.listen(port, host);
    this.log.log(`Listening at ${await this.app.getUrl()}`);
    void this.openDatabase(this.app, this.environment.migrationDatabaseUrl ?? url);
    if (this.server !== undefined) this.watching = this.keepRunning(this.app, this.server);
  }

  /** Waits for the database, however long, and then says how to use the service. */
  private async openDatabase(app: NestExpressApplication, migrationUrl: string): Promise<void> {
    try {
      if (!(await app.get(DatabaseLifecycle).open(migrationUrl))) return;
      if (this.environment.demoData) await this.loadDemoData(migrationUrl);
      const url = await app.getUrl();
      const { swaggerUi } = this.environment;
      const { isTTY: isTerminal = false } = process.stdout as { isTTY?: boolean };
      const banner = { url, swaggerUi, database: this.whereabouts(), token: await this.token(), isTerminal };
      process.stdout.write(`${await startBanner(app, banner)}\n`);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.log.error('The start could not be brought to its end', error);
    }
  }

  private async loadDemoData(ownerUrl: string): Promise<void> {
    // Loaded where it is asked for: a hospital's service never does.
    const { DemoLoader, DemoModule } = await import('../demo/index.js');
    const root = AppModule.forDatabase(ownerUrl);
    const module = { ...root, imports: [...(root.imports ?? []), DemoModule] };
    const options = { abortOnError: false };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const app = await NestFactory.createApplicationContext(module, options);
    try {
      await app.get(DatabaseLifecycle).open(ownerUrl);
      await app.get(DemoLoader).loadIntoEmptyDatabase((line) => {
        this.log.log(line);
      });
    } finally {
      await app.close();
    }
  }

  private async token(): Promise<string | undefined> {
    if (this.environment.tokenIssuer !== undefined) return undefined;
    const token = { subject: 'developer', roles: ROLES, expiresIn: '12h' };
    return developmentToken(this.environment, token);
  }

  /** Where the data is, without user and password. */
  private whereabouts(): string {
    const { databaseUrl, dataDir } = this.environment;
    if (databaseUrl === undefined) return `embedded PostgreSQL, for development only, in ${dataDir}`;
    const { host, pathname } = new URL(databaseUrl);
    return `PostgreSQL ${host}${pathname}`;
  }

  /** Starts the embedded server again where it died; it keeps its address, and the pool finds it there. */
  private async keepRunning(app: NestExpressApplication, server: EmbeddedServer): Promise<void> {
    const { signal } = this.stopping;
    const lifecycle = app.get(DatabaseLifecycle);
    const wait = () => pause(WATCH_INTERVAL_MS, true, { signal, ref: false }).catch(() => false);
    while (await wait()) {
      if ((await lifecycle.readiness()).database === 'up') continue;
      const { pid } = server;
      try {
        await server.startAgain();
        if (server.pid !== pid) this.log.warn('The embedded database had died and was started again.');
      } catch (error) {
        this.log.error('The embedded database has died and could not be started again', error);
      }
    }
  }

  /** Stops accepting, lets the running requests finish, closes the pool, and stops the server where it is ours. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.starting?.catch(() => undefined);
    await this.watching;
    await this.app?.close();
    await this.server?.stop();
  }
}
