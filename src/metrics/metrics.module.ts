import { Global, Module } from '@nestjs/common';
import { StepObserver } from '../orchestrator/index.js';
import { DeletionMetrics } from './deletion.metrics.js';

/** Global, because the orchestrator is observed by it without knowing of it. */
@Global()
@Module({
  providers: [DeletionMetrics, { provide: StepObserver, useExisting: DeletionMetrics }],
  exports: [DeletionMetrics, StepObserver],
})
export class MetricsModule {}
