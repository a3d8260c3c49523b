import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { DeletionFailed, OutcomePending } from '../protocol/index.js';
import { DeletionVetoed } from '../orchestrator/index.js';
import {
  type Act,
  outcomeOf,
  type Resolution,
  type Run,
  type RunEnd,
  StepObserver,
} from '../protocol/index.js';
import { DELETION_STEPS, type DeletionStep, SIDE_STEPS, type StepName } from '../orchestrator/index.js';
import { MetricsRegistry } from './metrics.registry.js';

const STEPS = { ...DELETION_STEPS, ...SIDE_STEPS };
/** Seconds: from a step without a statement to the longest statement that the server allows. */
const STEP_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds: up to the end of the search for an unknown outcome. */
const DELETION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

/**
 * Of so many runs of an act, one is timed: its steps share no trips to the server, so that their times can be told
 * apart (docs/adr/0014-shared-trips.md). It asks the server some 16 times more often for that, so that under load, where
 * there is much to be timed, only one a second is.
 */
const TIMED_ONE_IN = 20;
const TIMED_EVERY_MS = 1_000;
const TIMED = `one in ${TIMED_ONE_IN}, and of no more than one a second`;

interface PhaseTime extends DeletionStep {
  readonly seconds: number;
}

/** Counts and times what the protocol does. Holds no id and no name of anybody. */
@Injectable()
export class DeletionMetrics extends StepObserver {
  /** Seconds by phase and shard of the timed runs that are on, by deletion id. */
  private readonly timed = new Map<string, Map<string, PhaseTime>>();
  private readonly runs = new Map<Act, { begun: number; timedAt: number }>();

  private readonly deletions: Counter<'outcome'>;
  private readonly durations: Histogram<'outcome'>;
  private readonly failures: Counter<'phase' | 'shard' | 'code'>;
  private readonly vetoes: Counter<'shard' | 'code'>;
  private readonly retries: Counter;
  private readonly resolutions: Counter<'resolution'>;
  private readonly phases: Histogram<'phase' | 'shard'>;
  private readonly steps: Histogram<'phase' | 'shard' | 'step'>;
  private readonly orphans: Gauge;
  private readonly scans: Gauge;

  constructor(readonly registry: MetricsRegistry) {
    super();
    const registers = [registry];
    this.deletions = new Counter({
      name: 'silgi_deletions_total',
      help: 'Deletions asked for, by outcome: DELETED, REPLAYED, PENDING, or the code of the error.',
      labelNames: ['outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'silgi_deletion_duration_seconds',
      help: 'Time of a whole deletion, retries included, by outcome.',
      labelNames: ['outcome'],
      buckets: DELETION_BUCKETS,
      registers,
    });
    this.failures = new Counter({
      name: 'silgi_deletion_failures_total',
      help: 'Deletions that were rolled back, by phase, shard and code.',
      labelNames: ['phase', 'shard', 'code'],
      registers,
    });
    this.vetoes = new Counter({
      name: 'silgi_vetoes_total',
      help: 'Vetoes of shards and of the catalogue guard, by shard and code.',
      labelNames: ['shard', 'code'],
      registers,
    });
    this.retries = new Counter({
      name: 'silgi_transaction_retries_total',
      help: 'Transactions run again after a serialization failure or deadlock.',
      registers,
    });
    this.resolutions = new Counter({
      name: 'silgi_unknown_outcomes_total',
      help: 'Commits whose acknowledgement was lost, by what they were resolved to.',
      labelNames: ['resolution'],
      registers,
    });
    this.phases = new Histogram({
      name: 'silgi_phase_duration_seconds',
      help: `Time that one deletion spent in each phase of each shard, retries included; of the deletions ${TIMED}.`,
      labelNames: ['phase', 'shard'],
      buckets: STEP_BUCKETS,
      registers,
    });
    this.steps = new Histogram({
      name: 'silgi_step_duration_seconds',
      help: `Time of each step of the protocol, previews included; of the runs of each act ${TIMED}.`,
      labelNames: ['phase', 'shard', 'step'],
      buckets: STEP_BUCKETS,
      registers,
    });
    this.orphans = new Gauge({
      name: 'silgi_orphan_rows',
      help: 'Orphan rows found by the last integrity scan of this process; 0 before the first.',
      registers,
    });
    this.scans = new Gauge({
      name: 'silgi_integrity_scan_timestamp_seconds',
      help: 'When the last integrity scan of this process ended, as Unix time; 0 before the first.',
      registers,
    });
    this.showZeros();
  }

  /** A counter that first appears with its first event hides that event from every rate and increase. */
  private showZeros(): void {
    for (const outcome of ['DELETED', 'REPLAYED', 'PENDING']) this.deletions.inc({ outcome }, 0);
    for (const resolution of ['COMMITTED', 'NOT_COMMITTED', 'PENDING'])
      this.resolutions.inc({ resolution }, 0);
    for (const { phase, shard } of Object.values(DELETION_STEPS))
      for (const code of ['SHARD_FAILED', 'SHARD_UNAVAILABLE', 'DEMOGRAPHICS_NOT_DELETED'])
        this.failures.inc({ phase, shard, code }, 0);
  }

  override began({ act, deletionId }: Run): void {
    const { begun, timedAt } = this.runs.get(act) ?? { begun: 0, timedAt: -Infinity };
    const now = performance.now();
    const isTimed = begun % TIMED_ONE_IN === 0 && now - timedAt >= TIMED_EVERY_MS;
    if (isTimed) this.timed.set(deletionId, new Map());
    this.runs.set(act, { begun: begun + 1, timedAt: isTimed ? now : timedAt });
  }

  override separates(_step: StepName, deletionId: string): boolean {
    return this.timed.has(deletionId);
  }

  override after(step: StepName, milliseconds: number, _error: unknown, deletionId: string): void {
    const spent = this.timed.get(deletionId);
    if (spent === undefined) return;
    const { phase, shard } = STEPS[step];
    const seconds = milliseconds / 1000;
    this.steps.observe({ phase, shard, step }, seconds);
    const key = `${phase} ${shard}`;
    spent.set(key, { phase, shard, seconds: (spent.get(key)?.seconds ?? 0) + seconds });
  }

  override retried(): void {
    this.retries.inc();
  }

  override resolved(resolution: Resolution): void {
    this.resolutions.inc({ resolution });
  }

  override ended({ act, deletionId }: Run, end: RunEnd): void {
    const spent = this.timed.get(deletionId);
    this.timed.delete(deletionId);
    if (act !== 'deletion') return;
    for (const { phase, shard, seconds } of spent?.values() ?? [])
      this.phases.observe({ phase, shard }, seconds);
    const outcome = outcomeOf(end);
    this.deletions.inc({ outcome });
    this.durations.observe({ outcome }, end.milliseconds / 1000);
    if ('error' in end) this.failed(end.error);
  }

  private failed(error: unknown): void {
    if (error instanceof DeletionFailed && !(error instanceof OutcomePending)) {
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
    this.scans.setToCurrentTime();
  }
}
