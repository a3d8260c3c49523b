import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import {
  ALL_RESTORATION_STEPS,
  RESTORATION,
  RESTORATION_REFUSALS,
  RestorationRefused,
} from '../orchestrator/index.js';
import { ActionFailed, OutcomePending, type Run, type RunEnd, type RunObserver } from '../protocol/index.js';
import { DURATION_BUCKETS } from './deletion.metrics.js';
import { MetricsRegistry } from './metrics.registry.js';

/** Counts and times what undoes deletions. Holds no id and no name of anybody. */
@Injectable()
export class RestorationMetrics implements RunObserver {
  private readonly restorations: Counter<'outcome'>;
  private readonly refusals: Counter<'refusal'>;
  private readonly failures: Counter<'phase' | 'shard' | 'code'>;
  private readonly durations: Histogram<'outcome'>;

  constructor(registry: MetricsRegistry) {
    const registers = [registry];
    this.restorations = new Counter({
      name: 'silgi_restorations_total',
      help: 'Restorations asked for, by outcome: RESTORED, REPLAYED, PENDING, or the code of the error.',
      labelNames: ['outcome'],
      registers,
    });
    this.refusals = new Counter({
      name: 'silgi_restoration_refusals_total',
      help: 'Restorations that were refused, by the reason.',
      labelNames: ['refusal'],
      registers,
    });
    this.failures = new Counter({
      name: 'silgi_restoration_failures_total',
      help: 'Restorations that were rolled back, by phase, shard and code.',
      labelNames: ['phase', 'shard', 'code'],
      registers,
    });
    this.durations = new Histogram({
      name: 'silgi_restoration_duration_seconds',
      help: 'Time of a whole restoration, retries included, by outcome.',
      labelNames: ['outcome'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    // A counter that first appears with its first event hides that event from every rate and increase.
    for (const outcome of ['RESTORED', 'REPLAYED', 'PENDING']) this.restorations.inc({ outcome }, 0);
    for (const refusal of RESTORATION_REFUSALS) this.refusals.inc({ refusal }, 0);
    for (const { phase, shard } of ALL_RESTORATION_STEPS)
      for (const code of ['SHARD_FAILED', 'SHARD_UNAVAILABLE']) this.failures.inc({ phase, shard, code }, 0);
  }

  ended({ name }: Run, { outcome, milliseconds, error }: RunEnd): void {
    if (name !== RESTORATION) return;
    this.restorations.inc({ outcome });
    this.durations.observe({ outcome }, milliseconds / 1000);
    if (error instanceof RestorationRefused) this.refusals.inc({ refusal: error.refusal });
    if (error instanceof ActionFailed && !(error instanceof OutcomePending)) {
      const { phase, shard } = error.point;
      this.failures.inc({ phase, shard, code: error.code });
    }
  }
}
