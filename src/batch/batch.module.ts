import { type DynamicModule, Module } from '@nestjs/common';
import type { BatchSettings } from '../config/index.js';
import { OrchestratorModule } from '../orchestrator/index.js';
import { ProtocolModule } from '../protocol/index.js';
import { BatchIntake } from './batch.intake.js';
import { BATCH_SETTINGS, BatchLoop } from './batch.loop.js';
import { BatchMetrics } from './batch.metrics.js';
import { BatchQueue } from './batch.queue.js';
import { BatchRetention } from './batch.retention.js';
import { BatchRetentionLoop } from './batch.retention.loop.js';
import { BatchWakeUp } from './batch.wake-up.js';
import { BatchWorker } from './batch.worker.js';
import { DeletionBatches } from './deletion.batches.js';

/** Deletions of many patients, each one atomic for itself (docs/deletion-batches.md). Works when it is asked to. */
@Module({
  imports: [OrchestratorModule, ProtocolModule],
  providers: [
    DeletionBatches,
    BatchIntake,
    BatchQueue,
    BatchWakeUp,
    BatchMetrics,
    BatchRetention,
    BatchWorker,
  ],
  exports: [DeletionBatches, BatchRetention, BatchWorker],
})
export class BatchModule {}

/** Works at batches, and removes old ones, by itself as long as the application runs. */
@Module({})
export class BatchLoopModule {
  static with(settings: BatchSettings): DynamicModule {
    return {
      module: BatchLoopModule,
      imports: [BatchModule],
      providers: [BatchLoop, BatchRetentionLoop, { provide: BATCH_SETTINGS, useValue: settings }],
    };
  }
}
