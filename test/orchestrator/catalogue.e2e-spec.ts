import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard } from '../../src/catalogue/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { CHILD_TABLES, digestOf, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

describe('the catalogue guard', () => {
  let silgi: Silgi;
  let patientId: string;
  let before: string;
  beforeAll(async () => {
    silgi = await openSilgi();
    await silgi.database.query('CREATE SCHEMA lab');
  });
  beforeEach(async () => {
    patientId = await seedPatient(silgi.database, 1);
    before = await digestOf(silgi.database, patientId);
  });
  afterEach(async () => {
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  const undeclared = () => silgi.app.get(CatalogueGuard).undeclaredTables(silgi.app.get(EntityManager));

  async function expectVeto(table: string, why: RegExp, shard = 'patient') {
    const error: unknown = await silgi.orchestrator.deletePatient(deletionOf(patientId)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'DELETION_VETOED' });
    expect((error as { blockers: unknown[] }).blockers).toEqual([
      { shard, code: 'UNDECLARED_TABLE', detail: expect.stringMatching(why) },
    ]);
    expect(await undeclared()).toEqual([{ table, why: expect.stringMatching(why) }]);
    expect(await digestOf(silgi.database, patientId)).toBe(before);
  }

  async function expectNoVeto() {
    expect(await undeclared()).toEqual([]);
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
      replayed: false,
    });
  }

  const cases: [string, string, string, RegExp, string][] = [
    [
      'a table with a patient_id column',
      'CREATE TABLE lab.sample (patient_id uuid)',
      'lab.sample',
      /no shard declares/,
      'patient',
    ],
    [
      'a table in a schema of a shard',
      'CREATE TABLE clinical.sharded_yeni (patient_id uuid)',
      'clinical.sharded_yeni',
      /no shard declares/,
      'clinical',
    ],
    [
      'a table linked by a foreign key alone',
      'CREATE TABLE lab.sample (owner uuid REFERENCES patient.sharded_patient_demographics (patient_id))',
      'lab.sample',
      /no shard declares/,
      'patient',
    ],
    [
      'a table that references a child',
      'CREATE TABLE lab.sample (a uuid, b uuid, FOREIGN KEY (a, b) REFERENCES clinical.sharded_muayene (patient_id, id))',
      'lab.sample',
      /no shard declares/,
      'patient',
    ],
    [
      'a partitioned table, once and not its partitions',
      `CREATE TABLE lab.sample (patient_id uuid, at date) PARTITION BY RANGE (at);
       CREATE TABLE lab.sample_2026 PARTITION OF lab.sample FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
      'lab.sample',
      /a partitioned table linked to patients/,
      'patient',
    ],
    [
      'a materialized view, which is a copy',
      'CREATE MATERIALIZED VIEW lab.sample AS SELECT patient_id FROM clinical.sharded_tani',
      'lab.sample',
      /a materialized view linked to patients/,
      'patient',
    ],
  ];
  it.each(cases)('finds %s and makes every deletion refuse', async (_, ddl, table, why, shard) => {
    await silgi.database.query(ddl);
    await expectVeto(table, why, shard);
    await silgi.database.query(
      `DROP ${ddl.includes('MATERIALIZED') ? 'MATERIALIZED VIEW' : 'TABLE'} ${table} CASCADE`,
    );
    await expectNoVeto();
  });

  it('finds a table that is linked by the renaming of a column alone', async () => {
    await silgi.database.query('CREATE TABLE lab.sample (person uuid)');
    await expectNoVeto();
    patientId = await seedPatient(silgi.database, 1);
    before = await digestOf(silgi.database, patientId);
    await silgi.database.query('ALTER TABLE lab.sample RENAME COLUMN person TO patient_id');
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'UNDECLARED_TABLE', detail: expect.stringContaining('lab.sample') }],
    });
    await silgi.database.query('DROP TABLE lab.sample');
    await expectNoVeto();
  });

  it('finds a foreign path of two steps', async () => {
    await silgi.database.query(`
      CREATE TABLE lab.sample (id uuid PRIMARY KEY, owner uuid REFERENCES patient.sharded_patient_demographics (patient_id));
      CREATE TABLE lab.tube (sample uuid REFERENCES lab.sample (id))`);
    expect((await undeclared()).map(({ table }) => table)).toEqual(['lab.sample', 'lab.tube']);
    await silgi.database.query('DROP TABLE lab.tube, lab.sample');
  });

  it.each([
    ['a view', 'CREATE VIEW lab.seen AS SELECT patient_id FROM clinical.sharded_tani', 'DROP VIEW lab.seen'],
    ['a table without patients', 'CREATE TABLE lab.device (id uuid)', 'DROP TABLE lab.device'],
  ])('has nothing against %s', async (_, up, down) => {
    await silgi.database.query(up);
    await expectNoVeto();
    await silgi.database.query(down);
  });

  describe('a declared table', () => {
    const keysOf = async (table: string) => {
      const keys = await silgi.database.query<{ name: string; definition: string }>(
        `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype = 'f' AND cardinality(conkey) = 2`,
        [table],
      );
      expect(keys).toHaveLength(1);
      return keys[0] as { name: string; definition: string };
    };

    it('without its live foreign key makes every deletion refuse', async () => {
      const table = 'clinical.sharded_tani';
      const { name, definition } = await keysOf(table);
      await silgi.database.query(`ALTER TABLE ${table} DROP CONSTRAINT "${name}"`);
      await expectVeto(table, /live foreign key .* missing/, 'clinical');
      await silgi.database.query(`ALTER TABLE ${table} ADD CONSTRAINT "${name}" ${definition} NOT VALID`);
      await expectVeto(table, /live foreign key .* missing/, 'clinical');
      await silgi.database.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT "${name}"`);
      await expectNoVeto();
    });

    it('whose key is switched off by its triggers makes every deletion refuse', async () => {
      await silgi.database.query('ALTER TABLE finance.sharded_fatura DISABLE TRIGGER ALL');
      await expectVeto('finance.sharded_fatura', /not enforced/, 'finance');
      await silgi.database.query('ALTER TABLE finance.sharded_fatura ENABLE TRIGGER ALL');
      await expectNoVeto();
    });

    it('that was renamed is named as missing, and so is its new name', async () => {
      await silgi.database.query('ALTER TABLE clinical.sharded_asi RENAME TO sharded_asi_eski');
      expect((await undeclared()).map(({ table }) => table)).toEqual([
        'clinical.sharded_asi_eski',
        'clinical.sharded_asi',
      ]);
      const error: unknown = await silgi.orchestrator
        .deletePatient(deletionOf(patientId))
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(SHARD_FAILED|DELETION_VETOED)$/) });
      await silgi.database.query('ALTER TABLE clinical.sharded_asi_eski RENAME TO sharded_asi');
      expect(await digestOf(silgi.database, patientId)).toBe(before);
    });

    it('that lost its deletion columns makes every deletion refuse', async () => {
      await silgi.database.query('ALTER TABLE clinical.sharded_cihaz RENAME COLUMN live TO alive');
      expect(await undeclared()).toEqual([
        { table: 'clinical.sharded_cihaz', why: 'the columns is_deleted and live are missing' },
      ]);
      await silgi.database.query('ALTER TABLE clinical.sharded_cihaz RENAME COLUMN alive TO live');
      await expectNoVeto();
    });
  });

  it('finds by the rescan a table that appeared while the deletion ran, which is rolled back', async () => {
    silgi.faults.at('mark clinical', async () => {
      await silgi.database.query('CREATE TABLE lab.late (patient_id uuid)');
      await silgi.database.query('INSERT INTO lab.late VALUES ($1)', [patientId]);
    });
    await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'UNDECLARED_TABLE', detail: expect.stringContaining('lab.late') }],
    });
    expect(silgi.faults.failed.map(({ step }) => step)).toEqual(['rescan']);
    expect(await digestOf(silgi.database, patientId)).toBe(before);
    await silgi.database.query('DROP TABLE lab.late');
    await expectNoVeto();
  });

  // Last in this file: a column that has been tampered with cannot be made a generated one again.
  describe('finds by the rescan', () => {
    const failureAt = (table: string) => {
      const [shard, name] = table.split('.');
      return { code: 'SHARD_FAILED', point: { phase: 'EXECUTE', shard, table: name, step: 'rescan' } };
    };

    beforeEach(async () => {
      patientId = await seedPatient(silgi.database, 0);
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('demographics that their own repository says to be marked, and which are not', async () => {
      const patient = silgi.app.get(PatientRepository);
      jest.spyOn(patient, 'markDeleted').mockResolvedValueOnce({ shard: 'patient', resources: [] });
      jest.spyOn(patient, 'countDemographicsMarked').mockResolvedValueOnce(1);
      before = await digestOf(silgi.database, patientId);
      const failure = failureAt('patient.sharded_patient_demographics');
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject(failure);
      expect(await digestOf(silgi.database, patientId)).toBe(before);
    });

    it.each(CHILD_TABLES)('a live row that the marks and the keys have missed in %s', async (table) => {
      // Without its expression the column says what it is told: marks and live key believe the row to be hidden.
      await silgi.database.query(`ALTER TABLE ${table} ALTER COLUMN live DROP EXPRESSION`);
      await silgi.database.query(
        `INSERT INTO ${table} (patient_id, id, live) VALUES ($1, gen_random_uuid(), NULL)`,
        [patientId],
      );
      before = await digestOf(silgi.database, patientId);
      // The vote would refuse such a column at once.
      jest.spyOn(silgi.app.get(CatalogueGuard), 'vote').mockResolvedValueOnce([]);
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject(
        failureAt(table),
      );
      expect(await digestOf(silgi.database, patientId)).toBe(before);
    });
  });

  it('vetoes in the vote where a column live is no longer generated', async () => {
    const error: unknown = await silgi.orchestrator
      .deletePatient(deletionOf(patientId))
      .catch((e: unknown) => e);
    const detail = (table: string) => `${table}: live is not generated from is_deleted.`;
    expect(
      (error as { blockers: { detail: string }[] }).blockers.map((blocker) => blocker.detail).sort(),
    ).toEqual(CHILD_TABLES.map(detail).sort());
  });
});
