import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  type INestApplicationContext,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
// Not the one factory of the process, which keeps whether the application that it makes may end the process.
import { NestFactoryStatic } from '@nestjs/core/nest-factory.js';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { configureHttp, DatabaseUnavailable, EventStreams } from '../admin/index.js';
import { adoptDeclaration, adoptNothing } from '../adoption/index.js';
import { TokenVerifier } from '../auth/index.js';
import { ConfigurationError, type Environment } from '../config/index.js';
import { DatabaseLifecycle } from '../postgres/index.js';
import { retentionPolicyOf } from '../retention/index.js';
import { ServiceModule } from '../service/index.js';
import { serviceLogger } from '../telemetry/index.js';
import { openAuditLog } from '../transparency-log/index.js';
import { HostLog } from './host.log.js';
import { environmentOf } from './library.environment.js';
import type { HostServer } from './host.server.js';
import type { SilgiOptions } from './silgi.options.js';

const WAIT_MS = 10_000;
/**
 * Nothing of the process is taken: no logger put in the place of the application's, no line of its start shown before it
 * wants to, and an error thrown instead of the process ended.
 */
const AS_A_GUEST = { bodyParser: false, abortOnError: false, autoFlushLogs: false };

/**
 * Silgi as a part of another Nest application: an application of its own, whose guards, pipes, filters, data source and
 * global modules end where it ends. It starts and stops with the other one.
 */
export class EmbeddedService implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly log = new Logger('Silgi');
  private readonly environment: Environment;
  private app: INestApplicationContext | undefined;
  private opening: Promise<boolean> | undefined;
  private isOpen = false;

  /** @throws ConfigurationError where an option is wrong */
  constructor(
    private readonly options: SilgiOptions,
    private readonly server: HostServer,
  ) {
    this.environment = environmentOf(options);
    // Now, as whatever the application uses itself comes later and would read the bodies of requests first.
    if (options.http !== undefined) server.mount(options.http.path);
  }

  /**
   * Starts, and waits a while for the database.
   *
   * @throws ConfigurationError where a key, the declaration or the retention policy cannot be read, another declaration is in force, or the application has no Express to answer below
   */
  async onModuleInit(): Promise<void> {
    const { http, migrations, declaration, waitMs = WAIT_MS } = this.options;
    if (declaration === undefined) adoptNothing();
    else await adoptDeclaration(declaration, 'declaration');
    this.app = http === undefined ? await this.withoutHttp() : await this.withHttp(http.path);
    const { databaseUrl, migrationDatabaseUrl } = this.environment;
    const ownerUrl = migrations === undefined ? undefined : (migrationDatabaseUrl ?? databaseUrl);
    this.opening = this.app
      .get(DatabaseLifecycle, { strict: false })
      .open(ownerUrl)
      .then((isOpen) => (this.isOpen = isOpen));
    const waited = new AbortController();
    const limit = pause(waitMs, undefined, { signal: waited.signal }).catch(() => undefined);
    await Promise.race([this.opening, limit]);
    waited.abort();
    if (!this.isOpen)
      this.log.warn(
        'The database has not been opened yet; until it is, every call is refused as unavailable.',
      );
  }

  private async withoutHttp(): Promise<INestApplicationContext> {
    const module = await this.module(undefined);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    return new NestFactoryStatic().createApplicationContext(module, AS_A_GUEST);
  }

  private async withHttp(mountPath: string): Promise<INestApplicationContext> {
    this.server.assertMounted();
    const module = await this.module(await TokenVerifier.of(this.environment));
    const adapter = new ExpressAdapter();
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const app = await new NestFactoryStatic().create<NestExpressApplication>(module, adapter, AS_A_GUEST);
    configureHttp(app, { ...this.environment, mountPath }, serviceLogger('debug', new HostLog()));
    await app.init();
    this.server.answerBy(adapter.getInstance());
    return app;
  }

  private async module(verifier: TokenVerifier | undefined) {
    const {
      databaseUrl = '',
      auditLog,
      batch,
      controller,
      tracesUrl,
      restoreWindowDays,
      deletionVetoes,
      timeZone,
    } = this.environment;
    const retentionPolicy = await retentionPolicyOf(this.environment, 'retentionPolicy');
    const home = this.options.sealing === undefined ? undefined : await openAuditLog(auditLog);
    const more = { tracesUrl, controller, restoreWindowDays, retentionPolicy, deletionVetoes, timeZone };
    const work = this.options.batches === undefined ? more : { ...more, batch };
    return ServiceModule.over(databaseUrl, verifier, home, work);
  }

  /**
   * Something of the product.
   *
   * @throws DatabaseUnavailable where the database has not been opened yet
   */
  get<T>(type: Type<T>): T {
    if (!this.isOpen) throw new DatabaseUnavailable(undefined, 'DATABASE_NOT_OPENED');
    return this.whatever(type);
  }

  /** The same, whether the database is open or not. */
  whatever<T>(type: Type<T>): T {
    if (this.app === undefined)
      throw new Error('Silgi was called before the application was initialised, or after it was closed.');
    return this.app.get(type, { strict: false });
  }

  /** @throws ConfigurationError where this was not asked for */
  assertOn(option: 'batches' | 'sealing'): void {
    if (this.options[option] === undefined)
      throw new ConfigurationError(`This Silgi has none: set ${option} in its options.`);
  }

  /** Streams that have no end would keep the application's server from its own. */
  beforeApplicationShutdown(): void {
    if (this.app !== undefined && this.options.http !== undefined)
      this.app.get(EventStreams, { strict: false }).beforeApplicationShutdown();
  }

  /** When the application answers no more: closes the pool, behind whatever is still at work. */
  async onApplicationShutdown(): Promise<void> {
    this.server.answerBy(undefined);
    this.isOpen = false;
    const { app, opening } = this;
    this.app = undefined;
    await app?.close();
    await opening;
  }
}
