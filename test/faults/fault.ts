import type { DeletePatientCommand, DeletionAnswer } from '../../src/orchestrator/index.js';
import { digestOf } from '../support/patients.js';
import { deletionOf } from '../support/silgi.js';
import type { CellStep } from './matrix.js';
import { ROWS_PER_TABLE, type Stage } from './stage.js';

/** The short form runs in every `npm test`, the full one (`SILGI_FAULTS=full`) before a release. */
export const FULL = process.env['SILGI_FAULTS'] === 'full';

/** What the caller heard. Nothing at all where the service died. */
export interface Heard {
  readonly answer?: DeletionAnswer;
  readonly replayed?: boolean;
  readonly error?: unknown;
  /** The service was killed before it could say anything. */
  readonly died?: boolean;
}

/** A fault set for one cell. */
export interface Trap {
  /** How often it has struck, by a count of its own beside the scene's. */
  strikes?(): Promise<number> | number;
  /** Takes the fault away, so that the service may recover. */
  lift?(): Promise<void>;
  /** What an outcome must be resolved to, where that is known beforehand. */
  readonly resolvesTo?: 'N' | 'C';
  /** What the caller must hear where nothing changes; SHARD_FAILED at the step itself unless told. */
  readonly error?: object;
  /** What the server must have said where nothing changes. */
  readonly sqlstate?: string;
  /** Whether the caller heard the right thing where all is committed; the deletion that it must be. */
  committed?(heard: Heard): Promise<string> | string;
  /** Rows marked beyond those that the patient had when the cell began. */
  readonly moreRows?: () => number;
}

/** One column of the matrix. */
export interface Fault<Where extends Stage = Stage> {
  /** Its three letters in the matrix. */
  readonly code: string;
  readonly title: string;
  /** The steps of the short form; all where undefined. */
  readonly short?: readonly CellStep[];
  /** Whether its deletions come without an Idempotency-Key. */
  readonly keyless?: boolean;
  /** Whether the failure cannot be recorded either, the database being away or full. */
  readonly unrecorded?: boolean;
  /** Whether a cell waits for a limit of seconds: such cells run together, each on a stage of its own. */
  slow?(step: CellStep): boolean;
  /** Why the fault cannot be made on this machine. */
  readonly unavailable?: () => string | undefined;
  readonly open: () => Promise<Where>;
  /** Sets the fault for the scene's step. */
  set(scene: Scene<Where>): Promise<Trap> | Trap;
  /** Starts the deletion in another way than in this process. */
  deliver?(scene: Scene<Where>): Promise<Heard>;
  /** The step at which the failure shows where that is not the step at which the fault strikes. */
  shows?(step: CellStep): CellStep | undefined;
}

/** One cell being played: a patient, a command, and the step at which the fault is to strike. */
export class Scene<Where extends Stage = Stage> {
  /** The steps at which the fault has struck. */
  readonly struck: CellStep[] = [];

  private constructor(
    readonly stage: Where,
    readonly step: CellStep,
    readonly command: DeletePatientCommand,
    readonly before: string,
  ) {}

  static async set<Where extends Stage>(
    stage: Where,
    step: CellStep,
    keyless = false,
  ): Promise<Scene<Where>> {
    const patientId = await stage.database.seed(ROWS_PER_TABLE);
    const command = deletionOf(patientId, keyless ? {} : { idempotencyKey: `key of ${patientId}` });
    return new Scene(stage, step, command, await digestOf(stage.database, patientId));
  }

  get patientId(): string {
    return this.command.patientId;
  }

  /** The deletion as one caller asks for it. */
  deletePatient(command = this.command): Promise<Heard> {
    return this.stage.silgi.orchestrator.deletePatient(command).catch((error: unknown) => ({ error }));
  }

  /**
   * Strikes when the scene's step begins, before its first statement; for `answer` once COMMIT is acknowledged
   * and before the caller hears.
   */
  strike(action: (backendPid: number) => Promise<void> | void): void {
    const { faults } = this.stage.silgi;
    let lastPid = 0;
    if (this.step === 'answer') {
      faults.at('commit', ({ backendPid }) => {
        lastPid = backendPid ?? 0;
      });
      this.stage.whenCommitted(async () => {
        this.struck.push('answer');
        await action(lastPid);
      });
      return;
    }
    faults.at(this.step, async ({ backendPid }) => {
      this.struck.push(faults.entered.at(-1) as CellStep);
      await action(backendPid ?? 0);
    });
  }
}
