import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AuditLogMetrics } from './audit.log.metrics.js';
import { AuditLogSealer } from './audit.log.sealer.js';
import { AuditLogStore } from './audit.log.store.js';

const IDLE_MS = 1_000;
/** The same failure is said again after so long. */
const SAY_AGAIN_MS = 300_000;

/** Seals as long as the service runs. What fails is said, counted and tried again, and stops no deletion. */
@Injectable()
export class SealingLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('AuditLog');
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private said: { readonly message: string; readonly at: number } | undefined;

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
      if (this.said !== undefined) this.log.log('The audit log is being sealed again.');
      this.said = undefined;
      return more;
    } catch (error) {
      this.metrics.failed();
      this.say(error);
      return false;
    }
  }

  private say(error: unknown): void {
    const message = error instanceof Error ? error.message : 'for an unknown reason';
    const isNew = this.said?.message !== message || Date.now() - this.said.at > SAY_AGAIN_MS;
    if (!isNew || this.stopping.signal.aborted) return;
    this.said = { message, at: Date.now() };
    this.log.error('The audit log could not be sealed; trying again every second', error);
  }
}
