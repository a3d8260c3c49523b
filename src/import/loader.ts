import { setTimeout as delay } from 'node:timers/promises';
import { ActionFailed, OutcomePending, ShardFailed } from '../protocol/index.js';
import { sqlstateOf } from '../common/index.js';
import type { Intake, PatientIntake } from '../orchestrator/index.js';
import { CommandFailed } from '../common/index.js';
import type { ProblemLog } from './problem.log.js';
import type { PatientRows } from './patient.rows.js';
import type { Tally } from './tally.js';

/** Large enough that commits and round trips no longer show in the time, small enough to stay far below the server's limits. */
const BATCH_ROWS = 5_000;
/** While the server works on one, the next is made. */
const TRANSACTIONS_AT_A_TIME = 2;
/** Between the tries of a batch while the database is away; after the last one the import stops. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

const INSUFFICIENT_PRIVILEGE = '42501';

/** What {@link Loader} needs to know of the world around it. */
export interface LoaderOptions {
  readonly intake: Pick<PatientIntake, 'admit'>;
  readonly tally: Tally;
  readonly problems: ProblemLog;
  /** Patients that may not be written; those whose rows clash or whom the database refuses are added. */
  readonly rejected: Set<string>;
  /** Called before every transaction; throws where somebody wants the import to stop. */
  readonly assertWanted: () => void;
  /** Told of every patient that is dealt with. */
  readonly onPatient: () => void;
  /** Waits so many milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** The second pass: writes whole patients, some of them in one transaction. */
export class Loader {
  private readonly pause: (milliseconds: number) => Promise<unknown>;
  /** Patients whose commit was sent and never acknowledged. */
  private unknown = 0;

  constructor(private readonly options: LoaderOptions) {
    this.pause = options.pause ?? delay;
  }

  /**
   * Writes every patient that may be written. A batch that the database refuses is tried again in halves, so that only
   * the patient at fault is rejected.
   *
   * @throws CommandFailed where the database stays away, its login may not add patients, or a stop is wished for;
   *   whoever was loaded stays loaded
   */
  async load(patients: Iterable<PatientRows>): Promise<void> {
    const batches = this.batchesOf(patients);
    const writers = Array.from({ length: TRANSACTIONS_AT_A_TIME }, () => this.writeAll(batches));
    // What is said of a failure is true only once nothing is under way any more.
    const [failed] = (await Promise.allSettled(writers)).filter(({ status }) => status === 'rejected');
    if (failed === undefined) return;
    const reason: unknown = (failed as PromiseRejectedResult).reason;
    throw reason instanceof ActionFailed && reason.code === 'SHARD_UNAVAILABLE'
      ? this.gaveUp(reason)
      : reason;
  }

  /** Takes batches until there is none. One that fails is the last for every writer: the loop ends the generator. */
  private async writeAll(batches: Iterable<readonly PatientRows[]>): Promise<void> {
    for (const batch of batches) await this.write(batch);
  }

  private *batchesOf(patients: Iterable<PatientRows>): Generator<readonly PatientRows[]> {
    let batch: PatientRows[] = [];
    let rows = 0;
    for (const patient of patients) {
      if (!this.mayBeWritten(patient)) continue;
      batch.push(patient);
      rows += patient.rowCount;
      if (rows < BATCH_ROWS) continue;
      yield batch;
      batch = [];
      rows = 0;
    }
    if (batch.length > 0) yield batch;
  }

  private mayBeWritten(patient: PatientRows): boolean {
    for (const [place, reason] of patient.clashes) this.options.problems.add(place, reason);
    if (patient.clashes.length === 0 && !this.options.rejected.has(patient.bundle.patientId)) return true;
    this.reject(patient);
    return false;
  }

  private async write(batch: readonly PatientRows[]): Promise<void> {
    let intakes: Intake[];
    try {
      intakes = await this.admitPatiently(batch);
    } catch (error) {
      if (!(error instanceof ShardFailed)) throw error;
      if (sqlstateOf(error) === INSUFFICIENT_PRIVILEGE) throw this.mayNot(error);
      const [only] = batch;
      if (batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await this.write(batch.slice(0, half));
        await this.write(batch.slice(half));
      } else if (only !== undefined) {
        this.options.problems.add(`patient ${only.bundle.patientId}`, reasonOf(error));
        this.reject(only);
      }
      return;
    }
    for (const [index, intake] of intakes.entries()) {
      const patient = batch[index];
      if (patient !== undefined) this.settle(patient, intake);
    }
  }

  private async admitPatiently(batch: readonly PatientRows[]): Promise<Intake[]> {
    let mayBeLoaded = false;
    for (let attempt = 0; ; attempt++) {
      this.options.assertWanted();
      try {
        return await this.options.intake.admit(batch.map(({ bundle }) => bundle));
      } catch (error) {
        if (!(error instanceof ActionFailed) || error.code !== 'SHARD_UNAVAILABLE') throw error;
        mayBeLoaded ||= error instanceof OutcomePending;
        const wait = PAUSES_MS[attempt];
        if (wait === undefined) {
          if (mayBeLoaded) this.unknown += batch.length;
          throw error;
        }
        await this.pause(wait);
      }
    }
  }

  private settle({ bundle }: PatientRows, { deleted, added }: Intake): void {
    const { tally, onPatient } = this.options;
    for (const [resourceType, { length }] of Object.entries(bundle.resources)) {
      const rows = tally.rows(resourceType);
      const fresh = added[resourceType] ?? 0;
      rows.added += fresh;
      rows[deleted ? 'deleted' : 'present'] += length - fresh;
    }
    if (deleted) tally.patients.deleted++;
    else if (added['PatientDemographics'] === 1) tally.patients.added++;
    else tally.patients.present++;
    onPatient();
  }

  private reject({ bundle }: PatientRows): void {
    this.options.rejected.add(bundle.patientId);
    for (const [resourceType, { length }] of Object.entries(bundle.resources))
      this.options.tally.rows(resourceType).rejected += length;
    this.options.onPatient();
  }

  private mayNot(error: ShardFailed): CommandFailed {
    return new CommandFailed(
      `The login of the database may not add rows to ${error.point.table ?? 'its tables'} (SQLSTATE 42501). Nothing ` +
        'more was written. Set MIGRATION_DATABASE_URL to the login that owns the tables and import again.',
      1,
      { cause: error },
    );
  }

  private gaveUp(error: ActionFailed): CommandFailed {
    const { added, present } = this.options.tally.patients;
    const others =
      this.unknown === 0
        ? 'of the others nothing is'
        : `whether the ${this.unknown} behind them are is not known, and of the others nothing is`;
    return new CommandFailed(
      `The database could not be reached, or did not answer in time, at ${PAUSES_MS.length + 1} tries in a row. ` +
        `${added + present} patients are loaded, each of them whole; ${others}. Run the same import ` +
        'again once the database answers: it goes on with the others and adds no row twice.',
      1,
      { cause: error },
    );
  }
}

/** The database's own message may quote a row: table and SQLSTATE are what may be told of it. */
function reasonOf(error: ActionFailed): string {
  const { table, shard } = error.point;
  return `${table ?? `the ${shard} shard`} refused a row with SQLSTATE ${sqlstateOf(error) ?? 'unknown'}`;
}
