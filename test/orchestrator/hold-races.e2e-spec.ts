import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Held } from '../../src/orchestrator/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi, type StepName } from '../support/silgi.js';
import { isWaitedFor } from '../support/waiting.js';
import { HeldPatient, NO_DELETION } from './hold.stage.js';

let silgi: Silgi;
let patient: HeldPatient;

beforeAll(async () => {
  silgi = await openSilgi();
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
});

const remove = () => silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
const settled = <T>(promise: Promise<T>) =>
  promise.then(
    (answer) => ({ answer, code: undefined }),
    (error: unknown) => ({ answer: undefined, code: (error as { code?: string }).code }),
  );

describe('a hold and a deletion that meet', () => {
  const DELETION_STEPS = ['vote clinical', 'mark patient', 'audit', 'compare counts', 'commit'] as StepName[];
  it.each(DELETION_STEPS)(
    'the deletion being at "%s": the hold waits, and stands on a deleted patient',
    async (step) => {
      let held = settled(Promise.resolve<Held | undefined>(undefined));
      silgi.faults.at(step, async ({ backendPid }) => {
        held = settled<Held | undefined>(patient.place());
        await isWaitedFor(silgi.database, backendPid);
      });
      const { answer } = await remove();
      await patient.assertPlaced((await held).answer as Held, answer.deletionId);
    },
  );

  it.each(['read holds', 'audit', 'hold', 'commit'] as StepName[])(
    'the hold being at "%s": the deletion waits, and is vetoed',
    async (step) => {
      let deleted = settled(Promise.resolve<unknown>(undefined));
      silgi.faults.at(step, async ({ backendPid }) => {
        silgi.faults.reset();
        deleted = settled<unknown>(remove());
        await isWaitedFor(silgi.database, backendPid);
      });
      const held = await patient.place();
      expect((await deleted).code).toBe('DELETION_VETOED');
      await patient.assertPlaced(held);
    },
  );

  it.each(['restore patient', 'compare counts', 'commit'] as StepName[])(
    'a restoration being at "%s": the hold waits, and stands on a live patient',
    async (step) => {
      const { answer } = await remove();
      let held = settled(Promise.resolve<Held | undefined>(undefined));
      silgi.faults.at(step, async ({ backendPid }) => {
        held = settled<Held | undefined>(patient.place());
        await isWaitedFor(silgi.database, backendPid);
      });
      await silgi.orchestrator.restorePatient(restorationOf(answer));
      await patient.assertPlaced((await held).answer as Held);
      await expect(remove()).rejects.toMatchObject({ code: 'DELETION_VETOED' });
    },
  );

  it('at once, twenty times: the deletion is vetoed, or the hold stands on a deleted patient', async () => {
    for (let round = 0; round < 20; round += 1) {
      patient = new HeldPatient(silgi, await seedPatient(silgi.database, 1));
      const [deletion, hold] = await Promise.all([settled(remove()), settled(patient.place())]);
      expect(hold.code).toBeUndefined();
      const [event] = await patient.events();
      const stoodFirst = deletion.code === 'DELETION_VETOED';
      expect(stoodFirst || deletion.code === undefined).toBe(true);
      expect(event?.deletion_id === NO_DELETION).toBe(stoodFirst);
    }
  });
});
