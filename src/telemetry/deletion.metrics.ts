import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { ALL_DELETION_STEPS, DELETION, DeletionVetoed } from '../orchestrator/index.js';
import {
  ActionFailed,
  OutcomePending,
  type Phase,
  type Resolution,
  type Run,
  type RunEnd,
  type RunObserver,
  type Step,
} from '../protocol/index.js';
import type { ShardName } from '../shards/index.js';
import { MetricsRegistry } from './metrics.registry.js';

/** Seconds: from a phase of one statement to the longest statement that the server allows. */
const PHASE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds: up to the end of the search for an unknown outcome. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

/** What a shard has been asked in a phase of a run, and has answered. */
interface PhaseTime {
  readonly phase: Phase;
  readonly shard: ShardName;
  /** Of the transactions before this one. */
  milliseconds: number;
  asked: number | undefined;
  answered: number;
}

/** Counts and times what the protocol does. Holds no id and no name of anybody. */
@Injectable()
export class DeletionMetrics implements RunObserver {
  /** Of the deletions that are on. */
  private readonly phaseTimes = new WeakMap<Run, Map<string, PhaseTime>>();

  private readonly deletions: Counter<'outcome'>;
  private readonly durations: Histogram<'outcome'>;
  private readonly failures: Counter<'phase' | 'shard' | 'code'>;
  private readonly vetoes: Counter<'shard' | 'code'>;
  private readonly retries: Counter;
  private readonly resolutions: Counter<'resolution'>;
  private readonly phases: Histogram<'phase' | 'shard'>;
  private readonly orphans: Gauge;
  private readonly scans: Gauge;

  constructor(readonly registry: MetricsRegistry) {
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
      buckets: DURATION_BUCKETS,
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
      help:
        'Time of a deletion from the first question to a shard in a phase to its last answer, retries included. ' +
        'Shards on one server share their messages, and wait for each other in it.',
      labelNames: ['phase', 'shard'],
      buckets: PHASE_BUCKETS,
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
    for (const { phase, shard } of ALL_DELETION_STEPS)
      for (const code of ['SHARD_FAILED', 'SHARD_UNAVAILABLE', 'DEMOGRAPHICS_NOT_DELETED'])
        this.failures.inc({ phase, shard, code }, 0);
  }

  began(run: Run): void {
    if (run.name === DELETION) this.phaseTimes.set(run, new Map());
  }

  transactionBegan(run: Run): void {
    for (const time of this.phaseTimes.get(run)?.values() ?? []) endOf(time);
  }

  stepBegan(run: Run, { phase, shard }: Step): void {
    const times = this.phaseTimes.get(run);
    if (times === undefined) return;
    const key = `${phase} ${shard}`;
    const time = times.get(key) ?? { phase, shard, milliseconds: 0, asked: undefined, answered: 0 };
    time.asked ??= performance.now();
    times.set(key, time);
  }

  stepEnded(run: Run, { phase, shard }: Step): void {
    const time = this.phaseTimes.get(run)?.get(`${phase} ${shard}`);
    if (time !== undefined) time.answered = performance.now();
  }

  retried(): void {
    this.retries.inc();
  }

  resolved(_run: Run, resolution: Resolution): void {
    this.resolutions.inc({ resolution });
  }

  ended(run: Run, { outcome, milliseconds, error }: RunEnd): void {
    if (run.name !== DELETION) return;
    for (const time of this.phaseTimes.get(run)?.values() ?? []) {
      const { phase, shard } = time;
      this.phases.observe({ phase, shard }, endOf(time) / 1000);
    }
    this.deletions.inc({ outcome });
    this.durations.observe({ outcome }, milliseconds / 1000);
    if (error !== undefined) this.failed(error);
  }

  private failed(error: unknown): void {
    if (error instanceof ActionFailed && !(error instanceof OutcomePending)) {
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

/** Ends the time of one transaction. @returns milliseconds of all so far */
function endOf(time: PhaseTime): number {
  if (time.asked !== undefined) time.milliseconds += Math.max(0, time.answered - time.asked);
  time.asked = undefined;
  return time.milliseconds;
}
