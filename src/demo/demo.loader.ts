import { Injectable } from '@nestjs/common';
import { PatientIntake } from '../orchestrator/index.js';
import { DeletionRecords, PatientDirectory } from '../patient/index.js';
import { demoPatientIds, demoPatients } from './demo.patients.js';

/** The year of the Republic's founding, as good a seed as any; another one makes another hospital. */
export const DEMO_SEED = 1923;
export const DEMO_PATIENTS = 300;

const BATCH = 50;
const RECORDS_PAGE = 500;

/** Loads the demo patients where they belong: into a database that has no other. */
@Injectable()
export class DemoLoader {
  constructor(
    private readonly directory: PatientDirectory,
    private readonly records: DeletionRecords,
    private readonly intake: PatientIntake,
  ) {}

  /**
   * Loads the demo patients into an empty database, or finishes a load that was interrupted: what counts as
   * missing is a demo patient of whom neither a demographics row nor a deletion's record is there. A database
   * that has, or has had, any other patient is left alone, and a deleted demo patient stays deleted.
   *
   * @param log receives a line as the load proceeds, and none where there is nothing to load
   * @returns how many patients were added
   * @throws SilgiError after which whole batches are in the database and the next call goes on from there
   */
  async loadIntoEmptyDatabase(log: (line: string) => void = () => undefined): Promise<number> {
    const missing = await this.missingPatients();
    if (missing.size === 0) return 0;
    const before = DEMO_PATIENTS - missing.size;
    log(`Loading ${missing.size} demo patients${before > 0 ? `, the rest of ${DEMO_PATIENTS}` : ''}.`);
    let added = 0;
    let batch = [];
    for (const bundle of demoPatients(DEMO_SEED, DEMO_PATIENTS)) {
      if (!missing.has(bundle.patientId)) continue;
      batch.push(bundle);
      if (batch.length < BATCH && added + batch.length < missing.size) continue;
      await this.intake.admit(batch);
      added += batch.length;
      batch = [];
      log(`${before + added} of ${DEMO_PATIENTS} demo patients are loaded.`);
    }
    return added;
  }

  /** The demo patients never seen here; none where the database knows any other patient. */
  private async missingPatients(): Promise<Set<string>> {
    const missing = new Set(demoPatientIds(DEMO_SEED, DEMO_PATIENTS));
    const demo = new Set(missing);
    // One more than there are demo patients is enough to meet another one.
    for (const { patientId } of await this.directory.page({ limit: DEMO_PATIENTS + 1 })) {
      if (!demo.has(patientId)) return new Set();
      missing.delete(patientId);
    }
    for (let before: string | undefined; ;) {
      const page = await this.records.page({ limit: RECORDS_PAGE, ...(before !== undefined && { before }) });
      for (const { patientId } of page) {
        if (!demo.has(patientId)) return new Set();
        missing.delete(patientId);
      }
      before = page.at(-1)?.deletionId;
      if (page.length < RECORDS_PAGE) return missing;
    }
  }
}
