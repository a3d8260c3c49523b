import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Api, openApi } from '../admin/api.js';
import { deletionOf } from '../support/silgi.js';
import { AdoptedGuard } from './guard.stage.js';

let guard: AdoptedGuard;
let api: Api;
let key: number;
let patientId: string;
let deletionId: string;
beforeAll(async () => {
  guard = await AdoptedGuard.open();
  api = await openApi(guard.hospital.database.url);
});
beforeEach(async () => {
  key = await guard.patient();
  patientId = await guard.hospital.patientIdOf(key);
  const { answer } = await guard.hospital.orchestrator.deletePatient(deletionOf(patientId));
  deletionId = answer.deletionId;
});
afterAll(async () => {
  await api.close();
  await guard.hospital.close();
});

const certificate = () =>
  api.call('get', `/patients/${patientId}/deletions/${deletionId}/certificate`, 'privacy-officer');

/** As a superuser, past every fence. */
const pastTheFences = (sql: string) =>
  guard.run(`SET session_replication_role = replica; ${sql}; RESET session_replication_role`);

describe('of a hospital’s own tables, the integrity scan', () => {
  it('counts the rows that no patient has, by what the declaration says of each, and is healthy beside them', async () => {
    await guard.run(
      "INSERT INTO his.contact VALUES (NULL, 'person', NULL, 'a'), (99999, 'person', NULL, 'b')",
    );
    await guard.run(
      "INSERT INTO his.contact VALUES (NULL, 'visit', 99999, 'c'), (NULL, 'ward', 1, 'd'), (NULL, NULL, NULL, 'e')",
    );
    expect(await guard.scan()).toMatchObject({
      healthy: true,
      // That of a ward, or of no kind, is nobody's, and nothing says that it should be somebody's.
      rowsOfNobody: [{ shard: 'finance', table: 'his.contact', rows: 3, withoutKey: 1 }],
    });
    await guard.run("DELETE FROM his.contact WHERE note IN ('a', 'b', 'c', 'd', 'e')");
    expect(await guard.scan()).toMatchObject({ rowsOfNobody: [] });
  });

  it.each([
    [
      'the row of the patient himself',
      'patient',
      'his.person',
      (of: number) => `INSERT INTO his.person (person_no, file_number) VALUES (${of}, 'again ${of}')`,
      (of: number) => `DELETE FROM his.person WHERE person_no = ${of}`,
    ],
    [
      'a row that names the patient',
      'clinical',
      'his.visit',
      (of: number) =>
        `INSERT INTO his.visit (visit_no, person_no) OVERRIDING SYSTEM VALUE VALUES (-${of}, ${of})`,
      (of: number) => `DELETE FROM his.visit WHERE visit_no = -${of}`,
    ],
    [
      'a row that hangs on one that has left',
      'clinical',
      'Hasta_Kayıt.Not.lar',
      (of: number) => `INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (-${of}, ${of}, 'late')`,
      (of: number) => `DELETE FROM "Hasta_Kayıt"."Not.lar" WHERE "No" = -${of}`,
    ],
    [
      'a row that hangs on one that hangs on one',
      'clinical',
      'his.word',
      (of: number) => `INSERT INTO his.word VALUES (${of}, 'late')`,
      (of: number) => `DELETE FROM his.word WHERE "No" = ${of}`,
    ],
    [
      'a row of a table that nothing fences',
      'finance',
      'his.contact',
      (of: number) => `INSERT INTO his.contact (kind, ref) VALUES ('visit', ${of})`,
      (of: number) => `DELETE FROM his.contact WHERE ref = ${of}`,
    ],
  ])(
    'names the table of %s, once he is deleted, and no certificate is issued',
    async (_, shard, table, add, remove) => {
      await pastTheFences(add(key));
      expect(await guard.scan()).toMatchObject({ healthy: false, orphans: [{ shard, table, rows: 1 }] });
      const answer = await certificate();
      expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({
        status: 409,
        body: { code: 'LIVE_ROWS_FOUND' },
      });
      await pastTheFences(remove(key));
      expect(await guard.scan()).toMatchObject({ healthy: true });
    },
  );

  it('names the table whose kept rows are fewer than the record says, and whose are more', async () => {
    await guard.run(
      `CREATE TABLE public.word AS SELECT * FROM silgi_vault.his__word WHERE silgi_patient_id = '${patientId}'`,
    );
    await guard.run(`DELETE FROM silgi_vault.his__word WHERE silgi_patient_id = '${patientId}'`);
    const differs = { what: 'RECORD_DIFFERS_FROM_ROWS', table: 'his.word', rows: 1 };
    expect(await guard.scan()).toMatchObject({ healthy: false, mismatches: [differs] });
    await guard.run('INSERT INTO silgi_vault.his__word TABLE public.word');
    expect(await guard.scan()).toMatchObject({ healthy: true });
    await guard.run('INSERT INTO silgi_vault.his__word TABLE public.word');
    expect(await guard.scan()).toMatchObject({ healthy: false, mismatches: [differs] });
    await guard.run(
      `DELETE FROM silgi_vault.his__word WHERE silgi_patient_id = '${patientId}'; INSERT INTO silgi_vault.his__word TABLE public.word; DROP TABLE public.word`,
    );
    expect(await guard.scan()).toMatchObject({ healthy: true });
  });

  it('names a kept row of a deletion that has no record, one with another time, and a patient who is not kept', async () => {
    await guard.run(
      `INSERT INTO silgi_vault.his__bill SELECT gen_random_uuid(), gen_random_uuid(), now(), b.* FROM his.bill b LIMIT 1`,
    );
    expect(await guard.scan()).toMatchObject({
      mismatches: [{ what: 'MARK_WITHOUT_RECORD', table: 'his.bill', rows: 1 }],
    });
    await guard.run(
      'DELETE FROM silgi_vault.his__bill v WHERE NOT EXISTS (SELECT FROM silgi.patient_anchor a WHERE a.patient_id = v.silgi_patient_id)',
    );
    const shifted = (by: string) =>
      guard.run(
        `UPDATE silgi_vault.his__bill SET silgi_deleted_at = silgi_deleted_at ${by} WHERE silgi_patient_id = '${patientId}'`,
      );
    await shifted(`+ interval '1 s'`);
    expect(await guard.scan()).toMatchObject({
      mismatches: [{ what: 'MARK_WITH_ANOTHER_TIME', table: 'his.bill', rows: 1 }],
    });
    await shifted(`- interval '1 s'`);
    const mark = (deleted: boolean) =>
      guard.run(`UPDATE silgi.patient_anchor SET is_deleted = ${deleted} WHERE patient_id = '${patientId}'`);
    await mark(false);
    expect(await guard.scan()).toMatchObject({ mismatches: [{ what: 'HALF_DELETION', rows: 1 }] });
    await mark(true);
    expect(await guard.scan()).toMatchObject({ healthy: true });
  });

  it('names the table of patients where one has no pseudonym', async () => {
    await pastTheFences(`INSERT INTO his.person (person_no, file_number) VALUES (-${key}, 'without')`);
    expect(await guard.scan()).toMatchObject({
      healthy: false,
      drift: [{ table: 'his.person', why: '1 patients have no pseudonym: run silgi adopt apply' }],
    });
    await guard.run(`DELETE FROM his.person WHERE person_no = -${key}`);
    expect(await guard.scan()).toMatchObject({ healthy: true });
  });

  it('takes no row for a deleted patient’s whose number the hospital has given again to another’s', async () => {
    const other = await guard.patient();
    await guard.run(`
      INSERT INTO his.visit (visit_no, person_no) OVERRIDING SYSTEM VALUE VALUES (${key}, ${other});
      INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (${key}, ${key}, 'of somebody else');
      INSERT INTO his.word VALUES (${key}, 'of somebody else');
      INSERT INTO his.contact (kind, ref) VALUES ('visit', ${key})`);
    expect(await guard.scan()).toMatchObject({ healthy: true, orphans: [] });
    expect((await certificate()).status).toBe(200);
  });
});

it('rows that are the same in every column, of a table without a primary key, leave all of them', async () => {
  const [kept] = (await guard.run(
    `SELECT count(*)::int AS words FROM silgi_vault.his__word WHERE silgi_patient_id = '${patientId}'`,
  )) as { words: number }[];
  expect(kept?.words).toBe(2);
});
