import type { EntityManager } from 'typeorm';
import type { ShardName } from '../shards/index.js';

/** The two phases of an action, and the commit that ends it. */
export type Phase = 'PREPARE' | 'EXECUTE' | 'COMMIT';

/** Where a step belongs, and what has to be known before it may be asked. */
export interface StepDeclaration<Name extends string = string> {
  readonly phase: Phase;
  readonly shard: ShardName;
  /**
   * Steps that must have answered before this one. On the same server it is enough that they stand before it in one
   * message, as the server answers in order; on another server their answers are waited for.
   */
  readonly after?: readonly Name[];
}

export type StepDeclarations<Name extends string = string> = Readonly<Record<Name, StepDeclaration<Name>>>;

/** Declares the steps of an action in their order; one that waits for a step which is not there does not compile. */
export function declareSteps<Name extends string>(
  steps: Readonly<Record<Name, StepDeclaration<NoInfer<Name>>>>,
): StepDeclarations<Name> {
  return steps;
}

/** Ids under which a run is known: never a name or a national id, as logs and traces carry them. */
export type RunIds = Readonly<Record<string, string>>;

/** One run of an action, as whoever watches it knows it. */
export interface Run {
  /** The action's name. */
  readonly name: string;
  readonly ids: RunIds;
}

/** What runs in a step: statements on the transaction's own EntityManager, or a check. */
export type Work<Result> = (manager: EntityManager) => Promise<Result> | Result;

/** Steps with the results that they come to. */
export type Steps<Name extends string, Results extends unknown[]> = {
  readonly [Index in keyof Results]: readonly [name: Name, work: Work<Results[Index]>];
};

/** The transaction of a run: each step by its name. */
export interface Transaction<Name extends string> {
  /** @throws SilgiError that names the step's phase and shard, whatever `work` threw */
  step<Result>(name: Name, work: Work<Result>): Promise<Result>;

  /** Leaves a step whose result nobody waits for to the message of the next one, before which it runs. */
  ahead(name: Name, work: Work<unknown>): void;

  /**
   * Runs steps in their order. What each asks first goes to its server in one message with the rest, as far as their
   * declarations allow.
   *
   * @returns what each has come to
   * @throws SilgiError of the first step that failed: nothing of those behind it counts
   */
  together<Results extends unknown[]>(...steps: Steps<Name, Results>): Promise<Results>;
}

/** One run of an atomic act on patients: data, its work, and how to learn whether it has committed. */
export interface Action<Result, Name extends string = string> extends Run {
  /** The shard whose commit is the decision; to connect, to begin and to commit are its steps. */
  readonly home: ShardName;
  readonly steps: StepDeclarations<Name>;
  /** Whether it needs no place among the actions under way: what is left to do after another run has ended. */
  readonly isExempt?: boolean;
  work(transaction: Transaction<Name>): Promise<Result>;
  /** Asked on a fresh connection where COMMIT was not acknowledged (RELIABILITY rule 11). */
  hasCommitted(manager: EntityManager): Promise<boolean>;
  /** A success in one word, for metrics, logs and traces; DONE unless told. */
  outcomeOf?(result: Result): string;
}
