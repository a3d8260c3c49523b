import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { ALL_DESTRUCTION_STEPS } from '../../src/orchestrator/index.js';
import { OutcomePending } from '../../src/protocol/index.js';
import { CHILD_TABLES } from '../support/patients.js';
import { openBehindProxy, restorationOf, type Silgi, type StepName } from '../support/silgi.js';
import type { WireProxy } from '../support/wire.proxy.js';
import { DestroyedPatient, withTrigger } from './destruction.stage.js';
import { HeldPatient } from './hold.stage.js';

let silgi: Silgi;
let proxy: WireProxy;
let patient: DestroyedPatient;

beforeAll(async () => {
  ({ silgi, proxy } = await openBehindProxy());
});
beforeEach(async () => {
  patient = await DestroyedPatient.prepare(silgi);
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

const failures = async () => {
  const events = await patient.events('SYSTEM_DESTROY_PATIENT_FAILED');
  return events.map(({ failure }) => failure);
};

/** Steps that ask the database nothing, the second as no rule of finance counts from the last contact: the loss shows in the next. */
const WITHOUT_A_STATEMENT: Readonly<Record<string, object>> = {
  'compare counts': { step: 'commit' },
  'last contact finance': { step: 'vote patient' },
};

describe.each(ALL_DESTRUCTION_STEPS)('at step "$name"', ({ name, phase, shard }) => {
  const step = name as StepName;

  it('an exception leaves every row, names phase and shard, is recorded, and can be repeated', async () => {
    silgi.faults.at(step, () => {
      throw new Error('injected');
    });
    const error = await patient.fails();
    expect(silgi.faults.unfired).toEqual([]);
    expect(error).toMatchObject({ code: 'SHARD_FAILED', point: { phase, shard, step } });
    expect((error as Error).message).not.toContain('injected');
    expect(await failures()).toEqual(
      step === 'connect' ? [] : [{ code: 'SHARD_FAILED', phase, shard, step }],
    );
    await patient.stillWorks();
  });

  if (!['connect', 'begin'].includes(name))
    it('a backend that is terminated leaves every row', async () => {
      silgi.faults.at(step, async ({ backendPid }) => {
        await silgi.database.query('SELECT pg_terminate_backend($1, 5000)', [backendPid]);
      });
      const error = await patient.fails();
      expect(silgi.faults.unfired).toEqual([]);
      expect(error).toMatchObject({
        code: 'SHARD_UNAVAILABLE',
        point: WITHOUT_A_STATEMENT[name] ?? { phase, shard, step },
      });
      await patient.stillWorks();
    });

  it('a conflict has the whole of it run again', async () => {
    silgi.faults.at(step, () => {
      throw Object.assign(new Error('conflict'), { code: '40001' });
    });
    await patient.destroy();
    expect(silgi.faults.unfired).toEqual([]);
    expect(silgi.faults.entered.filter((entered) => entered === 'connect')).toHaveLength(2);
    await patient.assertDestroyed();
  });
});

describe('a trigger that raises', () => {
  it.each(CHILD_TABLES)('on %s names the table, and leaves every row', async (table) => {
    const [schema, name] = table.split('.');
    const body = `RAISE EXCEPTION 'Işıl Yıldız may not go';`;
    const error = await withTrigger(silgi.database, { table, on: 'BEFORE DELETE', body }, () =>
      patient.fails(),
    );
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: schema, table: name },
    });
    expect((error as Error).message).not.toContain('Yıldız');
    await patient.stillWorks();
  });
});

describe('a COMMIT of a destruction that is not acknowledged', () => {
  it('is resolved to the destruction that took place', async () => {
    proxy.cutAt('COMMIT', 'after');
    const fired = proxy.fired;
    await expect(patient.destroy()).resolves.toMatchObject({ state: 'DESTROYED' });
    expect(proxy.fired).toBe(fired + 1);
    expect(silgi.faults.entered).toContain('resolve');
    await patient.assertDestroyed();
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

  it('that the server answers with ROLLBACK is no success', async () => {
    let manager: EntityManager | undefined;
    const clinical = silgi.app.get(ClinicalRepository);
    const real = clinical.destroy.bind(clinical);
    jest.spyOn(clinical, 'destroy').mockImplementationOnce((m, question) => {
      manager = m;
      return real(m, question);
    });
    silgi.faults.at('commit', async () => {
      await manager?.query('SELECT 1/0').catch(() => undefined);
    });
    expect(await patient.fails()).toMatchObject({ code: 'SHARD_FAILED', point: { phase: 'COMMIT' } });
    await patient.stillWorks();
  });

  it('is answered as pending where its outcome cannot be learnt in time, and not recorded as a failure', async () => {
    proxy.cutAt('COMMIT', 'after');
    silgi.faults.at('resolve', () => {
      const later = performance.now() + 46_000;
      jest.spyOn(performance, 'now').mockReturnValue(later);
      throw new Error('still away');
    });
    const error = await patient.destroy().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutcomePending);
    await patient.assertDestroyed();
    expect(await failures()).toEqual([]);
  });
});

describe('beside a destruction that is under way', () => {
  it('a restoration waits for its end, and is refused then', async () => {
    let restored: Promise<unknown> = Promise.resolve();
    silgi.faults.at('destroy finance', () => {
      restored = silgi.orchestrator
        .restorePatient(restorationOf(patient.deletion))
        .catch((error: unknown) => error);
    });
    await patient.destroy();
    expect(await restored).toMatchObject({ refusal: 'ALREADY_DESTROYED' });
    await patient.assertDestroyed();
  });

  it('a legal hold waits for its end, and holds what is left', async () => {
    await patient.date('finance.sharded_fatura', `service_at = '2020-03-01T10:00:00Z'`);
    const held = new HeldPatient(silgi, patient.patientId);
    let placed: Promise<unknown> = Promise.resolve();
    silgi.faults.at('destroy finance', () => {
      placed = held.place();
    });
    await patient.destroy();
    await placed;
    expect(await patient.fails()).toMatchObject({ refusal: 'VETOED', blockers: [{ code: 'LEGAL_HOLD' }] });
    expect(Object.keys(await patient.left())).toEqual(['finance.sharded_fatura']);
  });

  it('a restoration that comes first has it refused', async () => {
    let destroyed: Promise<unknown> = Promise.resolve();
    silgi.faults.at('restore finance', () => {
      destroyed = patient.destroy().catch((error: unknown) => error);
    });
    await silgi.orchestrator.restorePatient(restorationOf(patient.deletion));
    expect(await destroyed).toMatchObject({ refusal: 'NOT_DELETED' });
    expect(Object.keys(await patient.left())).toHaveLength(14);
  });

  it('another one waits for its end, and finds nothing', async () => {
    let second: Promise<unknown> = Promise.resolve();
    silgi.faults.at('destroy finance', () => {
      second = patient.destroy().catch((error: unknown) => error);
    });
    await patient.destroy();
    expect(await second).toMatchObject({ refusal: 'ALREADY_DESTROYED' });
    await patient.assertDestroyed();
  });
});
