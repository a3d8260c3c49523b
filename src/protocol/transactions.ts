import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PipelinedConnection } from '../postgres/index.js';
import type { SilgiError } from '../common/index.js';
import { OutcomePending, ShardUnavailable } from './action.errors.js';
import type { Action, Transaction } from './action.js';
import { Admission, type Place } from './admission.js';
import { FaultInjection } from './fault.injection.js';
import { pointOf, stepOf } from './protocol.steps.js';
import { type RunEnd, RunObservers } from './run.observers.js';
import { outcomeOfError } from './run.outcome.js';
import { type Onlookers, type Outcome, Session } from './session.js';

/** As long as a place is waited for. */
const PLACE_WITHIN_MS = 5_000;
/** RELIABILITY rule 10. */
const MAX_ATTEMPTS = 4;
/**
 * How long the truth about an unacknowledged COMMIT is looked for: past the server's own idle limit
 * (`idle_in_transaction_session_timeout`, 30 s), after which what it says of a transaction is final.
 */
export const RESOLVE_WITHIN_MS = 45_000;

interface Ended<Result> {
  readonly result: Result;
  readonly outcome: Outcome;
}

/** Runs actions: the only place where a transaction on patients' rows is begun, committed and rolled back. */
@Injectable()
export class Transactions {
  private readonly log = new Logger(Transactions.name);
  private readonly onlookers: Onlookers;

  constructor(
    private readonly dataSource: DataSource,
    private readonly admission: Admission,
    private readonly observers: RunObservers,
    @Optional() faults?: FaultInjection,
  ) {
    this.onlookers = { observers, faults };
  }

  /**
   * Runs an action and commits it. The whole of it runs again on a serialization failure or deadlock; an
   * unacknowledged COMMIT is resolved before this returns or throws.
   *
   * @param place among the runs under way, which the caller gives back; one is waited for unless told
   * @throws SilgiError after which nothing of the action is in the database
   * @throws OutcomePending where the database stayed away too long to learn the outcome
   */
  commit<Result, Name extends string>(action: Action<Result, Name>, place?: Place): Promise<Result> {
    return this.observed(action, async () => {
      let ended = await this.commitOnce(action, place === undefined && action.isExempt !== true);
      for (let attempt = 2; ended instanceof ShardUnavailable && attempt <= MAX_ATTEMPTS; attempt++) {
        this.observers.tell('retried', action);
        await pause(attempt * 20 + Math.random() * 50);
        ended = await this.commitOnce(action, false);
      }
      if (ended instanceof ShardUnavailable) throw ended;
      return ended.result;
    });
  }

  /** Runs an action and rolls it back: what it returns is what it would have done. @throws SilgiError */
  rehearse<Result, Name extends string>(action: Action<Result, Name>, place?: Place): Promise<Result> {
    return this.observed(action, async () => {
      const work = (transaction: Transaction<Name>) => action.work(transaction);
      return (await this.attempt(action, work, 'ROLLBACK', place === undefined)).result;
    });
  }

  private async observed<Result, Name extends string>(
    action: Action<Result, Name>,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const started = performance.now();
    const end = (how: Omit<RunEnd, 'milliseconds'>) => {
      this.observers.tell('ended', action, { ...how, milliseconds: performance.now() - started });
    };
    this.observers.tell('began', action);
    let result: Result;
    try {
      result = await run();
    } catch (error) {
      end({ error: error as SilgiError, outcome: outcomeOfError(error) });
      throw error;
    }
    end({ result, outcome: this.outcomeOf(action, result) });
    return result;
  }

  /** What has committed is no failure because nobody can say it in one word (RELIABILITY rule 30). */
  private outcomeOf<Result, Name extends string>(action: Action<Result, Name>, result: Result): string {
    try {
      return action.outcomeOf?.(result) ?? 'DONE';
    } catch (error) {
      this.log.error(`The outcome of the ${action.name} could not be named`, { ...action.ids, err: error });
      return 'DONE';
    }
  }

  /** Returns a conflict after which the whole action may run again; every other error is thrown. */
  private async commitOnce<Result, Name extends string>(
    action: Action<Result, Name>,
    needsPlace: boolean,
  ): Promise<Ended<Result> | ShardUnavailable> {
    try {
      const work = (transaction: Transaction<Name>) => action.work(transaction);
      const ended = await this.attempt(action, work, 'COMMIT', needsPlace);
      if (ended.outcome === 'UNKNOWN') await this.resolve(action);
      return ended;
    } catch (error) {
      if (error instanceof ShardUnavailable && error.retryable) return error;
      throw error;
    }
  }

  /** @param needsPlace whether it waits for a place; what follows another attempt waits for none */
  private async attempt<Result, Name extends string, Answer>(
    action: Action<Result, Name>,
    work: (session: Session<Name>) => Promise<Answer>,
    end: 'COMMIT' | 'ROLLBACK',
    needsPlace: boolean,
  ): Promise<Ended<Answer>> {
    const session = new Session<Name>(action, this.onlookers);
    let leave: (() => void) | undefined;
    let ended: Ended<Answer>;
    try {
      await session.begin(async () => {
        if (needsPlace) leave = await this.placeFor(action);
        return PipelinedConnection.take(this.dataSource);
      });
      const result = await work(session);
      ended = { result, outcome: end === 'COMMIT' ? await session.commit() : await session.rollback() };
    } catch (error) {
      if (session.isOpen) await session.rollback(error);
      throw error;
    } finally {
      await session.release().finally(() => leave?.());
    }
    return ended;
  }

  private async placeFor<Result, Name extends string>(action: Action<Result, Name>): Promise<() => void> {
    const place = await this.admission.enter('INTERACTIVE', { withinMs: PLACE_WITHIN_MS });
    if (place !== undefined) return place.leave;
    throw new ShardUnavailable('Too many others are under way.', pointOf(stepOf(action, 'connect')));
  }

  /** Returns where the action has committed. @throws ShardUnavailable where it has not */
  private async resolve<Result, Name extends string>(action: Action<Result, Name>): Promise<void> {
    const commit = pointOf(stepOf(action, 'commit'));
    const ask = (session: Session<Name>) =>
      session.step('resolve', (manager) => action.hasCommitted(manager));
    const deadline = performance.now() + RESOLVE_WITHIN_MS;
    for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        const { result: committed } = await this.attempt(action, ask, 'ROLLBACK', false);
        this.observers.tell('resolved', action, committed ? 'COMMITTED' : 'NOT_COMMITTED');
        if (committed) return;
        break;
      } catch (error) {
        this.log.warn('The outcome of COMMIT is not known yet', action.ids);
        if (performance.now() > deadline) {
          this.observers.tell('resolved', action, 'PENDING');
          throw new OutcomePending(action, commit, { cause: error });
        }
        await pause(wait);
      }
    }
    throw new ShardUnavailable('The connection was lost at the commit, which did not take place.', commit);
  }
}
