import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { MetricsRegistry } from '../telemetry/index.js';
import { OUTCOMES } from './batch.states.js';

/** How batches go, in `/metrics`. */
@Injectable()
export class BatchMetrics {
  private readonly items: Counter<'outcome'>;
  private readonly retries: Counter;
  private readonly batches: Gauge;
  private readonly removedBatches: Counter;
  private readonly removedItems: Counter;
  private readonly sweep: Gauge;

  constructor(registry: MetricsRegistry) {
    const registers = [registry];
    this.items = new Counter({
      name: 'silgi_batch_items_total',
      help: 'Lines of deletion batches that this process has brought to an end, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.retries = new Counter({
      name: 'silgi_batch_item_retries_total',
      help: 'Lines of deletion batches that this process has put back to be tried again.',
      registers,
    });
    this.batches = new Gauge({
      name: 'silgi_batches_running',
      help: 'Deletion batches that are running, in whatever process, as this process saw it last.',
      registers,
    });
    this.removedBatches = new Counter({
      name: 'silgi_batches_removed_total',
      help: 'Deletion batches that this process has removed because their retention was over.',
      registers,
    });
    this.removedItems = new Counter({
      name: 'silgi_batch_items_removed_total',
      help: 'Lines of such batches that this process has removed.',
      registers,
    });
    this.sweep = new Gauge({
      name: 'silgi_batch_retention_timestamp_seconds',
      help: 'When this process last had no batch left whose retention is over; 0 before the first time.',
      registers,
    });
    // A counter that first appears with its first event hides that event from every rate.
    for (const outcome of OUTCOMES) this.items.inc({ outcome }, 0);
  }

  ended(outcome: string): void {
    this.items.inc({ outcome });
  }

  putBack(): void {
    this.retries.inc();
  }

  batchesRemoved(batches: number): void {
    this.removedBatches.inc(batches);
  }

  linesRemoved(lines: number): void {
    this.removedItems.inc(lines);
  }

  swept(): void {
    this.sweep.setToCurrentTime();
  }

  running(batches: number): void {
    this.batches.set(batches);
  }
}
