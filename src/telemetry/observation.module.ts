import { Global, Module } from '@nestjs/common';
import { DeletionMetrics } from './deletion.metrics.js';
import { RestorationMetrics } from './restoration.metrics.js';
import { type RunObserver, RunObservers } from '../protocol/index.js';
import { TRACING } from './tracing.module.js';
import { DeletionLog } from './deletion.log.js';

/**
 * Global, because the orchestrator is observed by it without knowing of it. Deletions and restorations are counted; they are logged
 * where a DeletionLogModule is there, and traced where a TracingModule is.
 */
@Global()
@Module({
  providers: [
    {
      provide: RunObservers,
      inject: [
        DeletionMetrics,
        RestorationMetrics,
        { token: DeletionLog, optional: true },
        { token: TRACING, optional: true },
      ],
      useFactory: (...observers: (RunObserver | undefined)[]) =>
        new RunObservers(observers.filter((observer) => observer !== undefined)),
    },
  ],
  exports: [RunObservers],
})
export class ObservationModule {}
