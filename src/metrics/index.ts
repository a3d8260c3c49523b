export { DeletionMetrics } from './deletion.metrics.js';
export { HttpMetrics } from './http.metrics.js';
export { MetricsModule } from './metrics.module.js';
export { MetricsRegistry } from './metrics.registry.js';
export { ReadinessMetrics } from './readiness.metrics.js';
