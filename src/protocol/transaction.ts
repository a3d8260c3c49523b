import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { isConnectionLost, SilgiError, sqlstateOf } from '../common/index.js';
import { OutcomePending, ShardFailed, ShardUnavailable } from './action.errors.js';
import { StatementSkipped } from '../postgres/index.js';
import type { PreparingClient } from '../postgres/index.js';
import type { StepName } from './deletion.steps.js';
import { commitFailureOf, failureOf, pointOf } from './step.failure.js';
import { type Run, shielded, StepObserver } from './step.observer.js';
import { Turnstile } from './turnstile.js';

/**
 * The isolation (RELIABILITY rule 1) and the server-side limits (rule 8) of one transaction. Every statement looks
 * rows up by patient, so a plan that scans a table is never right: without the last line, one that was prepared
 * while a table was small or not analysed yet would be kept until it is (docs/adr/0004-marks-are-statements.md).
 */
const CHARACTERISTICS = {
  isolation: 'READ COMMITTED',
  limits: `SELECT set_config('statement_timeout', '10s', true), set_config('lock_timeout', '2s', true),
    set_config('idle_in_transaction_session_timeout', '30s', true), set_config('enable_seqscan', 'off', true)`,
} as const;
/** Units at a time: more are not done sooner, as the server goes from one to the other (docs/adr/0015-five-at-a-time.md). */
export const AT_A_TIME = 5;
/** As long as a connection is waited for. */
const PLACE_WITHIN_MS = 5_000;
/** RELIABILITY rule 10. */
const MAX_ATTEMPTS = 4;
/** How long the truth about an unacknowledged COMMIT is looked for: past the server's own idle limit. */
const RESOLVE_WITHIN_MS = 45_000;

type Work<T> = (manager: EntityManager) => Promise<T> | T;

type Step = readonly [name: StepName, work: Work<unknown>];

/** What runs in a transaction: each step by name, on the transaction's own EntityManager. */
export interface Steps {
  /** @throws SilgiError that names the step's phase and shard, whatever `work` threw */
  step<T>(name: StepName, work: Work<T>): Promise<T>;

  /** Leaves a step whose result nobody waits for to the trip of the next one, before which it runs. */
  ahead(name: StepName, work: Work<unknown>): void;

  /**
   * Runs steps one after the other whose statements need nothing of each other's answers: what each asks first goes to
   * the server in one message with the rest, is executed there in this order, and is answered in it.
   *
   * @returns what each has come to
   * @throws SilgiError of the first step that failed: nothing of those behind it counts
   */
  together<T extends unknown[]>(
    ...steps: { readonly [Index in keyof T]: readonly [name: StepName, work: Work<T[Index]>] }
  ): Promise<T>;
}

/** One atomic act: its work, and how to learn from the database whether it has committed. */
export interface AtomicUnit<T> extends Run {
  readonly patientId: string;
  work(steps: Steps): Promise<T>;
  hasCommitted(manager: EntityManager): Promise<boolean>;
}

type Outcome = 'COMMITTED' | 'ROLLED_BACK' | 'UNKNOWN';

type Client = pg.PoolClient &
  Pick<PreparingClient, 'startWith' | 'share' | 'batch' | 'isHoldingBack' | 'knownStatus'>;

interface Ended<T> {
  readonly result: T;
  readonly outcome: Outcome;
}

/** The only place that begins, commits, rolls back and releases. */
@Injectable()
export class Transactions {
  private readonly log = new Logger(Transactions.name);

  private readonly observer: StepObserver;

  private readonly turnstile = new Turnstile(AT_A_TIME);

  /** Units that have begun and not ended. */
  inProgress = 0;

  constructor(
    private readonly dataSource: DataSource,
    observer: StepObserver,
  ) {
    this.observer = shielded(observer);
  }

  /**
   * Runs a unit and commits it. The whole unit runs again on a serialization failure or deadlock; an
   * unacknowledged COMMIT is resolved before this returns or throws.
   *
   * @throws SilgiError after which nothing of the unit is in the database
   * @throws OutcomePending where the database stayed away too long to learn the outcome
   */
  commit<T>(unit: AtomicUnit<T>): Promise<T> {
    return this.observed(unit, async () => {
      let ended = await this.commitOnce(unit, unit.act === 'failure record' ? undefined : this.turnstile);
      for (let attempt = 2; ended instanceof ShardUnavailable && attempt <= MAX_ATTEMPTS; attempt++) {
        this.observer.retried(unit.deletionId);
        await pause(attempt * 20 + Math.random() * 50);
        ended = await this.commitOnce(unit);
      }
      if (ended instanceof ShardUnavailable) throw ended;
      return ended.result;
    });
  }

  /** Runs a unit and rolls it back: what it returns is what it would have done. @throws SilgiError */
  rehearse<T>(unit: AtomicUnit<T>): Promise<T> {
    return this.observed(unit, async () => (await this.attempt(unit, 'ROLLBACK', this.turnstile)).result);
  }

  private async observed<T>(unit: AtomicUnit<T>, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const end = (how: { result: unknown } | { error: SilgiError }) => {
      this.inProgress -= 1;
      this.observer.ended(unit, { ...how, milliseconds: performance.now() - started });
    };
    this.observer.began(unit);
    this.inProgress += 1;
    try {
      const result = await run();
      end({ result });
      return result;
    } catch (error) {
      end({ error: error as SilgiError });
      throw error;
    }
  }

  /** Returns a conflict after which the whole unit may run again; every other error is thrown. */
  private async commitOnce<T>(
    unit: AtomicUnit<T>,
    turnstile?: Turnstile,
  ): Promise<Ended<T> | ShardUnavailable> {
    try {
      const ended = await this.attempt(unit, 'COMMIT', turnstile);
      if (ended.outcome === 'UNKNOWN') await this.resolve(unit);
      return ended;
    } catch (error) {
      if (error instanceof ShardUnavailable && error.retryable) return error;
      throw error;
    }
  }

  /** @param turnstile where it waits for its turn; what follows another attempt waits for none */
  private async attempt<T>(
    unit: AtomicUnit<T>,
    end: 'COMMIT' | 'ROLLBACK',
    turnstile?: Turnstile,
  ): Promise<Ended<T>> {
    const session = new Session(this.dataSource, this.observer, unit.deletionId, turnstile);
    let ended: Ended<T>;
    try {
      await session.begin();
      const result = await unit.work(session);
      ended = { result, outcome: end === 'COMMIT' ? await session.commit() : await session.rollback() };
    } catch (error) {
      if (session.isOpen) await session.rollback(error);
      throw error;
    } finally {
      await session.release();
    }
    return ended;
  }

  /** Returns where the unit has committed. @throws ShardUnavailable where it has not */
  private async resolve<T>(unit: AtomicUnit<T>): Promise<void> {
    const deadline = performance.now() + RESOLVE_WITHIN_MS;
    for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        const work = (steps: Steps) => steps.step('resolve', (manager) => unit.hasCommitted(manager));
        const committed = (await this.attempt({ ...unit, work }, 'ROLLBACK')).result;
        this.observer.resolved(committed ? 'COMMITTED' : 'NOT_COMMITTED', unit.deletionId);
        if (committed) return;
        break;
      } catch (error) {
        this.log.warn('The outcome of COMMIT is not known yet', { deletionId: unit.deletionId });
        if (performance.now() > deadline) {
          this.observer.resolved('PENDING', unit.deletionId);
          throw new OutcomePending(unit.patientId, unit.deletionId, pointOf('commit'), { cause: error });
        }
        await pause(wait);
      }
    }
    throw new ShardUnavailable(
      'The connection was lost at the commit, which did not take place.',
      pointOf('commit'),
    );
  }
}

/** One transaction on one connection that is given back clean, or not at all. */
class Session implements Steps {
  private queryRunner: QueryRunner | undefined;
  private client: Client | undefined;
  /** Set once the connection may still be in a transaction: such a one is never used again (rule 7). */
  private broken = false;
  isOpen = false;
  private waiting: Step[] = [];
  private hasPlace = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly observer: StepObserver,
    private readonly deletionId: string,
    private readonly turnstile: Turnstile | undefined,
  ) {}

  async begin(): Promise<void> {
    const queryRunner = this.dataSource.createQueryRunner();
    await this.run('connect', async () => {
      await this.takePlace();
      this.queryRunner = queryRunner;
      this.client = (await queryRunner.connect()) as Client;
    });
    this.isOpen = true;
    this.ahead('begin', () => {
      this.client?.startWith(CHARACTERISTICS);
      return queryRunner.startTransaction();
    });
  }

  private async takePlace(): Promise<void> {
    if (this.turnstile === undefined) return;
    this.hasPlace = await this.turnstile.enter(PLACE_WITHIN_MS);
    if (!this.hasPlace) throw new ShardUnavailable('Too many others are under way.', pointOf('connect'));
  }

  ahead(name: StepName, work: Work<unknown>): void {
    this.waiting.push([name, work]);
  }

  async step<T>(name: StepName, work: Work<T>): Promise<T> {
    const [result] = await this.together<[T]>([name, work]);
    return result;
  }

  private async run<T>(name: StepName, work: Work<T>): Promise<T> {
    const started = performance.now();
    const end = (failure?: SilgiError) => {
      this.observer.after(name, performance.now() - started, failure, this.deletionId);
    };
    try {
      const told = this.observer.before(name, this.deletionId, this.backendPid);
      if (told !== undefined) await told;
      const result = await work((this.queryRunner ?? this.dataSource).manager);
      if (!this.isKnownToBeAlive) await this.assertAlive(name);
      end();
      return result;
    } catch (error) {
      if (error instanceof StatementSkipped) throw error;
      const failure = name === 'commit' ? commitFailureOf(error) : failureOf(name, error);
      end(failure);
      throw failure;
    }
  }

  async together<T extends unknown[]>(
    ...steps: { readonly [Index in keyof T]: readonly [name: StepName, work: Work<T[Index]>] }
  ): Promise<T> {
    const client = this.client as Client;
    const results: unknown[] = [];
    const all: Step[] = [...this.waiting.splice(0), ...steps];
    let trip = client.share();
    for (const [name, work] of all) {
      if (this.observer.separates(name, this.deletionId)) {
        results.push(...(await trip.travel()));
        trip = client.share();
      }
      if (!(await trip.join(() => this.run(name, work)))) break;
    }
    results.push(...(await trip.travel()));
    return results.slice(-steps.length) as T;
  }

  /** Believes only the server's own tag (rule 4). From the moment COMMIT is sent, silence means UNKNOWN. */
  async commit(): Promise<Outcome> {
    return this.run<Outcome>('commit', async () => {
      try {
        const answer = await this.client?.query('COMMIT');
        this.isOpen = false;
        if (answer?.command === 'COMMIT') return 'COMMITTED';
      } catch (error) {
        this.broken = true;
        if (sqlstateOf(error) === undefined || isConnectionLost(error)) {
          this.isOpen = false;
          return 'UNKNOWN';
        }
        throw error;
      }
      throw new ShardFailed(
        'The server answered COMMIT with ROLLBACK: an earlier error was swallowed.',
        pointOf('commit'),
      );
    });
  }

  /** Rolls back; a failure of that is attached to the first error and never takes its place (rule 6). */
  async rollback(first?: unknown): Promise<Outcome> {
    this.isOpen = false;
    try {
      await this.client?.query('ROLLBACK');
    } catch (error) {
      this.broken = true;
      if (first instanceof SilgiError) first.suppressed.push(error);
    }
    return 'ROLLED_BACK';
  }

  async release(): Promise<void> {
    if (this.broken) void this.client?.end().catch(() => undefined);
    try {
      await this.queryRunner?.release();
    } finally {
      if (this.hasPlace) this.turnstile?.leave();
    }
  }

  /** Whether the last answer, behind which nothing was asked, was that of a transaction that is well. */
  private get isKnownToBeAlive(): boolean {
    return this.client?.knownStatus === 'T' && !this.client.isHoldingBack;
  }

  /** A step that swallowed an error of the database, or ended the transaction, is named at once. */
  private async assertAlive(step: StepName): Promise<void> {
    if (!this.isOpen) return;
    // One that has asked nothing comes to its end in its turn.
    if (this.client?.isHoldingBack === true) await this.client.batch([]);
    const status = this.client?.knownStatus ?? (await this.askStatus());
    if (status === 'T') return;
    const what = status === 'E' ? 'swallowed an error of the database' : 'ended the transaction on its own';
    throw new ShardFailed(`A repository ${what}.`, pointOf(step));
  }

  private async askStatus(): Promise<string | null | undefined> {
    // An error reaches the shard a moment before the server's word that it is ready, which holds the status.
    if ((this.client as { readyForQuery?: boolean } | undefined)?.readyForQuery === false) {
      await this.client?.query('');
    }
    return this.client?.getTransactionStatus();
  }

  private get backendPid(): number | undefined {
    return (this.client as { processID?: number } | undefined)?.processID;
  }
}
