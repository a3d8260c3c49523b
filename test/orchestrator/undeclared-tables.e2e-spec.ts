import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { keepOnDeletion } from '../../src/shards/index.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { GuardStage } from './guard.stage.js';

const UNDECLARED = /no shard declares/;
const PATIENTS = 'patient.sharded_patient_demographics';

let silgi: Silgi;
let stage: GuardStage;
beforeAll(async () => {
  silgi = await openSilgi();
  stage = new GuardStage(silgi);
  await stage.run(
    'CREATE SCHEMA lab; CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER away FOREIGN DATA WRAPPER nowhere',
  );
  // The first reading is behind: what comes now has to show in the fingerprint.
  await stage.expectNoVeto();
});
afterEach(() => silgi.assertNothingLeaked());
afterAll(() => silgi.close());

describe('in the schemas of the shards, every table that is not declared makes every deletion refuse:', () => {
  it.each([
    [
      'one with the camel-case column that an ORM makes',
      'CREATE TABLE clinical.lab_note (id uuid PRIMARY KEY, "patientId" uuid NOT NULL, body text)',
      'clinical.lab_note',
      /a table linked to patients that no shard declares/,
    ],
    [
      'one whose columns say nothing of a patient',
      'CREATE TABLE finance.pocket (pid uuid, amount numeric)',
      'finance.pocket',
      /a table in the schema of a shard that no shard declares/,
    ],
    ['one without columns', 'CREATE TABLE patient.nothing ()', 'patient.nothing', UNDECLARED],
    ['one in the audit shard', 'CREATE TABLE audit.trail (who text)', 'audit.trail', UNDECLARED],
    ['an unlogged one', 'CREATE UNLOGGED TABLE clinical.fast (a int)', 'clinical.fast', UNDECLARED],
    [
      'a partitioned one, once and not its partitions',
      'CREATE TABLE clinical.visit (a int) PARTITION BY LIST (a); CREATE TABLE clinical.visit_1 PARTITION OF clinical.visit DEFAULT',
      'clinical.visit',
      /a partitioned table in the schema/,
    ],
    [
      'a partition of a table that lies elsewhere',
      'CREATE TABLE lab.visit (a int) PARTITION BY LIST (a); CREATE TABLE clinical.visit_1 PARTITION OF lab.visit DEFAULT',
      'clinical.visit_1',
      /a partition in the schema/,
    ],
    [
      'what inherits from a declared table',
      'CREATE TABLE clinical.tani_2020 () INHERITS (clinical.sharded_tani)',
      'clinical.tani_2020',
      /a table linked to patients/,
    ],
    [
      'a foreign table',
      'CREATE FOREIGN TABLE clinical.remote (a int) SERVER away',
      'clinical.remote',
      /a foreign table in the schema/,
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW finance.totals AS SELECT count(*) FROM finance.sharded_fatura',
      'finance.totals',
      /a materialized view in the schema/,
    ],
  ])('%s', async (_, ddl, table, why) => {
    await stage.run(ddl);
    await stage.expectVeto(table, why);
    const kind = ddl.includes('MATERIALIZED')
      ? 'MATERIALIZED VIEW'
      : ddl.includes('FOREIGN')
        ? 'FOREIGN TABLE'
        : 'TABLE';
    await stage.run(`DROP ${kind} ${table} CASCADE; DROP TABLE IF EXISTS lab.visit`);
    await stage.expectNoVeto();
  });

  it('and one that is declared as kept, with its reason, does not', async () => {
    await stage.run('CREATE TABLE clinical.icd_code (code text PRIMARY KEY, title text)');
    await stage.expectVeto('clinical.icd_code', UNDECLARED);
    keepOnDeletion('clinical', 'icd_code', 'reference data: no patient stands in it');
    await stage.expectNoVeto();
    // What refers to reference data is not linked to patients by it.
    await stage.run('CREATE TABLE lab.code_use (code text REFERENCES clinical.icd_code (code))');
    await stage.expectNoVeto();
    await stage.run('DROP TABLE lab.code_use');
  });
});

describe('in any other schema, a column that is the patient key’s name makes every deletion refuse:', () => {
  it.each([
    'patientId',
    'PatientId',
    'PATIENT_ID',
    'PATIENTID',
    'patientid',
    'Patient_Id',
    'patient-id',
    'Patient ID',
    'patient.id',
    '_patient_id',
    'PATİENT_ID',
    'patıent_ıd',
  ])('%s, in a table that is made', async (column) => {
    await stage.run(`CREATE TABLE lab.sample ("${column}" uuid)`);
    await stage.expectVeto('lab.sample', /a table linked to patients that no shard declares/);
    await stage.run('DROP TABLE lab.sample');
  });

  it.each(['patientId', 'PATIENT_ID', 'Patient-Id'])('%s, in a column that is renamed', async (column) => {
    await stage.run('CREATE TABLE lab.sample (person uuid)');
    await stage.expectNoVeto();
    await stage.run(`ALTER TABLE lab.sample RENAME COLUMN person TO "${column}"`);
    await stage.expectVeto('lab.sample', UNDECLARED);
    await stage.run('DROP TABLE lab.sample');
  });

  it('in a foreign table, in a partition and in a materialized view', async () => {
    await stage.run(`CREATE FOREIGN TABLE lab.a ("PatientID" uuid) SERVER away;
      CREATE TABLE lab.b ("PatientID" uuid) PARTITION BY HASH ("PatientID");
      CREATE TABLE lab.b_1 PARTITION OF lab.b FOR VALUES WITH (MODULUS 1, REMAINDER 0);
      CREATE MATERIALIZED VIEW lab.c AS SELECT patient_id AS "PatientID" FROM clinical.sharded_tani`);
    expect((await stage.read()).map(({ table, why }) => `${table} ${why.split(' linked')[0] ?? ''}`)).toEqual(
      ['lab.a a foreign table', 'lab.b a partitioned table', 'lab.c a materialized view'],
    );
    await stage.run('DROP FOREIGN TABLE lab.a; DROP TABLE lab.b; DROP MATERIALIZED VIEW lab.c');
  });

  it.each([
    ['another name', 'pid uuid'],
    ['a name that only begins like it', 'patient_identity uuid'],
    ['the name of something else', 'patent_id uuid'],
  ])('but not %s', async (_, column) => {
    await stage.run(`CREATE TABLE lab.sample (${column})`);
    await stage.expectNoVeto();
    await stage.run('DROP TABLE lab.sample');
  });

  it('but not a table of one session alone', async () => {
    const session = await silgi.database.connect();
    await session.query('CREATE TEMPORARY TABLE mine (patient_id uuid)');
    await stage.expectNoVeto();
    await session.end();
  });
});

describe('in any other schema, a path of foreign keys to patients makes every deletion refuse:', () => {
  const sample = `CREATE TABLE lab.sample (id uuid PRIMARY KEY, owner uuid REFERENCES ${PATIENTS} (patient_id))`;
  it.each([
    [
      'to the patient’s own table',
      sample,
      'lab.sample',
      `linked to patients by a foreign key to ${PATIENTS}`,
    ],
    [
      'to a patient-owned table',
      'CREATE TABLE lab.sample (a uuid, b uuid, FOREIGN KEY (a, b) REFERENCES clinical.sharded_muayene (patient_id, id))',
      'lab.sample',
      'by a foreign key to clinical.sharded_muayene',
    ],
    [
      'from a partition alone',
      `CREATE TABLE lab.sample (owner uuid) PARTITION BY HASH (owner);
       CREATE TABLE lab.sample_1 PARTITION OF lab.sample FOR VALUES WITH (MODULUS 1, REMAINDER 0);
       ALTER TABLE lab.sample_1 ADD FOREIGN KEY (owner) REFERENCES ${PATIENTS} (patient_id)`,
      'lab.sample',
      'a partitioned table linked to patients by a foreign key',
    ],
  ])('%s', async (_, ddl, table, why) => {
    await stage.run(ddl);
    await stage.expectVeto(table, new RegExp(why));
    await stage.run(`DROP TABLE ${table}`);
    await stage.expectNoVeto();
  });

  it('of any length, a partition and an inheritance on the way included', async () => {
    await stage.run(`${sample};
      CREATE TABLE lab.tube (id uuid PRIMARY KEY, sample uuid REFERENCES lab.sample) PARTITION BY HASH (id);
      CREATE TABLE lab.tube_1 PARTITION OF lab.tube FOR VALUES WITH (MODULUS 1, REMAINDER 0);
      CREATE TABLE lab.drop (tube uuid REFERENCES lab.tube_1 (id));
      CREATE TABLE lab.drop_old () INHERITS (lab.drop)`);
    expect(
      (await stage.read()).map(({ table, why }) => `${table} ${/key to (\S+)/.exec(why)?.[1] ?? ''}`),
    ).toEqual([
      'lab.drop lab.tube',
      'lab.drop_old lab.drop',
      `lab.sample ${PATIENTS}`,
      'lab.tube lab.sample',
    ]);
    await stage.run('DROP TABLE lab.drop_old, lab.drop, lab.tube, lab.sample');
    await stage.expectNoVeto();
  });
});
