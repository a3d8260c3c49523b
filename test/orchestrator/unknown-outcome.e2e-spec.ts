import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OutcomePending } from '../../src/protocol/index.js';
import { auditEventsOf, digestOf, seedPatient, wholeDeletions } from '../support/patients.js';
import { deletionOf, openBehindProxy, type Silgi } from '../support/silgi.js';
import type { WireProxy } from '../support/wire.proxy.js';

describe('a commit that is not acknowledged', () => {
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

  it('is resolved to the deletion that took place', async () => {
    proxy.cutAt('COMMIT', 'after');
    const fired = proxy.fired;
    await expect(remove()).resolves.toMatchObject({ replayed: false, answer: { patientId } });
    expect(proxy.fired).toBe(fired + 1);
    expect(silgi.faults.entered).toContain('resolve');
    await expectDeletedOnce();
  });

  it('is resolved, where it never reached the server, to nothing changed', async () => {
    proxy.cutAt('COMMIT', 'before');
    const fired = proxy.fired;
    expect(await failure()).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'COMMIT', shard: 'patient' },
    });
    expect(proxy.fired).toBe(fired + 1);
    await expectNothingChanged();
    await remove();
    await expectDeletedOnce();
  });

  it('is resolved once the database can be reached again', async () => {
    proxy.cutAt('COMMIT', 'after');
    let refusals = 0;
    silgi.faults.at('commit', () => {
      // From the resolution's own connection on, until it has been refused twice.
      const refuse = () => {
        silgi.faults.at('connect', () => {
          refusals += 1;
          proxy.refuse(refusals < 3);
          if (refusals < 3) refuse();
        });
      };
      refuse();
    });
    await expect(remove()).resolves.toMatchObject({ replayed: false });
    expect(refusals).toBe(3);
    await expectDeletedOnce();
  });

  /** Has the database be away as it is looked for the outcome, for so long by the clock of this process. */
  function awayFor(milliseconds: number): void {
    silgi.faults.at('resolve', () => {
      const later = performance.now() + milliseconds;
      jest.spyOn(performance, 'now').mockReturnValue(later);
      throw new Error('still away');
    });
  }

  it('is still resolved 40 seconds later, when the server itself has ended what was left open', async () => {
    proxy.cutAt('COMMIT', 'after');
    awayFor(40_000);
    await expect(remove()).resolves.toMatchObject({ replayed: false, answer: { patientId } });
    expect(silgi.faults.entered.filter((step) => step === 'resolve')).toHaveLength(2);
    await expectDeletedOnce();
  });

  it('is answered as pending where its outcome cannot be learnt in time, and not recorded as a failure', async () => {
    proxy.cutAt('COMMIT', 'after');
    awayFor(46_000);
    const command = deletionOf(patientId);
    const error = await silgi.orchestrator.deletePatient(command).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutcomePending);
    expect(error).toMatchObject({ ids: { patientId }, point: { phase: 'COMMIT', shard: 'patient' } });
    const [deletionId] = silgi.faults.ids;
    expect(error).toMatchObject({ ids: { deletionId } });
    await expectDeletedOnce();
    const events = await auditEventsOf(silgi.database, patientId);
    expect(events.map(({ action }) => action)).toEqual(['SYSTEM_DELETE_PATIENT']);
  });
});
