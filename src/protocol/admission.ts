import { Injectable } from '@nestjs/common';
import { type Priority, Semaphore } from './semaphore.js';

/** Runs at a time: more are not done sooner, as the server goes from one to the other (docs/adr/0015-five-at-a-time.md). */
export const AT_A_TIME = 5;
/** For so long after the last interactive run, a batch leaves the way to the next one. */
const QUIET_AFTER_MS = 500;

/** A place among the runs under way; given back by {@link leave}, once. */
export interface Place {
  readonly leave: () => void;
}

/** How many runs are under way in this process, and whose turn it is. */
@Injectable()
export class Admission {
  private readonly semaphore = new Semaphore(AT_A_TIME, QUIET_AFTER_MS);

  /**
   * @param limit how long a place is waited for; see {@link Semaphore.enter}
   * @returns undefined where there was none
   */
  async enter(
    priority: Priority,
    limit: { withinMs?: number; signal?: AbortSignal },
  ): Promise<Place | undefined> {
    if (!(await this.semaphore.enter(priority, limit))) return undefined;
    return {
      leave: () => {
        this.semaphore.leave(priority);
      },
    };
  }
}
