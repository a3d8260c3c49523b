import { Injectable } from '@nestjs/common';
import type { SilgiError } from '../common/index.js';
import type { StepName } from './deletion.steps.js';

/** What a transaction is for. */
export type Act = 'deletion' | 'preview' | 'failure record' | 'intake';

/** What became of a COMMIT that was not acknowledged. */
export type Resolution = 'COMMITTED' | 'NOT_COMMITTED' | 'PENDING';

/**
 * Is told of every step of every deletion and of its end. This one does nothing; metrics take its place. What an observer throws counts as a failure of the step, which is how the fault suites make one fail.
 */
@Injectable()
export class StepObserver {
  /** Before the step's first statement. `backendPid` is the server process of the transaction, once there is one. */
  before(_step: StepName, _deletionId: string, _backendPid?: number): Promise<void> | void {
    return undefined;
  }

  /** After the step, with the milliseconds it took and the error it ended with, if any. */
  after(_step: StepName, _milliseconds: number, _error?: unknown): void {
    return undefined;
  }

  /** The whole unit runs again after a serialization failure or deadlock. */
  retried(): void {
    return undefined;
  }

  /** The outcome of an unacknowledged COMMIT was looked for. */
  resolved(_resolution: Resolution): void {
    return undefined;
  }

  /** An act has come to its end, retries included: with its result, or with the error that it is answered with. */
  ended(_act: Act, _end: { readonly result: unknown } | { readonly error: SilgiError }): void {
    return undefined;
  }
}
