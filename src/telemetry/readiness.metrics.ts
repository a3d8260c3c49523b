import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricsRegistry } from './metrics.registry.js';

/** Shows whether a deletion could go through. */
@Injectable()
export class ReadinessMetrics {
  private readonly gauge: Gauge;

  constructor(registry: MetricsRegistry) {
    this.gauge = new Gauge({
      name: 'silgi_ready',
      help: '1 where patients can be deleted, 0 where not: the answer of /health/ready at this moment.',
      registers: [registry],
    });
  }

  found(ready: boolean): void {
    this.gauge.set(ready ? 1 : 0);
  }
}
