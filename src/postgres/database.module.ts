import { randomUUID } from 'node:crypto';
import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { getDataSourceToken, getEntityManagerToken, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { DatabaseLifecycle } from './database.lifecycle.js';
import { serviceOptions } from './database.options.js';
import { PoolUsage } from './pool.usage.js';

/** The one pool. It is opened by {@link DatabaseLifecycle}, not while the modules are put together. */
@Module({})
export class DatabaseModule {
  /**
   * @param url PostgreSQL URL of the login
   * @param entities classes of the tables
   * @param role what its sessions work as; the login's own privileges unless told
   * @param mustHave a table without which nothing is migrated
   */
  static forUrl(
    url: string,
    entities: readonly (abstract new (...args: never[]) => object)[],
    role?: string,
    mustHave?: string,
  ): DynamicModule {
    const log = new Logger('Database');
    const warn = (line: string) => {
      log.warn(line);
    };
    // Nest's module keeps names, and the entities under each name, for the whole process. Under a name of its own, what
    // is Silgi's never gets into the data source of an application that it is a part of, nor the other way round.
    const name = `silgi ${randomUUID()}`;
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRoot({
          ...serviceOptions(url, { warn }),
          name,
          entities: [...entities],
          manualInitialization: true,
        }),
      ],
      providers: [
        PoolUsage,
        { provide: DataSource, useExisting: getDataSourceToken(name) },
        { provide: EntityManager, useExisting: getEntityManagerToken(name) },
        {
          provide: DatabaseLifecycle,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new DatabaseLifecycle(dataSource, role, mustHave),
        },
      ],
      exports: [DataSource, EntityManager, DatabaseLifecycle, PoolUsage],
    };
  }
}
