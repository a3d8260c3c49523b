import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ARE_THERE, databaseOf } from '../adoption/public.schemas.js';
import { describeWhere } from '../support/describe.where.js';
import { adopt, type Adopted, decided, deleteByKey, expectHealthy } from './public.stage.js';

let adopted: Adopted;

describeWhere(ARE_THERE, 'the public schemas', 'MIMIC-IV, adopted by the commands of the page', () => {
  const SCHEMAS = ['mimiciv_hosp', 'mimiciv_icu', 'mimiciv_ed', 'mimiciv_note'];
  beforeAll(async () => {
    const database = await databaseOf(
      'mimic',
      `SET session_replication_role = replica;
       INSERT INTO mimiciv_hosp.patients (subject_id, gender, anchor_age, anchor_year, anchor_year_group)
         SELECT n, 'F', 50, 2100, '2008 - 2010' FROM generate_series(10001, 10004) n;
       INSERT INTO mimiciv_hosp.admissions (subject_id, hadm_id, admittime, admission_type, hospital_expire_flag)
         SELECT 10001 + n % 4, 20000 + n, now(), 'EW', 0 FROM generate_series(0, 7) n;
       INSERT INTO mimiciv_hosp.diagnoses_icd (subject_id, hadm_id, seq_num, icd_code, icd_version)
         SELECT 10001 + n % 4, 20000 + n, 1, 'I10', 10 FROM generate_series(0, 7) n;
       INSERT INTO mimiciv_hosp.omr (subject_id, chartdate, seq_num, result_name, result_value)
         SELECT n, now(), 1, 'BMI', '22' FROM generate_series(10001, 10004) n, generate_series(1, 2);
       INSERT INTO mimiciv_ed.edstays (subject_id, stay_id, intime, outtime, gender, arrival_transport)
         SELECT n, n + 20000, now(), now(), 'F', 'WALK IN' FROM generate_series(10001, 10004) n;
       INSERT INTO mimiciv_ed.pyxis (subject_id, stay_id, charttime, med_rn, gsn_rn) SELECT n, n + 20000, now(), 1, 1 FROM generate_series(10001, 10004) n;
       INSERT INTO mimiciv_note.discharge (note_id, subject_id, hadm_id, note_type, note_seq, charttime, text)
         SELECT n || '-DS-1', n, n, 'DS', 1, now(), 'free text' FROM generate_series(10001, 10004) n;
       RESET session_replication_role`,
    );
    adopted = await adopt(database, SCHEMAS, decided, '10003');
  });
  afterAll(() => adopted.silgi.close());

  it('deletes a patient from every table, those without a foreign key included, and from no other', async () => {
    await expectHealthy(adopted);
    const counts = await deleteByKey(adopted, '10002');
    expect(counts).toMatchObject({
      'mimiciv_hosp.patients': 1,
      'mimiciv_hosp.admissions': 2,
      'mimiciv_hosp.diagnoses_icd': 2,
      'mimiciv_hosp.omr': 2,
      'mimiciv_ed.edstays': 1,
      'mimiciv_ed.pyxis': 1,
      'mimiciv_note.discharge': 1,
    });
    await expectHealthy(adopted);
    // What was added as a fence holds: no row for somebody who is deleted.
    await expect(
      adopted.database.query(`INSERT INTO mimiciv_hosp.omr VALUES (10002, now(), 2, 'BMI', '23')`),
    ).rejects.toMatchObject({ code: '23503' });
  });
});
