import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { ErasureRequests } from '../../patient/index.js';
import { MetricsRegistry } from '../../telemetry/index.js';

/** Shows how many requests of data subjects wait for an answer. */
@Injectable()
export class RequestMetrics {
  private readonly waiting: Gauge<'state'>;

  constructor(
    registry: MetricsRegistry,
    private readonly requests: ErasureRequests,
  ) {
    this.waiting = new Gauge({
      name: 'silgi_erasure_requests',
      help:
        'Requests of data subjects that nobody has answered, by state: open, overdue (open, and their day is over), deferred ' +
        '(a legal hold stands). Missing where the database could not be asked.',
      labelNames: ['state'],
      registers: [registry],
    });
  }

  /** Counts them anew; where that fails, no figure is shown. */
  async count(): Promise<void> {
    try {
      const { open, overdue, deferred } = await this.requests.waiting();
      for (const [state, requests] of Object.entries({ open, overdue, deferred }))
        this.waiting.set({ state }, requests);
    } catch {
      this.forget();
    }
  }

  forget(): void {
    this.waiting.reset();
  }
}
