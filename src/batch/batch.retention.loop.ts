import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { BatchSettings } from '../config/index.js';
import { RecurringFailure } from '../telemetry/index.js';
import { BATCH_SETTINGS } from './batch.loop.js';
import { BatchRetention } from './batch.retention.js';

const EVERY_MS = 3_600_000;
const TRY_AGAIN_MS = 60_000;
const NOT_OPEN_MS = 1_000;

/** Looks once an hour for batches whose retention is over, in every service, whether or not it works at batches. */
@Injectable()
export class BatchRetentionLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private readonly failure = new RecurringFailure(new Logger('Batch'), {
    failing: 'Batches whose retention is over cannot be removed now; trying again every minute',
    over: 'Batches whose retention is over are being removed again.',
  });

  constructor(
    private readonly retention: BatchRetention,
    @Inject(BATCH_SETTINGS) private readonly settings: BatchSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Before the pool is closed; the transaction under way comes to its end, and the next service does the rest. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) await pause(await this.round(), undefined, { signal }).catch(() => undefined);
  }

  /** @returns milliseconds until the next one */
  private async round(): Promise<number> {
    if (!this.retention.isOpen) return NOT_OPEN_MS;
    try {
      await this.retention.sweep(this.settings.retentionDays, this.stopping.signal);
      this.failure.succeeded();
      return EVERY_MS;
    } catch (error) {
      if (!this.stopping.signal.aborted) this.failure.failed(error);
      return TRY_AGAIN_MS;
    }
  }
}
