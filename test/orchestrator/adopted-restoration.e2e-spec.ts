import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import type { DeletionKey } from '../../src/shards/index.js';
import { deletionOf, restorationOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted, ROWS_OF_ONE } from '../adopted/hospital.stage.js';

let hospital: AdoptedHospital;

beforeAll(async () => {
  hospital = await openAdopted();
});

afterAll(() => hospital.close());

/** Every row of the hospital's own tables as text, each table's in order. */
async function allRows(): Promise<string[]> {
  const tables = [...Object.keys(ROWS_OF_ONE), 'his.ward', 'his.staff'].map((name) =>
    name === 'Hasta_Kayıt.Not.lar' ? '"Hasta_Kayıt"."Not.lar"' : name,
  );
  const parts = tables.map((table) => `SELECT '${table} ' || t::text AS row FROM ${table} t`);
  const rows = await hospital.database.query<{ row: string }>(`${parts.join(' UNION ALL ')} ORDER BY 1`);
  return rows.map(({ row }) => row);
}

async function keptRows(): Promise<number> {
  const vaults = await hospital.database.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'silgi_vault'::regnamespace AND relkind = 'r'`,
  );
  const counts = vaults.map(({ name }) => `(SELECT count(*) FROM ${name})`);
  const [row] = await hospital.database.query<{ rows: number }>(
    `SELECT (${counts.join(' + ')})::int AS rows`,
  );
  return row?.rows ?? NaN;
}

async function remove(key: number): Promise<DeletionKey> {
  const patientId = await hospital.patientIdOf(key);
  const { answer } = await hospital.orchestrator.deletePatient(deletionOf(patientId));
  return { patientId, deletionId: answer.deletionId };
}

const restore = (deletion: DeletionKey) => hospital.orchestrator.restorePatient(restorationOf(deletion));

const ANCHORS = 'SELECT * FROM silgi.patient_anchor ORDER BY patient_key';

/** Runs a restoration that must fail, and proves that nothing of it is left. @returns what it failed with */
async function fails(deletion: DeletionKey): Promise<unknown> {
  const state = async () => [await allRows(), await keptRows(), await hospital.database.query(ANCHORS)];
  const then = await state();
  const error: unknown = await restore(deletion).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeDefined();
  expect(await state()).toEqual(then);
  return error;
}

/** Something is in the way as long as the work takes. */
async function during<T>(up: string, down: string, work: () => Promise<T>): Promise<T> {
  await hospital.database.query(up);
  try {
    return await work();
  } finally {
    await hospital.database.query(down);
  }
}

let before: string[];
beforeEach(async () => {
  before = await allRows();
});

describe('a restoration into a hospital’s own tables', () => {
  it('brings back every row as it was, for one event, and leaves nothing behind', async () => {
    const deletion = await remove(2);
    expect(await allRows()).not.toEqual(before);
    const { answer } = await restore(deletion);
    expect(await allRows()).toEqual(before);
    expect(await keptRows()).toBe(0);
    const counts = answer.shards.flatMap(({ resources }) =>
      resources.map(({ table, rows }) => [table, rows] as const),
    );
    expect(Object.fromEntries(counts)).toEqual(ROWS_OF_ONE);
    const events = await hospital.database.query(
      `SELECT action FROM audit.sharded_audit_event WHERE patient_id = $1 AND action = 'SYSTEM_RESTORE_PATIENT'`,
      [deletion.patientId],
    );
    expect(events).toHaveLength(1);
    const manager = hospital.app.get(EntityManager);
    expect(await hospital.app.get(CatalogueGuard).undeclaredTables(manager)).toEqual([]);
    expect(await hospital.app.get(IntegrityScan).run()).toMatchObject({
      healthy: true,
      drift: [],
      mismatches: [],
    });
    await hospital.assertNothingLeaked();
  });

  it('lets the patient be deleted once more, and come back again', async () => {
    const first = await remove(2);
    await restore(first);
    const second = await remove(2);
    expect(second.patientId).toBe(first.patientId);
    expect(await fails(first)).toMatchObject({ refusal: 'ALREADY_RESTORED' });
    await restore(second);
    expect(await allRows()).toEqual(before);
  });

  it('brings back one patient of two, and the hospital goes on writing about him', async () => {
    const [one, other] = [await remove(2), await remove(3)];
    await restore(one);
    await hospital.database.query('INSERT INTO his.bill (person_no, amount) VALUES (2, 1)');
    await expect(
      hospital.database.query('INSERT INTO his.bill (person_no, amount) VALUES (3, 1)'),
    ).rejects.toMatchObject({ code: '23503' });
    await hospital.database.query('DELETE FROM his.bill WHERE person_no = 2 AND amount = 1');
    await restore(other);
    expect(await allRows()).toEqual(before);
  });

  it('is refused where a value that has to be unique is another row’s by now', async () => {
    const deletion = await remove(2);
    const error = await during(
      `INSERT INTO his.person (person_no, file_number) VALUES (77, 'F2')`,
      'DELETE FROM his.person WHERE person_no = 77',
      () => fails(deletion),
    );
    expect(error).toMatchObject({
      refusal: 'VALUE_TAKEN',
      message: expect.stringContaining('A value of his.person that has to be unique'),
    });
    await restore(deletion);
    expect(await allRows()).toEqual(before);
  });

  it('is refused where what a row refers to is gone', async () => {
    await hospital.database.query('ALTER TABLE his.visit ADD ward_no integer REFERENCES his.ward');
    await hospital.database.query('ALTER TABLE silgi_vault.his__visit ADD ward_no integer');
    await hospital.database.query(`INSERT INTO his.ward VALUES (2, 'Cerrahi')`);
    await hospital.database.query('UPDATE his.visit SET ward_no = 2 WHERE person_no = 2');
    const deletion = await remove(2);
    const error = await during(
      'DELETE FROM his.ward WHERE ward_no = 2',
      `INSERT INTO his.ward VALUES (2, 'Cerrahi')`,
      () => fails(deletion),
    );
    expect(error).toMatchObject({
      refusal: 'REFERENCE_GONE',
      point: { shard: 'clinical', table: 'his.visit' },
      message: expect.stringContaining('What a row of his.visit refers to is not there any more'),
    });
    await restore(deletion);
    await hospital.database.query('DELETE FROM his.ward WHERE ward_no = 2').catch(() => undefined);
  });

  it.each([
    ['swallows a row', 'BEFORE', 'RETURN NULL;'],
    ['changes a row before it comes', 'BEFORE', `NEW.note := 'changed'; RETURN NEW;`],
    [
      'changes a row behind it',
      'AFTER',
      `UPDATE his.contact SET note = 'changed' WHERE subject = NEW.subject; RETURN NULL;`,
    ],
  ])('is rolled back where a trigger of the hospital’s %s', async (_, when, body) => {
    const deletion = await remove(2);
    await hospital.database.query('GRANT UPDATE ON his.contact TO silgi_restorer');
    const error = await during(
      `CREATE FUNCTION his.harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
       CREATE TRIGGER harm ${when} INSERT ON his.contact FOR EACH ROW EXECUTE FUNCTION his.harm()`,
      'DROP FUNCTION his.harm() CASCADE',
      () => fails(deletion),
    );
    await hospital.database.query('REVOKE UPDATE ON his.contact FROM silgi_restorer');
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { shard: 'finance', table: 'his.contact' },
    });
    await restore(deletion);
  });

  it.each([
    [
      'changes a row of a shard that came back before',
      'AFTER INSERT ON his.bill',
      `UPDATE his.visit SET triage = 'green' WHERE person_no = NEW.person_no;`,
      { shard: 'clinical', table: 'his.visit' },
    ],
    [
      'changes a row when all is back',
      'AFTER INSERT ON his.person DEFERRABLE INITIALLY DEFERRED',
      `UPDATE his.person SET surname = 'changed' WHERE person_no = NEW.person_no;`,
      { shard: 'patient', table: 'his.person' },
    ],
    [
      'adds a row that was not there',
      'AFTER INSERT ON his.person',
      `INSERT INTO his.contact VALUES (NEW.person_no, 'person', NULL, 'welcome');`,
      { shard: 'finance', table: 'his.contact' },
    ],
    [
      'adds a row for one that it swallows',
      'AFTER INSERT ON his.bill',
      `DELETE FROM his.contact WHERE subject = NEW.person_no; INSERT INTO his.contact VALUES (NEW.person_no, 'person', NULL, 'x');`,
      { shard: 'finance', table: 'his.contact' },
    ],
  ])('is rolled back where a trigger of the hospital’s %s', async (_, when, body, point) => {
    const deletion = await remove(2);
    const kind = when.includes('DEFERRABLE') ? 'CONSTRAINT TRIGGER' : 'TRIGGER';
    const error = await during(
      `CREATE FUNCTION his.harm() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${body} RETURN NULL; END $$;
       CREATE ${kind} harm ${when} FOR EACH ROW EXECUTE FUNCTION his.harm()`,
      'DROP FUNCTION his.harm() CASCADE',
      () => fails(deletion),
    );
    expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { step: 'compare counts', ...point } });
    await restore(deletion);
    expect(await allRows()).toEqual(before);
  });

  it('leaves alone what was written for the patient meanwhile where nothing fences it', async () => {
    const deletion = await remove(2);
    await hospital.database.query(`INSERT INTO his.contact VALUES (2, 'person', NULL, 'late')`);
    await restore(deletion);
    await hospital.database.query(`DELETE FROM his.contact WHERE note = 'late'`);
    expect(await allRows()).toEqual(before);
  });

  it('is vetoed where rows are missing of what has left', async () => {
    const deletion = await remove(2);
    await hospital.database.query(
      `CREATE TABLE public.taken AS SELECT * FROM silgi_vault.his__word WHERE false`,
    );
    await hospital.database.query(
      `WITH gone AS (DELETE FROM silgi_vault.his__word WHERE ctid = (SELECT min(ctid) FROM silgi_vault.his__word)
         RETURNING *) INSERT INTO public.taken SELECT * FROM gone`,
    );
    expect(await fails(deletion)).toMatchObject({
      refusal: 'VETOED',
      blockers: [
        {
          code: 'ROWS_DIFFER',
          detail: 'This deletion hides 11 rows of his.word; its record tells of 12.',
        },
      ],
    });
    await hospital.database.query('INSERT INTO silgi_vault.his__word SELECT * FROM public.taken');
    await hospital.database.query('DROP TABLE public.taken');
    await restore(deletion);
    expect(await allRows()).toEqual(before);
  });

  it.each([
    [
      'the hospital’s table has another column by now',
      'ALTER TABLE his.bill ADD more text',
      'ALTER TABLE his.bill DROP more',
      /has not the same columns/,
    ],
    [
      'its role may not bring rows back',
      'REVOKE INSERT ON his.bill FROM silgi_restorer',
      'GRANT INSERT ON his.bill TO silgi_restorer',
      /who restores may not move its rows; it lacks INSERT\.$/,
    ],
  ])('is vetoed where %s', async (_, up, down, detail) => {
    const deletion = await remove(2);
    const error = await during(up, down, () => fails(deletion));
    expect(error).toMatchObject({
      refusal: 'VETOED',
      blockers: [{ detail: expect.stringMatching(detail) }],
    });
    await restore(deletion);
  });
});
