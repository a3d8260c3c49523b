import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds after which others get their turn: a deletion waits for a few of them. */
const TURN_MS = 2;

/**
 * Cuts long computing into pieces, so that whatever else the process does goes on beside it:
 * `if (turns.isOver) await turns.next();` after each step.
 */
export class EventLoopTurns {
  private since = performance.now();

  get isOver(): boolean {
    return performance.now() - this.since > TURN_MS;
  }

  /** Comes back when whatever was waiting has been served. */
  async next(): Promise<void> {
    await nextTurn();
    this.since = performance.now();
  }
}
