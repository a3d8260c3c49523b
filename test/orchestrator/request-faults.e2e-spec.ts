import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RequestStep } from '../../src/orchestrator/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openBehindProxy, type Silgi } from '../support/silgi.js';
import type { WireProxy } from '../support/wire.proxy.js';
import { AskingPatient } from './request.stage.js';

let silgi: Silgi;
let patient: AskingPatient;
let proxy: WireProxy;

beforeAll(async () => {
  ({ silgi, proxy } = await openBehindProxy());
});
beforeEach(async () => {
  patient = new AskingPatient(silgi, await seedPatient(silgi.database, 1));
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
  it.each(['live', 'deleted'])('is resolved to what was written, of a patient who is %s', async (state) => {
    if (state === 'deleted') await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
    proxy.cutAt('COMMIT', 'after');
    const recorded = await patient.record();
    expect(recorded.replayed).toBe(false);
    await patient.assertRecorded(recorded);
    if (state === 'deleted') return;
    proxy.cutAt('COMMIT', 'after');
    const extended = await patient.extend(recorded.request.erasureRequestId);
    proxy.cutAt('COMMIT', 'after');
    const refused = await patient.refuse(recorded.request.erasureRequestId);
    expect(refused.request).toMatchObject({
      state: 'REFUSED',
      extendedEventId: extended.request.extendedEventId,
    });
    expect(await patient.requests()).toEqual([refused.request]);
    expect(await patient.events()).toHaveLength(3);
  });

  it('is resolved, where it never reached the server, to nothing changed', async () => {
    proxy.cutAt('COMMIT', 'before');
    await expect(patient.record()).rejects.toMatchObject({ code: 'SHARD_UNAVAILABLE' });
    await patient.assertNotRecorded();
    const recorded = await patient.record();
    proxy.cutAt('COMMIT', 'before');
    await expect(patient.withdraw(recorded.request.erasureRequestId)).rejects.toMatchObject({
      code: 'SHARD_UNAVAILABLE',
    });
    await patient.assertRecorded(recorded);
  });

  it('of a repeat, which wrote nothing, is resolved to the request that waits', async () => {
    const recorded = await patient.record();
    proxy.cutAt('COMMIT', 'after');
    expect(await patient.record()).toEqual({ request: recorded.request, replayed: true });
    await patient.assertRecorded(recorded);
  });
});

describe('a request that is kept otherwise than it was written', () => {
  it.each([
    ['keeps it out', 'INSERT', 'RETURN NULL'],
    ['writes another channel', 'INSERT', `NEW.channel := 'OTHER'; RETURN NEW`],
    ['keeps the answer out', 'UPDATE', 'RETURN NULL'],
    ['writes another ground', 'UPDATE', `NEW.closing_ground := 'GDPR_ART_17_3_A'; RETURN NEW`],
  ])('by a trigger that %s is rolled back, and the shard is named', async (_, event, body) => {
    const recorded = event === 'UPDATE' ? await patient.record() : undefined;
    await silgi.database.query(`CREATE FUNCTION public.other_request() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN ${body}; END $$`);
    await silgi.database
      .query(`CREATE TRIGGER other_request BEFORE ${event} ON patient.sharded_erasure_request
      FOR EACH ROW EXECUTE FUNCTION public.other_request()`);
    try {
      await expect(
        recorded === undefined ? patient.record() : patient.refuse(recorded.request.erasureRequestId),
      ).rejects.toMatchObject({
        code: 'SHARD_FAILED',
        point: {
          phase: 'EXECUTE',
          shard: 'patient',
          step: 'request' satisfies RequestStep,
          table: 'sharded_erasure_request',
        },
      });
      if (recorded === undefined) await patient.assertNotRecorded();
      else await patient.assertRecorded(recorded);
    } finally {
      await silgi.database.query('DROP FUNCTION public.other_request() CASCADE');
    }
  });
});
