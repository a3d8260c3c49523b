import type { Response } from 'express';
import { ScanInProgress } from './request.errors.js';
import { whileAsked } from './while.asked.js';

/** Longer than any scan that is of use to somebody who waits for it; the commands have no such limit. */
const WITHIN_MS = 30 * 60_000;
/** For the description of such a call. */
export const TAKES_MINUTES =
  `On a large database it takes minutes, up to ${WITHIN_MS / 60_000}, in which nothing is sent: give the client, and a proxy before ` +
  'the service, as long a time-out.';

/**
 * A read of whole tables that callers of the API may ask for (RELIABILITY rule 32): one runs at a time in this process,
 * on one connection, and it ends when whoever asked has gone.
 */
export class LongScan<Result> {
  private isRunning = false;

  constructor(
    /** What it is, as a sentence begins: `An integrity scan`. */
    private readonly what: string,
    private readonly scan: (signal: AbortSignal) => Promise<Result>,
  ) {}

  /**
   * @param response of the call that asks
   * @throws ScanInProgress where one is running: its answer would be older than this question
   * @throws ScanEnded where the caller has gone, or for its time; what the scan throws
   */
  async run(response: Response): Promise<Result> {
    if (this.isRunning) throw new ScanInProgress(this.what);
    this.isRunning = true;
    // While it runs nothing moves on the connection; an answer that nobody reads is limited as any other.
    const { socket } = response;
    const silenceLimitMs = socket?.timeout ?? 0;
    socket?.setTimeout(0);
    try {
      const limit = { what: this.what, withinMs: WITHIN_MS, instead: 'its command has no such limit' };
      return await whileAsked(response, limit, this.scan);
    } finally {
      this.isRunning = false;
      socket?.setTimeout(silenceLimitMs);
    }
  }
}
