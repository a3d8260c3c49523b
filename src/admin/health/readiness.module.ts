import { type DynamicModule, Module } from '@nestjs/common';
import { Readiness } from './readiness.js';

/** Whether patients can be deleted now, for whoever asks: the REST API, or the application that Silgi is a part of. */
@Module({})
export class ReadinessModule {
  /** @param modules what it asks: they export the catalogue guard, the probe and, where the log is sealed, the sealer */
  static over(modules: NonNullable<DynamicModule['imports']>): DynamicModule {
    return { module: ReadinessModule, imports: modules, providers: [Readiness], exports: [Readiness] };
  }
}
