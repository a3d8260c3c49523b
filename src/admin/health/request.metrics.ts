import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { ErasureRequests } from '../../patient/index.js';
import { MetricsRegistry } from '../../telemetry/index.js';

/** A scraper does not wait for a database that says nothing. */
const WITHIN_MS = 2_000;

/** Shows how many requests of data subjects wait for an answer. */
@Injectable()
export class RequestMetrics {
  private readonly waiting: Gauge<'state'>;
  private counting: Promise<void> | undefined;

  constructor(
    registry: MetricsRegistry,
    private readonly requests: ErasureRequests,
  ) {
    this.waiting = new Gauge({
      name: 'silgi_erasure_requests',
      help:
        'Requests of data subjects that nobody has answered, by state: open, overdue (open, and their day is over), deferred ' +
        '(a legal hold stands), late (deferred, and their day is over). Missing where the database did not say in time.',
      labelNames: ['state'],
      registers: [registry],
    });
  }

  /** Counts them anew, one count at a time; where that fails or takes too long, no figure is shown. */
  count(): Promise<void> {
    this.counting ??= this.look().finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  forget(): void {
    this.waiting.reset();
  }

  private async look(): Promise<void> {
    try {
      const figures = await this.requests.waiting(AbortSignal.timeout(WITHIN_MS));
      for (const [state, requests] of Object.entries(figures)) this.waiting.set({ state }, Number(requests));
    } catch {
      this.forget();
    }
  }
}
