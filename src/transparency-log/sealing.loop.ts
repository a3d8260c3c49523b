import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RecurringFailure } from '../telemetry/index.js';
import { AuditLogMetrics } from './audit-log.metrics.js';
import { AuditLogSealer } from './audit-log.sealer.js';
import { AuditLogStore } from './audit-log.store.js';

const IDLE_MS = 1_000;

/** Seals as long as the service runs. What fails is logged, counted and tried again, and stops no deletion. */
@Injectable()
export class SealingLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('AuditLog');
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private readonly failure = new RecurringFailure(this.log, {
    failing: 'The audit log could not be sealed; trying again every second',
    over: 'The audit log is being sealed again.',
  });

  constructor(
    private readonly sealer: AuditLogSealer,
    private readonly store: AuditLogStore,
    private readonly metrics: AuditLogMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (await this.roundLeavesMore()) continue;
      await pause(IDLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async roundLeavesMore(): Promise<boolean> {
    if (!this.store.isOpen) return false;
    try {
      const { more } = await this.sealer.round();
      this.failure.succeeded();
      return more;
    } catch (error) {
      this.metrics.failed(error);
      if (!this.stopping.signal.aborted) this.failure.failed(error);
      return false;
    }
  }
}
