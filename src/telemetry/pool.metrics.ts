import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { PoolUsage } from '../postgres/index.js';
import { MetricsRegistry } from './metrics.registry.js';

/** Shows the database pool as it is when it is asked for. */
@Injectable()
export class PoolMetrics {
  constructor(registry: MetricsRegistry, pool: PoolUsage) {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(value());
        },
      });
    gauge('silgi_pool_open_clients', 'Database connections that are open.', () => pool.count().total);
    gauge(
      'silgi_pool_idle_clients',
      'Open database connections that wait for work.',
      () => pool.count().idle,
    );
    gauge(
      'silgi_pool_waiting_requests',
      'Callers that wait for a database connection.',
      () => pool.count().waiting,
    );
    gauge(
      'silgi_pool_limit_clients',
      'The most database connections that may be open.',
      () => pool.count().limit,
    );
  }
}
