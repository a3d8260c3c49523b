import { auditEventsOf, digestOf } from '../support/patients.js';
import type { Command, PlayedAction } from './action.js';
import type { CellStep } from './matrix.js';
import { perform } from './perform.js';
import { ROWS_PER_TABLE, type Stage } from './stage.js';

/**
 * The short form runs in every `npm test`; the full one (`SILGI_FAULTS=full`) plays every cell of a deletion, and of the
 * other actions those that need no stage of their own; `SILGI_FAULTS=all` plays every cell there is.
 */
export const FORM =
  (['full', 'all'] as const).find((form) => form === process.env['SILGI_FAULTS']) ?? 'short';
export const FULL = FORM !== 'short';

/** What the caller heard. Nothing at all where the service died. */
export interface Heard {
  readonly answer?: object;
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
  /** Whether the caller heard the right thing where all is committed; what whoever did it has heard. */
  committed?(heard: Heard): Promise<Heard> | Heard;
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
  /** Whether what it meets comes without an Idempotency-Key. */
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
  /** Starts the action in another way than in this process. */
  deliver?(scene: Scene<Where>): Promise<Heard>;
  /** The step at which the failure shows where that is not the step at which the fault strikes. */
  shows?(scene: Scene<Where>): CellStep | undefined;
}

/** One cell being played: an action, a patient, a command, and the step at which the fault is to strike. */
export class Scene<Where extends Stage = Stage> {
  /** The steps at which the fault has struck. */
  readonly struck: CellStep[] = [];

  private constructor(
    readonly stage: Where,
    readonly action: PlayedAction,
    readonly step: CellStep,
    readonly command: Command,
    private readonly before: string,
    /** Ids of the audit events of the patient, oldest first. */
    readonly eventsBefore: readonly string[],
  ) {}

  static async set<Where extends Stage>(
    stage: Where,
    action: PlayedAction,
    step: CellStep,
    keyless = false,
  ): Promise<Scene<Where>> {
    const { database, silgi } = stage;
    const patientId = await database.seed(ROWS_PER_TABLE);
    const key = keyless ? undefined : `key of ${patientId}`;
    const command = await action.prepare(silgi.app, patientId, key);
    const events = await auditEventsOf(database, patientId);
    const eventIds = events.map(({ audit_event_id }) => audit_event_id);
    return new Scene(stage, action, step, command, await digestOf(database, patientId), eventIds);
  }

  get patientId(): string {
    return this.command.patientId;
  }

  /** The action as one caller asks for it. */
  ask(command = this.command): Promise<Heard> {
    return perform(this.stage.silgi.app, this.action.name, command).catch((error: unknown) => ({ error }));
  }

  /** Whether the action has run neither the statement of `last` nor any later one when the scene's step begins. */
  isBefore(last: CellStep): boolean {
    const { steps } = this.action.matrix;
    return steps.indexOf(this.step) <= steps.indexOf(last);
  }

  /** All that is stored of the patient, but for this table. */
  async digest(except = ''): Promise<string> {
    return without(await digestOf(this.stage.database, this.patientId), except);
  }

  /** The same, when the cell began. */
  digestBefore(except = ''): string {
    return without(this.before, except);
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

const without = (digest: string, table: string) =>
  digest
    .split('\n')
    .filter((line) => table === '' || !line.startsWith(`${table} `))
    .join('\n');
