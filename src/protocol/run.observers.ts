import { Logger } from '@nestjs/common';
import type { SilgiError } from '../common/index.js';
import type { Run } from './action.js';
import type { Step } from './protocol.steps.js';

/** How a run ended, after how long: retries and the search for an unknown outcome are in the time. */
export interface RunEnd {
  readonly milliseconds: number;
  /** In one word: what the action calls its success, PENDING, or the code of the error. */
  readonly outcome: string;
  readonly result?: unknown;
  readonly error?: SilgiError;
}

/** What became of a COMMIT that was not acknowledged. */
export type Resolution = 'COMMITTED' | 'NOT_COMMITTED' | 'PENDING';

/** Is told of the steps and the end of every run. It is the same object `run` from its beginning to its end. */
export interface RunObserver {
  began?(run: Run): void;

  /** A transaction of the run begins: its first, one after a conflict, or one that looks for an unknown outcome. */
  transactionBegan?(run: Run): void;

  /** The step is about to ask its first statement; steps before it may still wait for their answers. */
  stepBegan?(run: Run, step: Step): void;

  /**
   * The step has its answer, or has failed. Of steps that share a message each has waited for all; one that stands
   * behind a step that failed has no end.
   */
  stepEnded?(run: Run, step: Step, error?: unknown): void;

  /** The whole run begins again after a serialization failure or deadlock. */
  retried?(run: Run): void;

  /** The outcome of an unacknowledged COMMIT was looked for. */
  resolved?(run: Run, resolution: Resolution): void;

  ended?(run: Run, end: RunEnd): void;
}

/**
 * Everybody who watches. Watching decides nothing and changes nothing of what is sent: what one of them throws, at
 * once or later, is logged and reaches neither the others nor the run (RELIABILITY rule 30).
 */
export class RunObservers {
  private readonly log = new Logger(RunObservers.name);

  constructor(private readonly observers: readonly RunObserver[]) {}

  tell<Event extends keyof RunObserver>(
    event: Event,
    ...told: Parameters<NonNullable<RunObserver[Event]>>
  ): void {
    for (const observer of this.observers) {
      try {
        const answer: unknown = (observer[event] as ((...told: unknown[]) => unknown) | undefined)?.apply(
          observer,
          told,
        );
        if (answer instanceof Promise) answer.catch(this.failed);
      } catch (error) {
        this.failed(error);
      }
    }
  }

  private readonly failed = (error: unknown): void => {
    this.log.error('Whoever watches the steps has failed', error);
  };
}
