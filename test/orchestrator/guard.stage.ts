import { expect } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, type UndeclaredTable } from '../../src/catalogue/index.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { deletionOf, type Silgi } from '../support/silgi.js';

/** Asks the guard of a database what it has against deletions, in both ways: by a reading, and by a deletion. */
export class GuardStage {
  constructor(private readonly silgi: Silgi) {}

  run(statements: string): Promise<unknown[]> {
    return this.silgi.database.query(statements);
  }

  /** What readiness and the scan say. */
  read(): Promise<readonly UndeclaredTable[]> {
    return this.silgi.app.get(CatalogueGuard).undeclaredTables(this.silgi.app.get(EntityManager));
  }

  /** A deletion is refused for this one reason, nothing of the patient changes, and a reading gives the same reason. */
  async expectVeto(table: string, why: RegExp, code = 'UNDECLARED_TABLE'): Promise<void> {
    const patientId = await seedPatient(this.silgi.database, 1);
    const before = await digestOf(this.silgi.database, patientId);
    const deletion = this.silgi.orchestrator.deletePatient(deletionOf(patientId));
    const blocker = { shard: expect.any(String), code, detail: expect.stringMatching(why) };
    await expect(deletion).rejects.toMatchObject({ code: 'DELETION_VETOED', blockers: [blocker] });
    expect(await digestOf(this.silgi.database, patientId)).toBe(before);
    expect(await this.read()).toEqual([{ table, why: expect.stringMatching(why) }]);
  }

  async expectNoVeto(): Promise<void> {
    const patientId = await seedPatient(this.silgi.database, 1);
    await expect(this.silgi.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
      replayed: false,
    });
    expect(await this.read()).toEqual([]);
  }
}
