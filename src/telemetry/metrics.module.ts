import { Global, Module } from '@nestjs/common';
import { DeletionMetrics } from './deletion.metrics.js';
import { HttpMetrics } from './http.metrics.js';
import { MetricsRegistry } from './metrics.registry.js';
import { PoolMetrics } from './pool.metrics.js';
import { RestorationMetrics } from './restoration.metrics.js';
import { ReadinessMetrics } from './readiness.metrics.js';

/** Global, because whoever has something to measure registers it in the one registry. */
@Global()
@Module({
  providers: [
    MetricsRegistry,
    DeletionMetrics,
    RestorationMetrics,
    HttpMetrics,
    PoolMetrics,
    ReadinessMetrics,
  ],
  exports: [MetricsRegistry, DeletionMetrics, RestorationMetrics, HttpMetrics, ReadinessMetrics],
})
export class MetricsModule {}
