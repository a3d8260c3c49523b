import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { verdictOn } from '../common/index.js';
import { MetricsRegistry } from '../telemetry/index.js';
import { SealingRefused } from './audit-log.errors.js';

/** Why a round came to no good end: only the first says that the log may have been changed. */
const CAUSES = ['REFUSED', 'UNAVAILABLE', 'FAILED'] as const;

/** How the sealing goes, in `/metrics`. */
@Injectable()
export class AuditLogMetrics {
  /** When the oldest event that waits was recorded, in milliseconds; undefined where none waits. */
  private oldest: number | undefined;
  private readonly size: Gauge;
  private readonly failures: Counter<'cause'>;

  constructor(registry: MetricsRegistry) {
    const registers = [registry];
    this.size = new Gauge({
      name: 'silgi_audit_log_size',
      help: 'Sealed events of the audit log, as this process knows it.',
      registers,
    });
    this.failures = new Counter({
      name: 'silgi_audit_log_seal_failures_total',
      help: 'Rounds of sealing that were REFUSED, met a database that was UNAVAILABLE, or FAILED for another reason.',
      labelNames: ['cause'],
      registers,
    });
    // A counter that first appears with its first event hides that event from every rate.
    for (const cause of CAUSES) this.failures.inc({ cause }, 0);
    const lag = new Gauge({
      name: 'silgi_audit_log_seal_lag_seconds',
      help: 'Age of the oldest audit event that is not sealed; 0 where all are.',
      registers,
      collect: () => {
        lag.set(this.lagSeconds);
      },
    });
  }

  /** @param events those that are committed and not sealed */
  waiting(events: readonly { readonly occurredAt: string }[]): void {
    const times = events.map(({ occurredAt }) => Date.parse(occurredAt));
    this.oldest = times.length === 0 ? undefined : Math.min(...times);
  }

  /** @param more whether events may still wait */
  sealedUpTo(size: number, more: boolean): void {
    this.size.set(size);
    if (!more) this.oldest = undefined;
  }

  failed(error: unknown): void {
    this.failures.inc({ cause: causeOf(error) });
  }

  private get lagSeconds(): number {
    return this.oldest === undefined ? 0 : Math.max(0, (Date.now() - this.oldest) / 1000);
  }
}

function causeOf(error: unknown): (typeof CAUSES)[number] {
  if (error instanceof SealingRefused) return 'REFUSED';
  return verdictOn(error) === 'FAILED' ? 'FAILED' : 'UNAVAILABLE';
}
