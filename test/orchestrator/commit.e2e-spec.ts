import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { auditEventsOf, digestOf, seedPatient, wholeDeletions } from '../support/patients.js';
import { deletionOf, openBehindProxy, type Silgi, type StepName } from '../support/silgi.js';
import { until } from '../support/processes.js';
import type { WireProxy } from '../support/wire.proxy.js';

describe('the commit', () => {
  let silgi: Silgi;
  let proxy: WireProxy;
  let patientId: string;
  let before: string;

  beforeAll(async () => {
    ({ silgi, proxy } = await openBehindProxy());
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
  afterAll(async () => {
    await silgi.close();
    await proxy.close();
  });

  const remove = () => silgi.orchestrator.deletePatient(deletionOf(patientId));
  const failure = () =>
    remove().then(
      () => undefined,
      (error: unknown) => error,
    );

  async function expectNothingChanged() {
    expect(await digestOf(silgi.database, patientId)).toBe(before);
    const events = await auditEventsOf(silgi.database, patientId);
    expect(events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT')).toEqual([]);
  }

  async function expectDeletedOnce() {
    expect(await wholeDeletions(silgi.database, [patientId])).toEqual([patientId]);
  }

  it('on a connection that stalls is given up, and its outcome resolved', async () => {
    proxy.cutAt('COMMIT', 'stall');
    const fired = proxy.fired;
    await expect(remove()).resolves.toMatchObject({ replayed: false });
    expect(proxy.fired).toBe(fired + 1);
    await expectDeletedOnce();
  }, 60_000);

  it('that a deferred constraint refuses rolls everything back, names its shard, and its session is not used again', async () => {
    await silgi.database.query(`
      CREATE FUNCTION finance.refuse_late() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not at the end' USING SCHEMA = 'finance', TABLE = 'sharded_fatura'; END $$`);
    await silgi.database.query(`
      CREATE CONSTRAINT TRIGGER refuse_late AFTER UPDATE ON finance.sharded_fatura
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance.refuse_late()`);
    const sessions: (number | undefined)[] = [];
    const enter = silgi.faults.before.bind(silgi.faults);
    jest.spyOn(silgi.faults, 'before').mockImplementation((step, run, backendPid) => {
      // Every session that is used from the commit on: by the record of the failure, and by the next deletion.
      if (step.name === 'commit' || sessions.length > 0) sessions.push(backendPid);
      return enter(step, run, backendPid);
    });
    const error = await failure();
    await silgi.database.query('DROP FUNCTION finance.refuse_late() CASCADE');
    expect(error).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'COMMIT', shard: 'finance', table: 'sharded_fatura' },
    });
    await expectNothingChanged();
    await remove();
    const [failed, ...later] = sessions;
    expect(failed).toEqual(expect.any(Number));
    expect(later.length).toBeGreaterThan(10);
    expect(later).not.toContain(failed);
    await until(async () => {
      const left = await silgi.database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [failed]);
      return left.length === 0;
    });
  });

  it.each([
    ['', false],
    [', also when the server says later that it is ready', true],
  ])('is never tried after a shard swallowed an error: that shard is named%s', async (_, split) => {
    const real = silgi.app.get(FinanceRepository);
    const markDeleted = real.markDeleted.bind(real);
    jest.spyOn(real, 'markDeleted').mockImplementationOnce(async (manager, mark) => {
      const marked = await markDeleted(manager, mark);
      proxy.splitReadiness = split;
      await manager.query('SELECT 1/0').catch(() => undefined);
      proxy.splitReadiness = false;
      return marked;
    });
    expect(await failure()).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'EXECUTE', shard: 'finance' },
    });
    // What shares its message has been executed by then; none of it ends, and nothing comes after it.
    expect(silgi.faults.failed.map(({ step }) => step)).toEqual(['mark finance']);
    expect(silgi.faults.entered).not.toContain('compare counts');
    await expectNothingChanged();
  });

  it('that the server answers with ROLLBACK is no success', async () => {
    // The transaction is spoilt after the last step was checked, behind the protocol's back.
    let manager: EntityManager | undefined;
    const real = silgi.app.get(ClinicalRepository);
    const markDeleted = real.markDeleted.bind(real);
    jest.spyOn(real, 'markDeleted').mockImplementationOnce((m, mark) => {
      manager = m;
      return markDeleted(m, mark);
    });
    silgi.faults.at('commit', async () => {
      await manager?.query('SELECT 1/0').catch(() => undefined);
    });
    expect(await failure()).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'COMMIT', shard: 'patient' },
    });
    await expectNothingChanged();
  });

  it('is refused to a repository that ends the transaction on its own', async () => {
    const real = silgi.app.get(ClinicalRepository);
    jest.spyOn(real, 'vote').mockImplementationOnce(async (manager) => {
      await manager.query('ROLLBACK');
      return { shard: 'clinical', resources: [], vetoes: [] };
    });
    expect(await failure()).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase: 'PREPARE', shard: 'clinical' },
    });
    await expectNothingChanged();
  });

  describe('before it is sent', () => {
    const steps = ALL_DELETION_STEPS.filter(({ name }) => !['connect', 'begin'].includes(name));

    it.each(steps)(
      'a backend terminated at "$name" leaves nothing changed',
      async ({ name, phase, shard }) => {
        const step = name as StepName;
        silgi.faults.at(step, async ({ backendPid }) => {
          await silgi.database.query('SELECT pg_terminate_backend($1, 5000)', [backendPid]);
        });
        const error = await failure();
        expect(silgi.faults.unfired).toEqual([]);
        expect(error).toMatchObject({
          code: 'SHARD_UNAVAILABLE',
          // compare counts has no statement of its own: the loss shows in the next step
          point: step === 'compare counts' ? { step: 'commit' } : { phase, shard, step },
        });
        await expectNothingChanged();
        await remove();
        await expectDeletedOnce();
      },
    );
  });

  describe('is retried as a whole with the same deletion id', () => {
    it.each(['40001', '40P01'])('after SQLSTATE %s', async (sqlstate) => {
      for (const step of ['mark finance', 'commit'] as const) {
        silgi.faults.at(step, () => {
          throw Object.assign(new Error('conflict'), { code: sqlstate });
        });
      }
      const { answer } = await remove();
      expect(silgi.faults.unfired).toEqual([]);
      expect(silgi.faults.entered.filter((step) => step === 'lock')).toHaveLength(3);
      expect([...silgi.faults.ids]).toEqual([answer.deletionId]);
      await expectDeletedOnce();
    });

    it('at most four times', async () => {
      const conflict = () => {
        silgi.faults.at('lock', conflict);
        throw Object.assign(new Error('conflict'), { code: '40P01' });
      };
      silgi.faults.at('lock', conflict);
      expect(await failure()).toMatchObject({
        code: 'SHARD_UNAVAILABLE',
        point: { phase: 'PREPARE', shard: 'patient' },
      });
      expect(silgi.faults.entered.filter((step) => step === 'lock')).toHaveLength(4);
      silgi.faults.reset();
      await expectNothingChanged();
    });
  });

  it.each(['stepEnded', 'ended'] as const)(
    'is a success whatever an observer throws in "%s"',
    async (method) => {
      jest.spyOn(silgi.faults, method).mockImplementation(() => {
        throw new Error('the metrics are broken');
      });
      await expect(remove()).resolves.toMatchObject({ replayed: false });
      await expectDeletedOnce();
    },
  );

  it('waits for a lock held elsewhere no longer than two seconds', async () => {
    const blocker = await silgi.database.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    // Only a deletion that knows no limit waits so long, by the server's own clock, and would succeed then.
    let hasEnded = false;
    const released = until(async () => {
      const [waits] = await silgi.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'
         AND wait_event_type = 'Lock' AND now() - query_start > interval '5 s'`,
      );
      return hasEnded || waits !== undefined;
    }).then(() => blocker.query('ROLLBACK'));
    const error = await failure();
    hasEnded = true;
    await released;
    await blocker.end();
    expect(error).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'PREPARE', shard: 'patient', step: 'lock' },
    });
    await expectNothingChanged();
  });

  it('is not reached while the database is away', async () => {
    proxy.refuse(true);
    const error = await failure();
    proxy.refuse(false);
    // An idle client of the pool shows its loss at the first statement, a new one while connecting.
    expect(error).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'PREPARE', shard: 'patient', step: expect.stringMatching(/^(connect|begin)$/) },
    });
    await expectNothingChanged();
    await remove();
    await expectDeletedOnce();
  });
});
