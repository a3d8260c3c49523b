import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { whileRaising } from './raising.trigger.js';
import { AuditRepository } from '../../src/audit/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { auditEventsOf, PATIENT_TABLES } from '../support/patients.js';
import { openSilgi, type Silgi, type StepName } from '../support/silgi.js';
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

  describe.each(ALL_DELETION_STEPS)('at step "$name"', ({ name, phase, shard }) => {
    it('leaves every shard untouched, names phase and shard, and can be repeated', async () => {
      const step = name as StepName;
      silgi.faults.at(step, () => {
        throw new Error('injected');
      });
      const error = await deletion.fails();
      expect(silgi.faults.unfired).toEqual([]);
      expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard, step } });
      expect((error as Error).message).not.toContain('injected');
      const failures = await auditEventsOf(silgi.database, deletion.patientId);
      if (step === 'connect') expect(failures).toEqual([]);
      else
        expect(failures).toEqual([
          expect.objectContaining({
            action: 'SYSTEM_DELETE_PATIENT_FAILED',
            failure: { code: 'SHARD_FAILED', phase, shard, step },
          }),
        ]);
      await deletion.stillWorks();
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
        const error = await deletion.fails();
        expect(spy).toHaveBeenCalled();
        expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard } });
        jest.restoreAllMocks();
        await deletion.stillWorks();
      },
    );
  });

  describe('from a trigger that raises on', () => {
    it.each(PATIENT_TABLES)('%s: the table is named', async (table) => {
      const [schema, name] = table.split('.');
      const error = await whileRaising(silgi.database, table, () => deletion.fails());
      expect(error).toMatchObject({
        code: 'SHARD_FAILED',
        point: { phase: 'EXECUTE', shard: schema, table: name },
      });
      expect((error as Error).message).not.toContain('Yıldız');
      await deletion.stillWorks();
    });
  });

  it('that cannot be recorded as failed still answers with its own error', async () => {
    silgi.faults.at('mark finance', () => {
      throw new Error('injected');
    });
    silgi.faults.at('audit failure', () => {
      throw new Error('and the log is broken too');
    });
    expect(await deletion.fails()).toMatchObject({ code: 'SHARD_FAILED', point: { shard: 'finance' } });
    expect(silgi.faults.unfired).toEqual([]);
  });
});
