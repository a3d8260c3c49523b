import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { BatchSettings } from '../config/index.js';
import { BatchWorker } from './batch.worker.js';

/** Injection token of {@link BatchSettings}. */
export const BATCH_SETTINGS = Symbol('batch settings');

/** Works at batches as long as the service runs. */
@Injectable()
export class BatchLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly worker: BatchWorker,
    @Inject(BATCH_SETTINGS) private readonly settings: BatchSettings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.concurrency === 0) return;
    this.running = this.worker.run({ ...this.settings, signal: this.stopping.signal });
  }

  /** Before the pool is closed: what is begun comes to its end, and what is not goes back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
