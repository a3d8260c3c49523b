import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuditRepository } from '../../src/audit/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { SERVICE_ROLE } from '../../src/postgres/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { CHILD_TABLES } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { FailingDeletion } from './rollback.stage.js';

describe('a failing deletion', () => {
  let silgi: Silgi;
  let deletion: FailingDeletion;

  beforeAll(async () => {
    silgi = await openSilgi();
  });
  beforeEach(async () => {
    deletion = await FailingDeletion.prepare(silgi);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  describe('the demographics guard', () => {
    it('rolls all clinical and finance marks back when a trigger swallows the mark of the demographics row', async () => {
      await silgi.database.query(
        `CREATE FUNCTION patient.swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      );
      await silgi.database.query(`CREATE TRIGGER swallow BEFORE UPDATE ON patient.sharded_patient_demographics
        FOR EACH ROW EXECUTE FUNCTION patient.swallow()`);
      const error = await deletion.fails();
      await silgi.database.query('DROP FUNCTION patient.swallow() CASCADE');
      expect(silgi.faults.entered).toEqual(
        expect.arrayContaining(['mark clinical', 'mark finance', 'mark patient']),
      );
      expect(error).toMatchObject({
        code: 'DEMOGRAPHICS_NOT_DELETED',
        point: { phase: 'EXECUTE', shard: 'patient', table: 'sharded_patient_demographics' },
      });
      await deletion.stillWorks();
    });

    it('does not believe a repository that claims to have marked the row', async () => {
      jest.spyOn(silgi.app.get(PatientRepository), 'markDeleted').mockResolvedValueOnce({
        shard: 'patient',
        resources: [{ resourceType: 'PatientDemographics', table: 'sharded_patient_demographics', rows: 1 }],
      });
      expect(await deletion.fails()).toMatchObject({ code: 'DEMOGRAPHICS_NOT_DELETED' });
      jest.restoreAllMocks();
      await deletion.stillWorks();
    });

    it('refuses a row that was marked for another deletion', async () => {
      const real = silgi.app.get(PatientRepository);
      const markDeleted = real.markDeleted.bind(real);
      jest
        .spyOn(real, 'markDeleted')
        .mockImplementationOnce((manager, mark) =>
          markDeleted(manager, { ...mark, deletionId: '00000000-0000-4000-8000-000000000001' }),
        );
      expect(await deletion.fails()).toMatchObject({ code: 'DEMOGRAPHICS_NOT_DELETED' });
    });
  });

  describe('a shard that forgets', () => {
    it.each(CHILD_TABLES)(
      '%s is stopped by the database when the demographics row is marked',
      async (table) => {
        const [schema, name] = table.split('.');
        const repository =
          schema === 'clinical' ? silgi.app.get(ClinicalRepository) : silgi.app.get(FinanceRepository);
        const spied = repository as unknown as { tables: () => { table: string }[] };
        const tables = spied.tables();
        jest.spyOn(spied, 'tables').mockReturnValue(tables.filter((owned) => owned.table !== name));
        const error = await deletion.fails();
        expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase: 'EXECUTE', shard: 'patient' } });
        jest.restoreAllMocks();
        await deletion.stillWorks();
      },
    );
  });

  it('is rolled back when fewer rows are marked than were voted for', async () => {
    const real = silgi.app.get(FinanceRepository);
    const vote = real.vote.bind(real);
    jest.spyOn(real, 'vote').mockImplementationOnce(async (manager, id) => {
      const honest = await vote(manager, id);
      return { ...honest, resources: honest.resources.map((count) => ({ ...count, rows: count.rows + 1 })) };
    });
    expect(await deletion.fails()).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: 'finance', step: 'compare counts', table: 'sharded_fatura' },
    });
  });

  it('is rolled back by the rescan when a row came back after its live key was dropped in between', async () => {
    const clinical = silgi.app.get(ClinicalRepository);
    const markDeleted = clinical.markDeleted.bind(clinical);
    jest.spyOn(clinical, 'markDeleted').mockImplementationOnce(async (manager, mark) => {
      const marked = await markDeleted(manager, mark);
      await manager.query('SET ROLE NONE');
      await manager.query(`DO $$ DECLARE key name; BEGIN
        SELECT conname INTO STRICT key FROM pg_constraint
        WHERE conrelid = 'clinical.sharded_asi'::regclass AND contype = 'f' AND cardinality(conkey) = 2;
        EXECUTE format('ALTER TABLE clinical.sharded_asi DROP CONSTRAINT %I', key); END $$`);
      await manager.query(
        'INSERT INTO clinical.sharded_asi (patient_id, id) VALUES ($1, gen_random_uuid())',
        [deletion.patientId],
      );
      await manager.query(`SET ROLE ${SERVICE_ROLE}`);
      return marked;
    });
    // All of it comes before the steps behind, which would share the message of its first statement.
    silgi.faults.at('mark finance', () => undefined);
    expect(await deletion.fails()).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'clinical', detail: expect.stringMatching(/sharded_asi: the live foreign key/) }],
    });
    expect(silgi.faults.failed.map(({ step }) => step)).toEqual(['rescan']);
    await deletion.stillWorks();
  });

  describe('an audit event', () => {
    it('that the database drops without an error fails the deletion', async () => {
      await silgi.database.query(
        `CREATE FUNCTION audit.drop_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      );
      await silgi.database.query(`CREATE TRIGGER drop_event BEFORE INSERT ON audit.sharded_audit_event
        FOR EACH ROW EXECUTE FUNCTION audit.drop_event()`);
      const error = await deletion.fails();
      await silgi.database.query('DROP FUNCTION audit.drop_event() CASCADE');
      expect(error).toMatchObject({
        code: 'SHARD_FAILED',
        point: { phase: 'EXECUTE', shard: 'audit', step: 'audit', table: 'sharded_audit_event' },
      });
    });

    it('is gone with the deletion when the record fails after it', async () => {
      silgi.faults.at('record', () => {
        throw new Error('injected');
      });
      await deletion.fails();
      expect(silgi.faults.entered).toContain('audit');
    });

    it('that the audit log would refuse vetoes the deletion before anything is marked', async () => {
      jest.spyOn(silgi.app.get(AuditRepository), 'vote').mockResolvedValueOnce({
        shard: 'audit',
        resources: [],
        vetoes: [{ shard: 'audit', code: 'AUDIT_NOT_WRITABLE', detail: 'no' }],
      });
      expect(await deletion.fails()).toMatchObject({
        code: 'DELETION_VETOED',
        blockers: [{ code: 'AUDIT_NOT_WRITABLE' }],
      });
      expect(silgi.faults.entered).not.toContain('mark clinical');
    });
  });

  it('collects the vetoes of all shards, not just the first', async () => {
    for (const repository of [ClinicalRepository, FinanceRepository]) {
      const real = silgi.app.get<ClinicalRepository | FinanceRepository>(repository);
      jest
        .spyOn(real as unknown as { vetoesIn: () => unknown[] }, 'vetoesIn')
        .mockReturnValueOnce([{ shard: real.shard, code: 'OWN_RULE', detail: 'not now' }]);
    }
    expect(await deletion.fails()).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'clinical' }, { shard: 'finance' }],
    });
  });
});
