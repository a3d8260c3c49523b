import { Injectable } from '@nestjs/common';
import type { StepName } from './deletion.steps.js';

/**
 * Is told of every step of every deletion. This one does nothing; metrics and tracing put their own in its
 * place. What an observer throws counts as a failure of the step, which is how the fault suites make one fail.
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
}
