import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DatabaseLifecycle } from './database.lifecycle.js';
import { serviceOptions } from './database.options.js';
import { PoolUsage } from './pool.usage.js';

/** The service's one pool. It is opened by {@link DatabaseLifecycle}, not while the modules are put together. */
@Module({})
export class DatabaseModule {
  /**
   * @param url PostgreSQL URL of the login
   * @param role what its sessions work as; the login's own privileges unless told
   */
  static forUrl(url: string, role?: string): DynamicModule {
    const log = new Logger('Database');
    const warn = (line: string) => {
      log.warn(line);
    };
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRoot({
          ...serviceOptions(url, { warn }),
          autoLoadEntities: true,
          manualInitialization: true,
        }),
      ],
      providers: [
        PoolUsage,
        {
          provide: DatabaseLifecycle,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new DatabaseLifecycle(dataSource, role),
        },
      ],
      exports: [DatabaseLifecycle, PoolUsage],
    };
  }
}
