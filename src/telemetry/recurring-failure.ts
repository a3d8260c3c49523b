import type { Logger } from '@nestjs/common';

/** The same failure is logged again after so long. */
const LOG_AGAIN_MS = 300_000;

/** Logs a failure that may come back every second: once, again after a while, and once that it is over. */
export class RecurringFailure {
  private logged: { readonly message: string; readonly at: number } | undefined;

  /**
   * @param texts.failing what cannot be done now
   * @param texts.over what is being done again
   */
  constructor(
    private readonly log: Pick<Logger, 'log' | 'error'>,
    private readonly texts: { readonly failing: string; readonly over: string },
  ) {}

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : 'for an unknown reason';
    const now = performance.now();
    if (this.logged?.message === message && now - this.logged.at <= LOG_AGAIN_MS) return;
    this.logged = { message, at: now };
    this.log.error(this.texts.failing, error);
  }

  succeeded(): void {
    if (this.logged !== undefined) this.log.log(this.texts.over);
    this.logged = undefined;
  }
}
