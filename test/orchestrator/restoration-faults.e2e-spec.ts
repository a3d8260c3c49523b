import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { whileRaising } from './raising.trigger.js';
import type { EntityManager } from 'typeorm';
import { AuditRepository } from '../../src/audit/index.js';
import { CatalogueGuard } from '../../src/catalogue/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { ALL_RESTORATION_STEPS, type RestorationStep } from '../../src/orchestrator/index.js';
import { PatientRepository, RestorationRepository } from '../../src/patient/index.js';
import { OutcomePending } from '../../src/protocol/index.js';
import { auditEventsOf, PATIENT_TABLES } from '../support/patients.js';
import { openBehindProxy, type Silgi, type StepName } from '../support/silgi.js';
import type { WireProxy } from '../support/wire.proxy.js';
import { DeletedPatient } from './restoration.stage.js';

let silgi: Silgi;
let proxy: WireProxy;
let patient: DeletedPatient;

beforeAll(async () => {
  ({ silgi, proxy } = await openBehindProxy());
});
beforeEach(async () => {
  patient = await DeletedPatient.prepare(silgi);
  silgi.faults.reset();
});
afterEach(async () => {
  jest.restoreAllMocks();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
  await proxy.close();
});

/** The call of a repository that makes up each step. */
const CALLS: Record<
  Exclude<RestorationStep, 'compare counts'>,
  readonly [abstract new (...args: never[]) => object, string]
> = {
  'take role': [RestorationRepository, 'workAsRestorer'],
  lock: [RestorationRepository, 'lockHidden'],
  'read record': [RestorationRepository, 'read'],
  'vote patient': [PatientRepository, 'voteToRestore'],
  'vote clinical': [ClinicalRepository, 'voteToRestore'],
  'vote finance': [FinanceRepository, 'voteToRestore'],
  'vote audit': [AuditRepository, 'vote'],
  'vote catalogue': [CatalogueGuard, 'vote'],
  'restore patient': [PatientRepository, 'restore'],
  'restore clinical': [ClinicalRepository, 'restore'],
  'restore finance': [FinanceRepository, 'restore'],
  'check constraints': [RestorationRepository, 'checkConstraints'],
  'guard demographics': [PatientRepository, 'countDemographicsLive'],
  rescan: [CatalogueGuard, 'rescanMarks'],
  audit: [AuditRepository, 'append'],
  record: [RestorationRepository, 'undo'],
};
const STEPS_WITH_A_CALL = ALL_RESTORATION_STEPS.filter(({ name }) => name in CALLS);

type Call = (manager: EntityManager, ...rest: unknown[]) => Promise<unknown>;

function spyOn(step: string) {
  const [type, method] = CALLS[step as keyof typeof CALLS];
  const repository = silgi.app.get<Record<string, Call>>(type);
  const real = repository[method]?.bind(repository) as Call;
  return { real, spy: jest.spyOn(repository, method) };
}

describe.each(ALL_RESTORATION_STEPS)('at step "$name"', ({ name, phase, shard }) => {
  const step = name as StepName;

  it('an exception leaves every row hidden, names phase and shard, is recorded, and can be repeated', async () => {
    silgi.faults.at(step, () => {
      throw new Error('injected');
    });
    const error = await patient.fails();
    expect(silgi.faults.unfired).toEqual([]);
    expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard, step } });
    expect((error as Error).message).not.toContain('injected');
    expect(await patient.failures()).toEqual(
      step === 'connect' ? [] : [{ code: 'SHARD_FAILED', phase, shard, step }],
    );
    await patient.stillWorks();
  });

  if (!['connect', 'begin'].includes(name))
    it('a backend that is terminated leaves every row hidden', async () => {
      silgi.faults.at(step, async ({ backendPid }) => {
        await silgi.database.query('SELECT pg_terminate_backend($1, 5000)', [backendPid]);
      });
      const error = await patient.fails();
      expect(silgi.faults.unfired).toEqual([]);
      expect(error).toMatchObject({
        code: 'SHARD_UNAVAILABLE',
        // compare counts has no statement of its own: the loss shows in the next step
        point: step === 'compare counts' ? { step: 'commit' } : { phase, shard, step },
      });
      await patient.stillWorks();
    });

  it('a conflict has the whole of it run again', async () => {
    silgi.faults.at(step, () => {
      throw Object.assign(new Error('conflict'), { code: '40001' });
    });
    await patient.restore();
    expect(silgi.faults.unfired).toEqual([]);
    expect(silgi.faults.entered.filter((entered) => entered === 'connect')).toHaveLength(2);
    await patient.assertRestored();
  });
});

describe.each(STEPS_WITH_A_CALL)('at step "$name"', ({ name, phase, shard }) => {
  it('an error of the database that is swallowed leaves every row hidden', async () => {
    const { real, spy } = spyOn(name);
    spy.mockImplementationOnce(async (manager, ...rest) => {
      const result = await real(manager, ...rest);
      await manager.query('SELECT 1/0').catch(() => undefined);
      return result;
    });
    expect(await patient.fails()).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard } });
    expect(spy).toHaveBeenCalled();
    jest.restoreAllMocks();
    await patient.stillWorks();
  });
});

describe('the guards of a restoration', () => {
  const failsAt = async (step: string) => {
    const error = await patient.fails();
    expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase: 'EXECUTE', step } });
    return error as Error & { point: { shard: string; table: string } };
  };

  it('refuse what is not one live demographics row', async () => {
    const { real, spy } = spyOn('guard demographics');
    spy.mockImplementationOnce(async (...given) => Number(await real(...given)) + 1);
    const error = await failsAt('guard demographics');
    expect(error.message).toContain('2 rows live, 1 expected');
    expect(error.point.table).toBe('sharded_patient_demographics');
  });

  it('find a trigger that keeps the demographics hidden', async () => {
    await silgi.database.query(`
      CREATE FUNCTION patient.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER keep BEFORE UPDATE ON patient.sharded_patient_demographics
        FOR EACH ROW WHEN (OLD.is_deleted) EXECUTE FUNCTION patient.keep()`);
    const error = await patient.fails();
    await silgi.database.query('DROP FUNCTION patient.keep() CASCADE');
    // Its children come to nothing first: none of them may live without it.
    expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { shard: 'clinical' } });
    await patient.stillWorks();
  });

  it('find a row that did not come back, by the rescan of every table', async () => {
    await silgi.database.query(`
      CREATE FUNCTION finance.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER keep BEFORE UPDATE ON finance.sharded_fatura
        FOR EACH ROW WHEN (OLD.is_deleted) EXECUTE FUNCTION finance.keep()`);
    const error = await failsAt('rescan');
    await silgi.database.query('DROP FUNCTION finance.keep() CASCADE');
    expect(error.message).toContain('Rows with the id of the deletion remain in finance.sharded_fatura.');
    expect(error.point).toMatchObject({ shard: 'finance', table: 'sharded_fatura' });
    await patient.stillWorks();
  });

  it('find a shard that brings back less than it voted for, and name table and both figures', async () => {
    const { real, spy } = spyOn('restore finance');
    spy.mockImplementationOnce(async (...given) => {
      const count = (await real(...given)) as { resources: { table: string; rows: number }[] };
      return { ...count, resources: count.resources.map((one) => ({ ...one, rows: one.rows - 1 })) };
    });
    const error = await failsAt('compare counts');
    expect(error.message).toContain('Of 2 rows of finance.sharded_fatura, 1 were restored.');
    expect(error.point).toMatchObject({ shard: 'finance', table: 'sharded_fatura' });
  });

  it('find a trigger that marks a row anew', async () => {
    await silgi.database.query(`
      CREATE FUNCTION finance.mark() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.is_deleted := true; RETURN NEW; END $$;
      CREATE TRIGGER mark BEFORE UPDATE ON finance.sharded_fatura
        FOR EACH ROW WHEN (OLD.is_deleted) EXECUTE FUNCTION finance.mark()`);
    const error = await patient.fails();
    await silgi.database.query('DROP FUNCTION finance.mark() CASCADE');
    // The policy of the role lets a row become one without a mark, and no other.
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { shard: 'finance', table: 'sharded_fatura' },
    });
    await patient.stillWorks();
  });

  it.each([
    ['swallows it', 'RETURN NULL', /not kept/],
    ['changes it', `NEW.restored_by := 'nobody'; RETURN NEW`, /restored_by/],
  ])('find a trigger on the record that %s', async (_, body, cause) => {
    await silgi.database.query(`
      CREATE FUNCTION patient.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body}; END $$;
      CREATE TRIGGER meddle BEFORE UPDATE ON patient.sharded_patient_deletion
        FOR EACH ROW WHEN (NEW.state = 'RESTORED') EXECUTE FUNCTION patient.meddle()`);
    const error = await failsAt('record');
    await silgi.database.query('DROP FUNCTION patient.meddle() CASCADE');
    expect(error.point.table).toBe('sharded_patient_deletion');
    expect((error.cause as Error).cause).toMatchObject({ message: expect.stringMatching(cause) });
    await patient.stillWorks();
  });
});

describe('a trigger that raises', () => {
  it.each(PATIENT_TABLES)('on %s names the table', async (table) => {
    const [schema, name] = table.split('.');
    const error = await whileRaising(silgi.database, table, () => patient.fails());
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: schema, table: name },
    });
    expect((error as Error).message).not.toContain('Yıldız');
    await patient.stillWorks();
  });
});

describe('a COMMIT of a restoration that is not acknowledged', () => {
  it('is resolved to the restoration that took place', async () => {
    proxy.cutAt('COMMIT', 'after');
    const fired = proxy.fired;
    await expect(patient.restore()).resolves.toMatchObject({ replayed: false });
    expect(proxy.fired).toBe(fired + 1);
    expect(silgi.faults.entered).toContain('resolve');
    await patient.assertRestored();
  });

  it('is resolved, where it never reached the server, to nothing changed', async () => {
    proxy.cutAt('COMMIT', 'before');
    const fired = proxy.fired;
    expect(await patient.fails()).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'COMMIT', shard: 'patient' },
    });
    expect(proxy.fired).toBe(fired + 1);
    await patient.stillWorks();
  });

  it('on a connection that stalls is resolved', async () => {
    proxy.cutAt('COMMIT', 'stall');
    await expect(patient.restore()).resolves.toMatchObject({ replayed: false });
    await patient.assertRestored();
  }, 60_000);

  it('that the server answers with ROLLBACK is no success', async () => {
    let manager: EntityManager | undefined;
    const { real, spy } = spyOn('restore clinical');
    spy.mockImplementationOnce((m, ...rest) => {
      manager = m;
      return real(m, ...rest);
    });
    silgi.faults.at('commit', async () => {
      await manager?.query('SELECT 1/0').catch(() => undefined);
    });
    expect(await patient.fails()).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'COMMIT', shard: 'patient' },
    });
    await patient.stillWorks();
  });

  it('is answered as pending where its outcome cannot be learnt in time, and not recorded as a failure', async () => {
    proxy.cutAt('COMMIT', 'after');
    silgi.faults.at('resolve', () => {
      const later = performance.now() + 46_000;
      jest.spyOn(performance, 'now').mockReturnValue(later);
      throw new Error('still away');
    });
    const error = await patient.restore().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutcomePending);
    expect(error).toMatchObject({ ids: patient.deletion, point: { phase: 'COMMIT', shard: 'patient' } });
    await patient.assertRestored();
    const events = await auditEventsOf(silgi.database, patient.patientId);
    expect(events.map(({ action }) => action)).toEqual(['SYSTEM_DELETE_PATIENT', 'SYSTEM_RESTORE_PATIENT']);
  });
});

it('a failed attempt that cannot be recorded still answers with its own error', async () => {
  silgi.faults.at('restore finance', () => {
    throw new Error('injected');
  });
  silgi.faults.at('audit failure', () => {
    throw new Error('and the log is broken too');
  });
  expect(await patient.fails()).toMatchObject({ code: 'SHARD_FAILED', point: { shard: 'finance' } });
  expect(silgi.faults.unfired).toEqual([]);
});
