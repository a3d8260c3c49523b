import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deletionOf, restorationOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from '../adopted/hospital.stage.js';

const SCHEMA = `
  CREATE SCHEMA his;
  CREATE TABLE his.person (person_no bigint PRIMARY KEY, name text);
  CREATE TABLE his.kinship (a bigint NOT NULL, b bigint NOT NULL, kind text);
  CREATE INDEX ON his.kinship (a); CREATE INDEX ON his.kinship (b)`;
const PEOPLE = `
  INSERT INTO his.person VALUES (1, 'Ali'), (2, 'Ayşe'), (3, 'Can');
  INSERT INTO his.kinship VALUES (1, 2, 'married'), (3, 1, 'child'), (2, 3, 'mother')`;
const DECLARATION = `
silgi: 1
database: { schemas: [his] }
patient: { table: his.person, key: { column: person_no, type: bigint }, shard: patient, resource: Person, directory: {} }
tables:
  his.kinship:
    shard: clinical
    resource: Kinship
    rowIdentity: none
    fence: none
    accepted: it has no foreign key
    shared: { rule: leavesWithFirst }
    anyOf: [{ key: a }, { key: b }]`;

let hospital: AdoptedHospital;
beforeAll(async () => {
  hospital = await openAdopted({ schema: SCHEMA, people: PEOPLE, declaration: DECLARATION });
});
afterAll(() => hospital.close());

const rows = async () =>
  (await hospital.database.query<{ row: string }>('SELECT k::text AS row FROM his.kinship k ORDER BY 1')).map(
    ({ row }) => row,
  );

async function remove(key: number) {
  const patientId = await hospital.patientIdOf(key);
  const { answer } = await hospital.orchestrator.deletePatient(deletionOf(patientId));
  const { deletionId } = answer;
  return () => hospital.orchestrator.restorePatient(restorationOf({ patientId, deletionId }));
}

describe('rows of two patients that nothing fences', () => {
  it('come back only when neither of them is deleted any more', async () => {
    const before = await rows();
    const restoreFirst = await remove(1);
    const restoreSecond = await remove(2);
    expect(await rows()).toEqual([]);
    await expect(restoreFirst()).rejects.toMatchObject({
      refusal: 'VETOED',
      blockers: [
        {
          shard: 'clinical',
          code: 'ROWS_OF_DELETED',
          detail: expect.stringMatching(/^1 rows of his\.kinship are also/),
        },
      ],
    });
    expect(await rows()).toEqual([]);
    await restoreSecond();
    await restoreFirst();
    expect(await rows()).toEqual(before);
  });
});
