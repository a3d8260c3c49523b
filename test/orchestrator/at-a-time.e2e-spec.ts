import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

describe('five deletions at a time', () => {
  let silgi: Silgi;
  let gone: Promise<void>;
  let goOn: () => void;

  beforeAll(async () => {
    silgi = await openSilgi();
  });
  afterEach(async () => {
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(() => silgi.close());

  const deletionOfNobodyElse = async () =>
    silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
  const entered = (step: string) => silgi.faults.entered.filter((name) => name === step).length;

  /** Deletions that have the lock of their patients, and wait for `goOn`. */
  async function underWay(count: number) {
    gone = new Promise<void>((resolve) => (goOn = resolve));
    const deletions: ReturnType<typeof deletionOfNobodyElse>[] = [];
    for (let begun = 1; begun <= count; begun++) {
      silgi.faults.at('mark clinical', () => gone);
      deletions.push(deletionOfNobodyElse());
      await until(() => entered('mark clinical') === begun);
    }
    return deletions;
  }

  it('have the sixth wait until one of them has ended', async () => {
    const five = await underWay(5);
    const sixth = deletionOfNobodyElse();
    await until(() => entered('connect') === 6);
    expect(entered('begin')).toBe(5);
    goOn();
    await Promise.all(five);
    expect((await sixth).replayed).toBe(false);
  });

  it('have the sixth turned away after five seconds, with nothing changed', async () => {
    const five = await underWay(5);
    const began = performance.now();
    await expect(deletionOfNobodyElse()).rejects.toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      message: 'Too many others are under way. Nothing was changed; try again later.',
      point: { phase: 'PREPARE', shard: 'patient', step: 'connect' },
    });
    expect(performance.now() - began).toBeGreaterThan(4_900);
    goOn();
    await Promise.all(five);
  });

  it('have the failure of one recorded without waiting for a place', async () => {
    const four = await underWay(4);
    const failed = await seedPatient(silgi.database);
    const others: Promise<unknown>[] = [];
    silgi.faults.at('rescan', async () => {
      // Takes the place as soon as it is free, and keeps it.
      silgi.faults.at('mark patient', () => gone);
      others.push(deletionOfNobodyElse());
      await until(() => entered('connect') === 6);
      throw new Error('injected');
    });
    await expect(silgi.orchestrator.deletePatient(deletionOf(failed))).rejects.toMatchObject({
      code: 'SHARD_FAILED',
    });
    const [event] = await silgi.database.query<{ action: string }>(
      'SELECT action FROM audit.sharded_audit_event WHERE patient_id = $1',
      [failed],
    );
    expect(event?.action).toBe('SYSTEM_DELETE_PATIENT_FAILED');
    goOn();
    await Promise.all([...four, ...others]);
  });
});
