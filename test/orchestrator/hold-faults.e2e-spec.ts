import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { HoldStep } from '../../src/orchestrator/index.js';
import { seedPatient } from '../support/patients.js';
import { openBehindProxy, type Silgi } from '../support/silgi.js';
import type { WireProxy } from '../support/wire.proxy.js';
import { HeldPatient } from './hold.stage.js';

let silgi: Silgi;
let patient: HeldPatient;
let proxy: WireProxy;

beforeAll(async () => {
  ({ silgi, proxy } = await openBehindProxy());
});
beforeEach(async () => {
  patient = new HeldPatient(silgi, await seedPatient(silgi.database, 1));
  silgi.faults.reset();
});
afterEach(async () => {
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
  await proxy.close();
});

describe('a COMMIT that is not acknowledged', () => {
  it('is resolved to the hold that was placed, and to its release', async () => {
    proxy.cutAt('COMMIT', 'after');
    const held = await patient.place();
    expect(held.replayed).toBe(false);
    await patient.assertPlaced(held);
    proxy.cutAt('COMMIT', 'after');
    const { hold } = await patient.release(held.hold.holdId);
    expect(await patient.holds()).toEqual([expect.objectContaining({ ...hold })]);
    expect(silgi.faults.entered.filter((step) => step === 'resolve')).toHaveLength(2);
  });

  it('is resolved, where it never reached the server, to nothing changed', async () => {
    proxy.cutAt('COMMIT', 'before');
    await expect(patient.place()).rejects.toMatchObject({ code: 'SHARD_UNAVAILABLE' });
    await patient.assertNotPlaced();
    const held = await patient.place();
    proxy.cutAt('COMMIT', 'before');
    await expect(patient.release(held.hold.holdId)).rejects.toMatchObject({ code: 'SHARD_UNAVAILABLE' });
    await patient.assertPlaced(held);
  });

  it('of a repeat, which wrote nothing, is resolved to the hold that stands', async () => {
    const held = await patient.place();
    proxy.cutAt('COMMIT', 'after');
    expect(await patient.place()).toEqual({
      hold: expect.objectContaining({ ...held.hold }),
      replayed: true,
    });
    await patient.assertPlaced(held);
  });
});

describe('a hold that is kept otherwise than it was written', () => {
  it.each([
    ['keeps it out', 'RETURN NULL'],
    ['writes another ground', `NEW.reason := 'REGULATOR'; RETURN NEW`],
  ])('by a trigger that %s is rolled back, and the shard is named', async (_, body) => {
    await silgi.database.query(`CREATE FUNCTION public.other_hold() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN ${body}; END $$`);
    await silgi.database.query(`CREATE TRIGGER other_hold BEFORE INSERT ON patient.sharded_legal_hold
      FOR EACH ROW EXECUTE FUNCTION public.other_hold()`);
    try {
      await expect(patient.place()).rejects.toMatchObject({
        code: 'SHARD_FAILED',
        point: {
          phase: 'EXECUTE',
          shard: 'patient',
          step: 'hold' satisfies HoldStep,
          table: 'sharded_legal_hold',
        },
      });
      await patient.assertNotPlaced();
    } finally {
      await silgi.database.query('DROP FUNCTION public.other_hold() CASCADE');
    }
  });
});
