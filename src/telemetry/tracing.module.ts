import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { RunObserver } from '../protocol/index.js';
import { databaseAttributes } from './database.attributes.js';
import type { TraceExport } from './otlp.export.js';

/** The {@link RunObserver} that traces; not there where nobody takes the traces. */
export const TRACING = Symbol('TRACING');
const TRACE_EXPORT = Symbol('TRACE_EXPORT');

/** Traces deletions to an OpenTelemetry collector. The libraries are loaded only where this module is. */
@Module({})
export class TracingModule implements OnApplicationShutdown {
  constructor(@Inject(TRACE_EXPORT) private readonly traces: TraceExport) {}

  /**
   * @param url where the collector takes traces by OTLP over HTTP
   * @param databaseUrl PostgreSQL URL of what is traced
   */
  static to(url: string, databaseUrl: string): DynamicModule {
    return {
      module: TracingModule,
      global: true,
      providers: [
        {
          provide: TRACE_EXPORT,
          useFactory: async (): Promise<TraceExport> =>
            (await import('./otlp.export.js')).openTraceExport(url),
        },
        {
          provide: TRACING,
          inject: [TRACE_EXPORT],
          useFactory: async ({ tracer }: TraceExport): Promise<RunObserver> =>
            new (await import('./deletion.tracing.js')).DeletionTracing(
              tracer,
              databaseAttributes(databaseUrl),
            ),
        },
      ],
      exports: [TRACING],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.traces.close();
  }
}
