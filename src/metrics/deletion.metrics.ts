import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { DeletionFailed, DeletionVetoed, type SilgiError } from '../common/index.js';
import {
  type Act,
  DELETION_STEPS,
  type Resolution,
  SIDE_STEPS,
  type StepName,
  StepObserver,
} from '../orchestrator/index.js';

const STEPS = { ...DELETION_STEPS, ...SIDE_STEPS };

/** Counts and times what the protocol does, in the Prometheus text format. Holds no id and no name of anybody. */
@Injectable()
export class DeletionMetrics extends StepObserver {
  readonly registry = new Registry();

  private readonly deletions = new Counter({
    name: 'silgi_deletions_total',
    help: 'Deletions asked for, by outcome: DELETED, REPLAYED, or the code of the error.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: 'silgi_deletion_failures_total',
    help: 'Deletions that were rolled back, by phase, shard and code.',
    labelNames: ['phase', 'shard', 'code'],
    registers: [this.registry],
  });
  private readonly vetoes = new Counter({
    name: 'silgi_vetoes_total',
    help: 'Vetoes of shards and of the catalogue guard, by shard and code.',
    labelNames: ['shard', 'code'],
    registers: [this.registry],
  });
  private readonly retries = new Counter({
    name: 'silgi_transaction_retries_total',
    help: 'Transactions run again after a serialization failure or deadlock.',
    registers: [this.registry],
  });
  private readonly resolutions = new Counter({
    name: 'silgi_unknown_outcomes_total',
    help: 'Commits whose acknowledgement was lost, by what they were resolved to.',
    labelNames: ['resolution'],
    registers: [this.registry],
  });
  private readonly steps = new Histogram({
    name: 'silgi_step_duration_seconds',
    help: 'Time of each step of the protocol.',
    labelNames: ['phase', 'shard', 'step'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  private readonly orphans = new Gauge({
    name: 'silgi_orphan_rows',
    help: 'Orphan rows found by the last integrity scan of this process.',
    registers: [this.registry],
  });

  constructor() {
    super();
    collectDefaultMetrics({ register: this.registry });
  }

  override after(step: StepName, milliseconds: number): void {
    const { phase, shard } = STEPS[step];
    this.steps.observe({ phase, shard, step }, milliseconds / 1000);
  }

  override retried(): void {
    this.retries.inc();
  }

  override resolved(resolution: Resolution): void {
    this.resolutions.inc({ resolution });
  }

  override ended(act: Act, end: { readonly result: unknown } | { readonly error: SilgiError }): void {
    if (act !== 'deletion') return;
    if ('result' in end) {
      const { replayed } = end.result as { replayed?: boolean };
      this.deletions.inc({ outcome: replayed === true ? 'REPLAYED' : 'DELETED' });
      return;
    }
    const { error } = end;
    this.deletions.inc({ outcome: error.code });
    if (error instanceof DeletionFailed) {
      const { phase, shard } = error.point;
      this.failures.inc({ phase, shard, code: error.code });
    }
    if (error instanceof DeletionVetoed) {
      for (const { shard, code } of error.blockers) this.vetoes.inc({ shard, code });
    }
  }

  /** @param rows orphans of all tables together */
  scanned(rows: number): void {
    this.orphans.set(rows);
  }
}
