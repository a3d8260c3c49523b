export { DeletionMetrics } from './deletion.metrics.js';
export { MetricsModule } from './metrics.module.js';
