import { setTimeout as delay } from 'node:timers/promises';
import { ActionFailed, ShardFailed } from '../protocol/index.js';
import { sqlstateOf } from '../common/index.js';
import type { Intake, PatientIntake } from '../orchestrator/index.js';
import { CommandFailed } from '../common/index.js';
import type { ProblemLog } from './problem.log.js';
import type { PatientRows } from './patient.rows.js';
import type { Tally } from './tally.js';

/** Large enough that the commit no longer shows in the time, small enough to stay far below the server's limits. */
const BATCH_ROWS = 2_000;
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

  constructor(private readonly options: LoaderOptions) {
    this.pause = options.pause ?? delay;
  }

  /**
   * Writes every patient that may be written. A batch that the database refuses is tried again patient by patient,
   * so that only the one at fault is rejected.
   *
   * @throws CommandFailed where the database stays away, its login may not add patients, or a stop is wished for;
   *   whoever was loaded stays loaded
   */
  async load(patients: Iterable<PatientRows>): Promise<void> {
    let batch: PatientRows[] = [];
    let rows = 0;
    for (const patient of patients) {
      if (!this.mayBeWritten(patient)) continue;
      batch.push(patient);
      rows += patient.rowCount;
      if (rows < BATCH_ROWS) continue;
      await this.write(batch);
      batch = [];
      rows = 0;
    }
    if (batch.length > 0) await this.write(batch);
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
      const [only, ...others] = batch;
      if (others.length > 0) {
        for (const patient of batch) await this.write([patient]);
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
    for (let attempt = 0; ; attempt++) {
      this.options.assertWanted();
      try {
        return await this.options.intake.admit(batch.map(({ bundle }) => bundle));
      } catch (error) {
        if (!(error instanceof ActionFailed) || error.code !== 'SHARD_UNAVAILABLE') throw error;
        const wait = PAUSES_MS[attempt];
        if (wait === undefined) throw this.gaveUp(error);
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
    return new CommandFailed(
      `The database could not be reached, or did not answer in time, at ${PAUSES_MS.length + 1} tries in a row. ` +
        `${added + present} patients are loaded, each of them whole; of the others nothing is. Run the same import ` +
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
