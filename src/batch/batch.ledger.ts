import type { BatchQueue, Claimed, Settled, Settlement } from './batch.queue.js';
import { WakeSignal } from './wake.signal.js';
import type { ItemEnd } from './item.end.js';

const TRY_AGAIN_MS = 500;
/** Outcomes gather for so long: four commits a second for them, however many there are. */
const GATHER_MS = 250;

/**
 * Writes down what lines have come to: whatever has gathered while the last writing was under way goes into the next
 * one, so that the faster the deletions, the fewer statements each. What cannot be written is kept and tried again; if
 * this process dies with it, the same key finds it out anew.
 */
export class BatchLedger {
  private waiting: Settled[] = [];
  private writing: Promise<void> | undefined;
  private readonly wakeSignal = new WakeSignal();
  private isClosing = false;

  /**
   * @param onWritten is told of lines that are no longer in hand
   * @param onFailure is told why nothing can be written now
   */
  constructor(
    private readonly queue: BatchQueue,
    private readonly owner: string,
    private readonly onWritten: (settled: readonly Settled[], settlement: Settlement) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(item: Claimed, end: ItemEnd): void {
    this.waiting.push({ item, end });
    this.writing ??= this.write();
  }

  /** Nothing more is under way that could gather with what is waiting: it is written down at once. */
  hurry(): void {
    if (this.writing !== undefined) this.wakeSignal.notify();
  }

  /** Waits until all is written; where the database does not answer, the rest is left to the lease. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.wakeSignal.notify();
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batchId = this.waiting[0]?.item.batch.batchId ?? '';
      const now = this.waiting.filter(({ item }) => item.batch.batchId === batchId);
      try {
        const settlement = await this.queue.settle(batchId, now, this.owner);
        const written = new Set(now);
        this.waiting = this.waiting.filter((settled) => !written.has(settled));
        this.onWritten(now, settlement);
        if (!this.isClosing) await this.wakeSignal.wait(GATHER_MS);
      } catch (error) {
        this.onFailure(error);
        if (this.isClosing) return;
        await this.wakeSignal.wait(TRY_AGAIN_MS);
      }
    }
    // At once: what is added from now on begins a writing of its own.
    this.writing = undefined;
  }
}
