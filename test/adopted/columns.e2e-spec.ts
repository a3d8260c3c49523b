import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPlan, planOf } from '../../src/adoption/index.js';
import { deletionOf, restorationOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';

let hospital: AdoptedHospital;
beforeAll(async () => {
  hospital = await openAdopted();
});
afterAll(() => hospital.close());

/** `adopt apply` once more. @returns what it made */
async function apply(): Promise<string[]> {
  const made: string[] = [];
  const watcher = {
    begins: () => undefined,
    ends: ({ what }: { what: string }, state: string) => {
      if (state === 'made') made.push(what);
    },
  };
  const { database, declaration } = hospital;
  await applyPlan(database.url, await planOf(database.url, declaration), watcher, () => undefined);
  return made;
}

describe('columns that a hospital adds', () => {
  it('are filled in rows that left before as in those that stayed', async () => {
    const patientId = await hospital.patientIdOf(3);
    const { answer } = await hospital.orchestrator.deletePatient(deletionOf(patientId));
    await hospital.database.query(
      `ALTER TABLE his.visit ADD source text NOT NULL DEFAULT 'the "former" system''s'`,
    );
    expect(await apply()).toHaveLength(1);
    const { deletionId } = answer;
    await hospital.orchestrator.restorePatient(restorationOf({ patientId, deletionId }));
    expect(await hospital.database.query('SELECT DISTINCT source FROM his.visit')).toEqual([
      { source: `the "former" system's` },
    ]);
  });

  it('that are not demanded any more are kept empty, too', async () => {
    await hospital.database.query('ALTER TABLE his.visit ALTER at DROP NOT NULL');
    await hospital.database.query('UPDATE his.visit SET at = NULL WHERE person_no = 4');
    const patientId = await hospital.patientIdOf(4);
    await expect(hospital.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
      replayed: false,
    });
  });

  it('are given to the tables that are kept by the next apply, in their order and type, and deletions go on', async () => {
    await hospital.database.query(
      `ALTER TABLE his.visit ADD "Öncelik" his.triage, ADD codes text[] COLLATE "C", ADD note his.note_text DEFAULT 'new';
       ALTER TABLE his.bill ADD at timestamptz(3)`,
    );
    const patientId = await hospital.patientIdOf(2);
    const remove = () => hospital.orchestrator.deletePatient(deletionOf(patientId));
    await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED' });
    expect(await apply()).toEqual([
      'the column "Öncelik" of "silgi_vault"."his__visit", which his.visit has',
      'the column codes of "silgi_vault"."his__visit", which his.visit has',
      'the column note of "silgi_vault"."his__visit", which his.visit has',
      'the column at of "silgi_vault"."his__bill", which his.bill has',
    ]);
    expect(await apply()).toEqual([]);
    // A rename is a person's to decide: nothing is added beside what is kept under the former name.
    await hospital.database.query('ALTER TABLE his.bill RENAME paid TO settled');
    expect(await apply()).toEqual([]);
    await hospital.database.query('ALTER TABLE silgi_vault.his__bill RENAME paid TO settled');
    const visits = () =>
      hospital.database.query(`SELECT v::text AS row FROM his.visit v WHERE person_no = 2 ORDER BY visit_no`);
    const before = await visits();
    const { answer } = await remove();
    const { deletionId } = answer;
    await hospital.orchestrator.restorePatient(restorationOf({ patientId, deletionId }));
    expect(await visits()).toEqual(before);
  });
});
