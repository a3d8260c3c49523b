import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';

/** Keys of patients that nothing else has by chance. */
const KEY = 471_190_112_358;
const OTHER_KEY = 471_190_213_455;

let hospital: AdoptedHospital;
let api: Api;
let patientId: string;
let otherId: string;
let certificate: string;
beforeAll(async () => {
  hospital = await openAdopted();
  const { database } = hospital;
  await database.query(`
    INSERT INTO his.person (person_no, file_number, surname) VALUES (${KEY}, 'F-1', 'Yıldız'), (${OTHER_KEY}, 'F-2', 'Kaya');
    INSERT INTO his.bill (person_no) VALUES (${KEY}), (${OTHER_KEY});
    CREATE FUNCTION his.refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'person % stays', OLD.person_no USING DETAIL = OLD.person_no, HINT = OLD.person_no; END $$;
    CREATE TRIGGER refuse BEFORE DELETE ON his.bill FOR EACH ROW WHEN (OLD.person_no = ${OTHER_KEY})
      EXECUTE FUNCTION his.refuse()`);
  api = await openApi(database.url);
  patientId = await hospital.patientIdOf(KEY);
  otherId = await hospital.patientIdOf(OTHER_KEY);
  const path = `/patients/${patientId}/deletions`;
  const deleted = await api.call('post', path, 'system-admin').send(REQUEST).expect(201);
  const { deletionId } = deleted.body as { deletionId: string };
  // One that fails, with the key in whatever the database says of it.
  await api.call('post', `/patients/${otherId}/deletions`, 'system-admin').send(REQUEST).expect(500);
  const issued = await api.call('get', `${path}/${deletionId}/certificate`, 'privacy-officer').expect(200);
  certificate = issued.text;
});
afterAll(async () => {
  await api.close();
  await hospital.close();
});

const hasKey = (text: string) => text.includes(String(KEY)) || text.includes(String(OTHER_KEY));

describe('the hospital’s key of a patient', () => {
  it('finds the patient who is there, and him who is deleted by nothing but his pseudonym', async () => {
    for (const [key, id, state] of [
      [KEY, patientId, 'deleted'],
      [OTHER_KEY, otherId, 'live'],
    ] as const) {
      const answer = await api
        .call('get', `/patients?key=${key}&state=${state}`, 'privacy-officer')
        .expect(200);
      expect(answer.body).toMatchObject({ items: [{ patientId: id, state }] });
      expect(hasKey(JSON.stringify(answer.body))).toBe(false);
    }
  });

  it('stands in no column of the log, of the records or of what is sealed', async () => {
    const tables = await hospital.database.query<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind IN ('r', 'p') AND nspname IN ('audit', 'patient')`,
    );
    expect(tables.length).toBeGreaterThan(6);
    let rows = 0;
    for (const { name } of tables) {
      const found = await hospital.database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      rows += found.length;
      expect([name, found.filter(({ row }) => hasKey(row))]).toEqual([name, []]);
    }
    expect(rows).toBeGreaterThan(3);
    const actions = await hospital.database.query<{ action: string }>(
      'SELECT action FROM audit.sharded_audit_event ORDER BY audit_event_id',
    );
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['SYSTEM_DELETE_PATIENT', 'SYSTEM_DELETE_PATIENT_FAILED']),
    );
  });

  it('stands in no certificate', () => {
    expect(certificate).toContain('his.person');
    expect(hasKey(certificate)).toBe(false);
  });

  it('stands in no line that the service logs, of requests, of deletions or of what fails', () => {
    const lines = api.log.map((line) => JSON.stringify(line));
    expect(lines.filter((line) => line.includes(patientId)).length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes(otherId)).length).toBeGreaterThan(0);
    expect(lines.filter(hasKey)).toEqual([]);
  });
});
