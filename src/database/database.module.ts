import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseLifecycle } from './database.lifecycle.js';
import { serviceOptions } from './database.options.js';

/** The service's one pool. It is opened by {@link DatabaseLifecycle}, not while the modules are put together. */
@Module({})
export class DatabaseModule {
  /** @param url PostgreSQL URL of the service's login */
  static forUrl(url: string): DynamicModule {
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
      providers: [DatabaseLifecycle],
      exports: [DatabaseLifecycle],
    };
  }
}
