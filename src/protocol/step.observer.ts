import { Injectable, Logger } from '@nestjs/common';
import type { SilgiError } from '../common/index.js';
import type { StepName } from './deletion.steps.js';

/** What a transaction is for. */
export type Act = 'deletion' | 'preview' | 'failure record' | 'intake';

/** One run of an act, as whoever watches it knows it. Two runs with the same deletion id never overlap. */
export interface Run {
  readonly act: Act;
  readonly deletionId: string;
  /** The request that asked for it; undefined where none did. */
  readonly requestId?: string;
}

/** How a run ended, after how long: retries and the search for an unknown outcome are in the time. */
export type RunEnd = { readonly milliseconds: number } & (
  { readonly result: unknown } | { readonly error: SilgiError }
);

/** What became of a COMMIT that was not acknowledged. */
export type Resolution = 'COMMITTED' | 'NOT_COMMITTED' | 'PENDING';

/**
 * Is told of every step of every deletion and of its end. This one does nothing; metrics take its place. What
 * `before` throws counts as a failure of the step, which is how the fault suites make one fail; what the others
 * throw is logged and changes nothing.
 */
@Injectable()
export class StepObserver {
  /** Before the first step. */
  began(_run: Run): void {
    return undefined;
  }

  /** Before the step's first statement. `backendPid` is the server process of the transaction, once there is one. */
  before(_step: StepName, _deletionId: string, _backendPid?: number): Promise<void> | void {
    return undefined;
  }

  /**
   * Whether `before` has to find the steps before this one done, so that this step shares no trip to the server with
   * them (docs/adr/0014-shared-trips.md): for whoever takes the time of each, or does something between two of them.
   */
  separates(_step: StepName, _deletionId: string): boolean {
    return false;
  }

  /**
   * After the step, with the milliseconds it took and the error it ended with, if any. Of steps that share a trip each
   * has waited for all; a step behind one that failed does not end.
   */
  after(_step: StepName, _milliseconds: number, _error: unknown, _deletionId: string): void {
    return undefined;
  }

  /** The whole unit runs again after a serialization failure or deadlock. */
  retried(_deletionId: string): void {
    return undefined;
  }

  /** The outcome of an unacknowledged COMMIT was looked for. */
  resolved(_resolution: Resolution, _deletionId: string): void {
    return undefined;
  }

  /** A run has come to its end: with its result, or with the error that it is answered with. */
  ended(_run: Run, _end: RunEnd): void {
    return undefined;
  }
}

/**
 * The same observer, whose failures decide nothing once a step is over: a metric that fails after the commit must not
 * turn a deletion into a failure (N5). What it throws then is logged; `before` may still fail a step.
 */
export function shielded(observer: StepObserver): StepObserver {
  const log = new Logger(StepObserver.name);
  const shieldOf =
    (name: keyof StepObserver) =>
    (...told: unknown[]) => {
      try {
        return (observer[name] as (...told: unknown[]) => unknown)(...told);
      } catch (error) {
        if (name === 'before') throw error;
        log.error('Whoever watches the steps has failed', error);
        return undefined;
      }
    };
  const names = Object.getOwnPropertyNames(StepObserver.prototype).filter((name) => name !== 'constructor');
  const shields = names.map((name) => [name, shieldOf(name as keyof StepObserver)]);
  return Object.fromEntries(shields) as StepObserver;
}
