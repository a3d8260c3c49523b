import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdoptedHospital, openAdopted, ROWS_OF_ONE } from '../adopted/hospital.stage.js';
import { deletionOf } from '../support/silgi.js';

let hospital: AdoptedHospital;
let patientId: string;

beforeAll(async () => {
  hospital = await openAdopted();
  patientId = await hospital.patientIdOf(2);
});

afterAll(() => hospital.close());

/** Everything that a deletion writes: the hospital's rows, pseudonyms, kept rows, records and events. */
async function everything(): Promise<unknown[]> {
  const tables = await hospital.database.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('his', 'Hasta_Kayıt', 'silgi', 'silgi_vault', 'patient', 'audit') AND c.relkind = 'r' ORDER BY 1`,
  );
  const parts = tables.map(
    ({ name }) => `SELECT '${name.replaceAll("'", "''")} ' || t::text AS row FROM ${name} t`,
  );
  return hospital.database.query(`${parts.join(' UNION ALL ')} ORDER BY 1`);
}

let before: unknown[];
beforeEach(async () => {
  before = await everything();
});
afterEach(async () => {
  expect(await everything()).toEqual(before);
  await hospital.assertNothingLeaked();
});

const rehearse = () => hospital.orchestrator.rehearseDeletion(deletionOf(patientId));

describe('a rehearsal of a deletion changes nothing and', () => {
  it('counts what would leave by table, and says how long that and each key took', async () => {
    const { answer, milliseconds, times } = await rehearse();
    const counts = answer.shards.flatMap(({ resources }) =>
      resources.map(({ table, rows }) => [table, rows] as const),
    );
    expect(Object.fromEntries(counts)).toEqual(ROWS_OF_ONE);
    const took = times.flatMap(({ tables }) => tables);
    expect(took.map(({ table }) => table).sort()).toEqual(Object.keys(ROWS_OF_ONE).sort());
    for (const time of took) expect(time.milliseconds).toBeGreaterThan(0);
    expect(milliseconds).toBeGreaterThan(0);
    // A key is checked for each row of the table that it refers to.
    expect(times.flatMap(({ checks }) => checks)).toContainEqual({
      name: 'visit_previous_visit_fkey',
      table: 'visit',
      calls: ROWS_OF_ONE['his.visit'],
      milliseconds: expect.any(Number),
    });
  });

  it('fails as the deletion would where a trigger of the hospital’s raises', async () => {
    await hospital.database.query(`
      CREATE FUNCTION his.harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER harm BEFORE DELETE ON his.visit FOR EACH ROW EXECUTE FUNCTION his.harm()`);
    await expect(rehearse()).rejects.toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: 'clinical', step: 'mark clinical' },
    });
    await hospital.database.query('DROP FUNCTION his.harm() CASCADE');
  });

  it('fails where the database would refuse at the commit', async () => {
    await hospital.database.query(`
      CREATE FUNCTION his.harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE CONSTRAINT TRIGGER harm AFTER DELETE ON his.visit DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION his.harm()`);
    await expect(rehearse()).rejects.toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', step: 'check constraints' },
    });
    await hospital.database.query('DROP FUNCTION his.harm() CASCADE');
  });

  it('is vetoed as the deletion would be', async () => {
    await hospital.database.query(
      `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
      [patientId, randomUUID()],
    );
    await expect(rehearse()).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'LEGAL_HOLD' }],
    });
    await hospital.database.query('DELETE FROM patient.sharded_legal_hold');
  });
});
