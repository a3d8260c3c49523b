import { constants } from 'node:os';
import { CommandFailed } from '../common/index.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on a Ctrl-C that the terminal has sent to this process as well: the second is not a second wish. */
const SAME_WISH_MS = 1_000;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a wish to stop at the next safe point. A further signal, a second later, ends the
 * process at once; the server then rolls back the transaction that was running.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private wishedAt: number | undefined;
  private exitCode = 1;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Aborted once a stop is wished for. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @throws CommandFailed with the signal's exit code, where a stop is wished for */
  assertNone(message: string): void {
    if (this.signal.aborted) throw new CommandFailed(message, this.exitCode);
  }

  /** Gives the signals back to their default. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    this.exitCode = 128 + constants.signals[signal];
    this.wishedAt ??= Date.now();
    if (Date.now() - this.wishedAt > SAME_WISH_MS) process.exit(this.exitCode);
    this.controller.abort();
  };
}
