import { isConnectionLost, SilgiError, sqlstateOf } from '../common/index.js';
import {
  LOOKUP_SETTINGS,
  type PipelinedConnection,
  setLocally,
  StatementSkipped,
} from '../postgres/index.js';
import { ShardFailed } from './action.errors.js';
import type { Action, Steps, Transaction, Work } from './action.js';
import type { FaultInjection } from './fault.injection.js';
import { type OwnStep, pointOf, type Step, stepOf } from './protocol.steps.js';
import type { RunObservers } from './run.observers.js';
import { commitFailureOf, failureOf } from './step.failure.js';
import { runInStages, type StepCall } from './step.stages.js';

/** The server-side limits of one transaction (RELIABILITY rule 8). */
const LIMITS = {
  statement_timeout: '10s',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '30s',
} as const;
/** The isolation (RELIABILITY rule 1), the limits, and how statements are planned. */
const CHARACTERISTICS = {
  isolation: 'READ COMMITTED',
  limits: setLocally({ ...LIMITS, ...LOOKUP_SETTINGS }),
} as const;

export type Outcome = 'COMMITTED' | 'ROLLED_BACK' | 'UNKNOWN';

/** Who is told of the steps of a run, and who may make one fail. */
export interface Onlookers {
  readonly observers: RunObservers;
  readonly faults: FaultInjection | undefined;
}

/** One transaction of a run, on one connection that is given back clean, or not at all. */
export class Session<Name extends string> implements Transaction<Name> {
  isOpen = false;
  private connection: PipelinedConnection | undefined;
  /** Set once the connection may still be in a transaction: such a one is never used again (rule 7). */
  private isBroken = false;
  /** Steps that are left to the message of the next one. */
  private readonly waiting: StepCall[] = [];
  private readonly answered = new Set<string>();

  constructor(
    private readonly action: Action<unknown, Name>,
    private readonly onlookers: Onlookers,
  ) {}

  /** @param take comes by a connection */
  async begin(take: () => Promise<PipelinedConnection>): Promise<void> {
    this.onlookers.observers.tell('transactionBegan', this.action);
    await this.run(stepOf(this.action, 'connect'), async () => {
      this.connection = await take();
    });
    this.isOpen = true;
    this.waiting.push(this.callOf('begin', () => this.opened.begin(CHARACTERISTICS)));
  }

  ahead(name: Name, work: Work<unknown>): void {
    this.waiting.push(this.callOf(name, work));
  }

  async step<Result>(name: Name | OwnStep, work: Work<Result>): Promise<Result> {
    const [result] = await this.runAll([this.callOf(name, work)]);
    return result as Result;
  }

  async together<Results extends unknown[]>(...steps: Steps<Name, Results>): Promise<Results> {
    return (await this.runAll(steps.map(([name, work]) => this.callOf(name, work)))) as Results;
  }

  private async runAll(calls: readonly StepCall[]): Promise<unknown[]> {
    // Every shard is on the one server; where they are not, their connections are told apart here.
    const all = [...this.waiting.splice(0), ...calls];
    const results = await runInStages(all, () => this.opened, this.answered);
    return results.slice(-calls.length);
  }

  private callOf(name: Name | OwnStep, work: Work<unknown>): StepCall {
    const step = stepOf(this.action, name);
    return {
      step,
      isSeparate: this.onlookers.faults?.separates(step, this.action) ?? false,
      run: () => this.run(step, () => work(this.opened.manager)),
    };
  }

  private async run<Result>(step: Step, work: () => Promise<Result> | Result): Promise<Result> {
    const { observers, faults } = this.onlookers;
    observers.tell('stepBegan', this.action, step);
    try {
      if (faults !== undefined) await faults.before(step, this.action, this.connection?.backendPid);
      const result = await work();
      if (this.isOpen && !this.opened.isKnownToBeWell) await this.assertAlive(step);
      observers.tell('stepEnded', this.action, step);
      return result;
    } catch (error) {
      if (error instanceof StatementSkipped) throw error;
      const failure = step.name === 'commit' ? commitFailureOf(step, error) : failureOf(step, error);
      observers.tell('stepEnded', this.action, step, failure);
      throw failure;
    }
  }

  /** Believes only the server's own tag (rule 4). From the moment COMMIT is sent, silence means UNKNOWN. */
  async commit(): Promise<Outcome> {
    const step = stepOf(this.action, 'commit');
    return this.run<Outcome>(step, async () => {
      try {
        const tag = await this.opened.end('COMMIT');
        this.isOpen = false;
        if (tag === 'COMMIT') return 'COMMITTED';
      } catch (error) {
        this.isBroken = true;
        if (sqlstateOf(error) === undefined || isConnectionLost(error)) {
          this.isOpen = false;
          return 'UNKNOWN';
        }
        throw error;
      }
      throw new ShardFailed(
        'The server answered COMMIT with ROLLBACK: an earlier error was swallowed.',
        pointOf(step),
      );
    });
  }

  /** Rolls back; a failure of that is attached to the first error and never takes its place (rule 6). */
  async rollback(first?: unknown): Promise<Outcome> {
    this.isOpen = false;
    try {
      await this.opened.end('ROLLBACK');
    } catch (error) {
      this.isBroken = true;
      if (first instanceof SilgiError) first.suppressed.push(error);
    }
    return 'ROLLED_BACK';
  }

  async release(): Promise<void> {
    await this.connection?.release({ isBroken: this.isBroken });
  }

  /** A step that swallowed an error of the database, or ended the transaction, is named at once. */
  private async assertAlive(step: Step): Promise<void> {
    const status = await this.opened.status();
    if (status === 'T') return;
    const what = status === 'E' ? 'swallowed an error of the database' : 'ended the transaction on its own';
    throw new ShardFailed(`A repository ${what}.`, pointOf(step));
  }

  /** There is one once {@link begin} has returned. */
  private get opened(): PipelinedConnection {
    return this.connection as PipelinedConnection;
  }
}
