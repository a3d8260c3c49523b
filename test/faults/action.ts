import type { INestApplicationContext } from '@nestjs/common';
import type { Scene, Trap } from './fault.js';
import type { CellStep, Matrix } from './matrix.js';
import type { ActionName } from './perform.js';

export interface Command {
  readonly patientId: string;
}

/** Which method of which repository makes up a step. */
export type Calls = Partial<Record<CellStep, readonly [abstract new (...args: never[]) => object, string]>>;

/** What the matrix has to know of an action to drive every fault through every step of it. */
export interface PlayedAction {
  readonly name: ActionName;
  readonly matrix: Matrix;
  readonly calls: Calls;
  /** Which of its ids names a run of it, in the log and in its answer. */
  readonly key: 'deletionId' | 'holdId' | 'erasureRequestId';
  /** Whether a failed attempt is an audit event of its own (RELIABILITY rule 13). */
  readonly isFailureRecorded: boolean;
  /** What the short form plays of it, by the codes of the faults; what these say themselves unless told. */
  readonly short?: Readonly<Record<string, readonly CellStep[]>>;
  /** Has all done that comes before it. @param idempotencyKey undefined where the fault wants none @returns what is asked for */
  prepare(
    app: INestApplicationContext,
    patientId: string,
    idempotencyKey: string | undefined,
  ): Promise<Command> | Command;
  /**
   * What others ask for, the first of them perhaps at the same time, and what they hear once this is done.
   *
   * @param answer of the run that did it; undefined where nobody heard it
   */
  rivals(command: Command, answer: object | undefined): readonly (readonly [Command, heard: object])[];
  /** Holds what is in the database against all that it should have done, once. @param answer as of {@link rivals} */
  assertDone(scene: Scene, answer: object | undefined, trap: Trap): Promise<void>;
}
