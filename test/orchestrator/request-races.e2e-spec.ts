import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answered } from '../../src/orchestrator/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi, type StepName } from '../support/silgi.js';
import { isWaitedFor } from '../support/waiting.js';
import { AskingPatient } from './request.stage.js';

let silgi: Silgi;
let patient: AskingPatient;
let erasureRequestId: string;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = new AskingPatient(silgi, await seedPatient(silgi.database, 1));
  ({ erasureRequestId } = (await patient.record()).request);
  silgi.faults.reset();
});
afterEach(async () => {
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(async () => {
  await silgi.close();
});

const remove = () => silgi.orchestrator.deletePatient({ ...deletionOf(patient.patientId), erasureRequestId });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code,
  );

describe('a deletion that names a request, and its refusal, that meet', () => {
  it.each(['vote patient', 'mark patient', 'record', 'commit'] as StepName[])(
    'the deletion being at "%s": the refusal waits, and finds the request fulfilled',
    async (step) => {
      let refused = codeOf(Promise.resolve());
      silgi.faults.at(step, async ({ backendPid }) => {
        refused = codeOf(patient.refuse(erasureRequestId));
        await isWaitedFor(silgi.database, backendPid);
      });
      const { answer } = await remove();
      expect(await refused).toBe('ERASURE_REQUEST_CLOSED');
      expect(await patient.request()).toMatchObject({ state: 'FULFILLED', deletionId: answer.deletionId });
      expect(await patient.events()).toHaveLength(1);
    },
  );

  it.each(['read requests', 'request', 'read back', 'commit'] as StepName[])(
    'the refusal being at "%s": the deletion waits, and is vetoed',
    async (step) => {
      let removed = codeOf(Promise.resolve());
      silgi.faults.at(step, async ({ backendPid }) => {
        silgi.faults.reset();
        removed = codeOf(remove());
        await isWaitedFor(silgi.database, backendPid);
      });
      const { request } = await patient.refuse(erasureRequestId);
      expect(await removed).toBe('DELETION_VETOED');
      expect(await patient.requests()).toEqual([request]);
    },
  );
});

describe('two answers that meet', () => {
  it.each(['live', 'deleted'])('of a patient who is %s, are given one after the other', async (state) => {
    if (state === 'deleted') await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
    let second: Promise<Answered> | undefined;
    silgi.faults.at('request', async ({ backendPid }) => {
      silgi.faults.reset();
      second = patient.record({ channel: 'NOTARY' });
      await isWaitedFor(silgi.database, backendPid);
    });
    const first = await patient.record({ channel: 'NOTARY' });
    if (second === undefined) throw new Error('There was no second one.');
    expect(await second).toEqual({ request: first.request, replayed: true });
  });

  it('a refusal finds the patient restored since it looked at him, and takes his lock', async () => {
    const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patient.patientId));
    let deleted: Promise<string | undefined> | undefined;
    silgi.faults.at('read requests', async () => {
      await silgi.orchestrator.restorePatient(restorationOf(answer));
      // Of the refusal, which is run again.
      silgi.faults.at('audit', async ({ backendPid }) => {
        deleted = codeOf(remove());
        await isWaitedFor(silgi.database, backendPid);
      });
    });
    const { request } = await patient.refuse(erasureRequestId);
    expect(request.state).toBe('REFUSED');
    expect(await deleted).toBe('DELETION_VETOED');
  });

  it('a refusal and a withdrawal, at once: one of them is the answer', async () => {
    const codes = await Promise.all([
      codeOf(patient.refuse(erasureRequestId)),
      codeOf(patient.withdraw(erasureRequestId)),
    ]);
    expect(codes.sort()).toEqual(['ERASURE_REQUEST_CLOSED', undefined]);
    expect(await patient.events()).toHaveLength(2);
  });
});
