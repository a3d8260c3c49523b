import { type DynamicModule, Module } from '@nestjs/common';
import type { BatchSettings } from '../config/index.js';
import { OrchestratorModule } from '../orchestrator/index.js';
import { ProtocolModule } from '../protocol/index.js';
import { BatchIntake } from './batch.intake.js';
import { BATCH_SETTINGS, BatchLoop } from './batch.loop.js';
import { BatchMetrics } from './batch.metrics.js';
import { BatchQueue } from './batch.queue.js';
import { BatchWakeUp } from './batch.wake-up.js';
import { BatchWorker } from './batch.worker.js';
import { DeletionBatches } from './deletion.batches.js';

/** Deletions of many patients, each one atomic for itself (docs/deletion-batches.md). Works when it is asked to. */
@Module({
  imports: [OrchestratorModule, ProtocolModule],
  providers: [DeletionBatches, BatchIntake, BatchQueue, BatchWakeUp, BatchMetrics, BatchWorker],
  exports: [DeletionBatches, BatchWorker],
})
export class BatchModule {}

/** Works at batches by itself as long as the application runs. */
@Module({})
export class BatchLoopModule {
  static with(settings: BatchSettings): DynamicModule {
    return {
      module: BatchLoopModule,
      imports: [BatchModule],
      providers: [BatchLoop, { provide: BATCH_SETTINGS, useValue: settings }],
    };
  }
}
