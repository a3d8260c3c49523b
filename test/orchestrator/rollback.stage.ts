import { expect } from '@jest/globals';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { deletionOf, type Silgi } from '../support/silgi.js';

/** Rows of the patient in each child table. */
const ROWS = 2;

/** A deletion that is made to fail, of a patient of its own. */
export class FailingDeletion {
  private constructor(
    private readonly silgi: Silgi,
    readonly patientId: string,
    private readonly before: string,
  ) {}

  static async prepare(silgi: Silgi): Promise<FailingDeletion> {
    const patientId = await seedPatient(silgi.database, ROWS);
    return new FailingDeletion(silgi, patientId, await digestOf(silgi.database, patientId));
  }

  /** Runs the deletion, which must fail, and proves that nothing of it is left. @returns what it failed with */
  async fails(): Promise<unknown> {
    const { database, orchestrator } = this.silgi;
    const error: unknown = await orchestrator.deletePatient(deletionOf(this.patientId)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeDefined();
    expect(await digestOf(database, this.patientId)).toBe(this.before);
    const actions = (await auditEventsOf(database, this.patientId)).map(({ action }) => action);
    expect(actions).not.toContain('SYSTEM_DELETE_PATIENT');
    return error;
  }

  /** Runs it again, with nothing in its way. */
  async stillWorks(): Promise<void> {
    const { answer } = await this.silgi.orchestrator.deletePatient(deletionOf(this.patientId));
    expect(answer.totalRows).toBe(1 + 14 * ROWS);
  }
}
