import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { deletionOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';

const SCHEMA = `
  CREATE SCHEMA his;
  CREATE TABLE his.person (person_no text PRIMARY KEY, name text) PARTITION BY LIST (person_no);
  CREATE TABLE his.person_a PARTITION OF his.person FOR VALUES IN ('a', 'b', 'c');
  CREATE TABLE his.person_z PARTITION OF his.person DEFAULT;
  CREATE TABLE his.visit (visit_no integer PRIMARY KEY, person_no text NOT NULL REFERENCES his.person ON DELETE CASCADE);
  CREATE INDEX ON his.visit (person_no)`;
const PEOPLE = `
  INSERT INTO his.person VALUES ('a', 'A'), ('b', 'B'), ('c', 'C'), ('y', 'Y'), ('z', 'Z');
  INSERT INTO his.visit VALUES (1, 'a'), (2, 'b'), (26, 'z')`;
const DECLARATION = `
silgi: 1
database: { schemas: [his] }
patient:
  table: his.person
  key: { column: person_no, type: text }
  shard: patient
  resource: Person
  directory: { familyName: name }
tables:
  his.visit: { shard: clinical, resource: Visit, key: person_no }`;

let hospital: AdoptedHospital;
beforeAll(async () => {
  hospital = await openAdopted({ schema: SCHEMA, people: PEOPLE, declaration: DECLARATION });
});
afterAll(() => hospital.close());

const run = (sql: string) => hospital.database.query(sql);
async function patientIdOf(key: string): Promise<string> {
  const [found] = await hospital.database.query<{ id: string }>(
    'SELECT patient_id AS id FROM silgi.patient_anchor WHERE patient_key = $1',
    [key],
  );
  return found?.id ?? '';
}
const remove = async (key: string) => hospital.orchestrator.deletePatient(deletionOf(await patientIdOf(key)));
const said = () => hospital.app.get(CatalogueGuard).undeclaredTables(hospital.app.get(EntityManager));

describe('patients in a partitioned table', () => {
  it.each(['a', 'z'])(
    'are deleted from whichever partition, and their keys are not registered again: %s',
    async (key) => {
      expect((await remove(key)).answer.totalRows).toBe(2);
      const refused = expect.objectContaining({ code: '23505' });
      await expect(run(`INSERT INTO his.person VALUES ('${key}', 'again')`)).rejects.toEqual(refused);
      await expect(run(`UPDATE his.person SET person_no = '${key}' WHERE person_no = 'c'`)).rejects.toEqual(
        refused,
      );
      await expect(run(`INSERT INTO his.person_a VALUES ('${key}', 'again')`)).rejects.toThrow();
      await expect(run(`INSERT INTO his.visit VALUES (99, '${key}')`)).rejects.toMatchObject({
        code: '23503',
      });
      expect(await hospital.app.get(IntegrityScan).run()).toMatchObject({ healthy: true });
    },
  );

  it('are registered in every partition, or no deletion takes place', async () => {
    await run('ALTER TABLE his.person_z DISABLE TRIGGER silgi_patient_anchor');
    expect(await said()).toEqual([
      { table: 'his.person', why: expect.stringContaining('silgi_patient_anchor') },
    ]);
    await expect(remove('b')).rejects.toMatchObject({ code: 'DELETION_VETOED' });
    await run('ALTER TABLE his.person_z ENABLE TRIGGER silgi_patient_anchor');
    expect(await said()).toEqual([]);
  });

  it('fence their rows in every partition, or no deletion takes place', async () => {
    const off = (what: string) =>
      run(`DO $$ DECLARE t record; BEGIN
        FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'his.person_z'::regclass AND tgisinternal AND tgconstraint <> 0 LOOP
          EXECUTE format('ALTER TABLE his.person_z ${what} TRIGGER %I', t.tgname);
        END LOOP; END $$`);
    await off('DISABLE');
    expect(await said()).toEqual([
      { table: 'his.visit', why: expect.stringContaining('no foreign key that is on') },
    ]);
    await off('ENABLE');
    expect((await remove('b')).answer.totalRows).toBe(2);
  });
});
