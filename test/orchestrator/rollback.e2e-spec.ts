import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuditRepository } from '../../src/audit/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { SERVICE_ROLE } from '../../src/postgres/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { auditEventsOf, CHILD_TABLES, digestOf, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi, type StepName } from '../support/silgi.js';

describe('a failing deletion', () => {
  let silgi: Silgi;
  let patientId: string;
  let before: string;

  beforeAll(async () => {
    silgi = await openSilgi();
  });
  beforeEach(async () => {
    patientId = await seedPatient(silgi.database, 2);
    before = await digestOf(silgi.database, patientId);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  /** Runs the deletion, which must fail, and proves that nothing of it is left. */
  async function failedDeletion(): Promise<unknown> {
    const error: unknown = await silgi.orchestrator.deletePatient(deletionOf(patientId)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeDefined();
    expect(await digestOf(silgi.database, patientId)).toBe(before);
    const actions = (await auditEventsOf(silgi.database, patientId)).map(({ action }) => action);
    expect(actions).not.toContain('SYSTEM_DELETE_PATIENT');
    return error;
  }

  async function deletionStillWorks(): Promise<void> {
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
    expect(answer.totalRows).toBe(1 + 14 * 2);
  }

  describe.each(ALL_DELETION_STEPS)('at step "$name"', ({ name, phase, shard }) => {
    it('leaves every shard untouched, names phase and shard, and can be repeated', async () => {
      const step = name as StepName;
      silgi.faults.at(step, () => {
        throw new Error('injected');
      });
      const error = await failedDeletion();
      expect(silgi.faults.unfired).toEqual([]);
      expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard, step } });
      expect((error as Error).message).not.toContain('injected');
      const failures = await auditEventsOf(silgi.database, patientId);
      if (step === 'connect') expect(failures).toEqual([]);
      else
        expect(failures).toEqual([
          expect.objectContaining({
            action: 'SYSTEM_DELETE_PATIENT_FAILED',
            failure: { code: 'SHARD_FAILED', phase, shard, step },
          }),
        ]);
      await deletionStillWorks();
    });
  });

  describe('from a repository call that throws', () => {
    const cases: [string, () => object, string, string, string][] = [
      ['PatientRepository.claim', () => silgi.app.get(PatientRepository), 'claim', 'PREPARE', 'patient'],
      [
        'PatientRepository.lockDemographics',
        () => silgi.app.get(PatientRepository),
        'lockDemographics',
        'PREPARE',
        'patient',
      ],
      ['PatientRepository.vote', () => silgi.app.get(PatientRepository), 'vote', 'PREPARE', 'patient'],
      ['ClinicalRepository.vote', () => silgi.app.get(ClinicalRepository), 'vote', 'PREPARE', 'clinical'],
      ['FinanceRepository.vote', () => silgi.app.get(FinanceRepository), 'vote', 'PREPARE', 'finance'],
      ['AuditRepository.vote', () => silgi.app.get(AuditRepository), 'vote', 'PREPARE', 'audit'],
      [
        'ClinicalRepository.markDeleted',
        () => silgi.app.get(ClinicalRepository),
        'markDeleted',
        'EXECUTE',
        'clinical',
      ],
      [
        'FinanceRepository.markDeleted',
        () => silgi.app.get(FinanceRepository),
        'markDeleted',
        'EXECUTE',
        'finance',
      ],
      [
        'PatientRepository.markDeleted',
        () => silgi.app.get(PatientRepository),
        'markDeleted',
        'EXECUTE',
        'patient',
      ],
      [
        'PatientRepository.countDemographicsMarked',
        () => silgi.app.get(PatientRepository),
        'countDemographicsMarked',
        'EXECUTE',
        'patient',
      ],
      ['AuditRepository.append', () => silgi.app.get(AuditRepository), 'append', 'EXECUTE', 'audit'],
      [
        'PatientRepository.completeDeletion',
        () => silgi.app.get(PatientRepository),
        'completeDeletion',
        'EXECUTE',
        'patient',
      ],
    ];
    it.each(cases)(
      '%s: everything is rolled back and the shard is named',
      async (_, repository, method, phase, shard) => {
        const spy = jest
          .spyOn(repository() as Record<string, () => Promise<unknown>>, method)
          .mockRejectedValueOnce(new Error('the shard is broken'));
        const error = await failedDeletion();
        expect(spy).toHaveBeenCalled();
        expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard } });
        jest.restoreAllMocks();
        await deletionStillWorks();
      },
    );
  });

  describe('from a trigger that raises on', () => {
    it.each(PATIENT_TABLES)('%s: the table is named', async (table) => {
      const [schema, name] = table.split('.');
      await silgi.database.query(`
        CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'Işıl Yıldız may not be changed'; END $$`);
      await silgi.database.query(
        `CREATE TRIGGER refuse BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse()`,
      );
      const error = await failedDeletion();
      await silgi.database.query(`DROP FUNCTION ${schema}.refuse() CASCADE`);
      expect(error).toMatchObject({
        code: 'SHARD_FAILED',
        point: { phase: 'EXECUTE', shard: schema, table: name },
      });
      expect((error as Error).message).not.toContain('Yıldız');
      await deletionStillWorks();
    });
  });

  describe('the demographics guard', () => {
    it('rolls all clinical and finance marks back when a trigger swallows the mark of the demographics row', async () => {
      await silgi.database.query(
        `CREATE FUNCTION patient.swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      );
      await silgi.database.query(`CREATE TRIGGER swallow BEFORE UPDATE ON patient.sharded_patient_demographics
        FOR EACH ROW EXECUTE FUNCTION patient.swallow()`);
      const error = await failedDeletion();
      await silgi.database.query('DROP FUNCTION patient.swallow() CASCADE');
      expect(silgi.faults.entered).toEqual(
        expect.arrayContaining(['mark clinical', 'mark finance', 'mark patient']),
      );
      expect(error).toMatchObject({
        code: 'DEMOGRAPHICS_NOT_DELETED',
        point: { phase: 'EXECUTE', shard: 'patient', table: 'sharded_patient_demographics' },
      });
      await deletionStillWorks();
    });

    it('does not believe a repository that claims to have marked the row', async () => {
      jest.spyOn(silgi.app.get(PatientRepository), 'markDeleted').mockResolvedValueOnce({
        shard: 'patient',
        resources: [{ resourceType: 'PatientDemographics', table: 'sharded_patient_demographics', rows: 1 }],
      });
      expect(await failedDeletion()).toMatchObject({ code: 'DEMOGRAPHICS_NOT_DELETED' });
      jest.restoreAllMocks();
      await deletionStillWorks();
    });

    it('refuses a row that was marked for another deletion', async () => {
      const real = silgi.app.get(PatientRepository);
      const markDeleted = real.markDeleted.bind(real);
      jest
        .spyOn(real, 'markDeleted')
        .mockImplementationOnce((manager, mark) =>
          markDeleted(manager, { ...mark, deletionId: '00000000-0000-4000-8000-000000000001' }),
        );
      expect(await failedDeletion()).toMatchObject({ code: 'DEMOGRAPHICS_NOT_DELETED' });
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
        const error = await failedDeletion();
        expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase: 'EXECUTE', shard: 'patient' } });
        jest.restoreAllMocks();
        await deletionStillWorks();
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
    expect(await failedDeletion()).toMatchObject({
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
        [patientId],
      );
      await manager.query(`SET ROLE ${SERVICE_ROLE}`);
      return marked;
    });
    // All of it comes before the steps behind, which would share the trip of its first statement.
    silgi.faults.at('mark finance', () => undefined);
    expect(await failedDeletion()).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'clinical', detail: expect.stringMatching(/sharded_asi: the live foreign key/) }],
    });
    expect(silgi.faults.failed.map(({ step }) => step)).toEqual(['rescan']);
    await deletionStillWorks();
  });

  describe('an audit event', () => {
    it('that the database drops without an error fails the deletion', async () => {
      await silgi.database.query(
        `CREATE FUNCTION audit.drop_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      );
      await silgi.database.query(`CREATE TRIGGER drop_event BEFORE INSERT ON audit.sharded_audit_event
        FOR EACH ROW EXECUTE FUNCTION audit.drop_event()`);
      const error = await failedDeletion();
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
      await failedDeletion();
      expect(silgi.faults.entered).toContain('audit');
    });

    it('that the audit log would refuse vetoes the deletion before anything is marked', async () => {
      jest.spyOn(silgi.app.get(AuditRepository), 'vote').mockResolvedValueOnce({
        shard: 'audit',
        resources: [],
        vetoes: [{ shard: 'audit', code: 'AUDIT_NOT_WRITABLE', detail: 'no' }],
      });
      expect(await failedDeletion()).toMatchObject({
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
    expect(await failedDeletion()).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ shard: 'clinical' }, { shard: 'finance' }],
    });
  });

  it('that cannot be recorded as failed still answers with its own error', async () => {
    silgi.faults.at('mark finance', () => {
      throw new Error('injected');
    });
    silgi.faults.at('audit failure', () => {
      throw new Error('and the log is broken too');
    });
    expect(await failedDeletion()).toMatchObject({ code: 'SHARD_FAILED', point: { shard: 'finance' } });
    expect(silgi.faults.unfired).toEqual([]);
  });
});
