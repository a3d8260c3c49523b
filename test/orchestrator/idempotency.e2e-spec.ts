import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { auditEventsOf, digestOf, seedPatient, wholeDeletions } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';
import { WireProxy } from '../support/wire.proxy.js';
import { serverUrl } from '../support/database.js';

describe('an Idempotency-Key', () => {
  let silgi: Silgi;
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await WireProxy.before(serverUrl());
    silgi = await openSilgi({
      url: (database) => {
        const through = new URL(proxy.url);
        through.pathname = new URL(database.url).pathname;
        return through.href;
      },
    });
  });
  afterEach(async () => {
    silgi.faults.reset();
    await silgi.assertNothingLeaked();
  });
  afterAll(async () => {
    await silgi.close();
    await proxy.close();
  });

  async function expectDeletedOnce(patientId: string) {
    expect(await wholeDeletions(silgi.database, [patientId])).toEqual([patientId]);
  }

  it('gives a repeated request the first answer again, byte for byte, and deletes once', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    const first = await silgi.orchestrator.deletePatient(command);
    const second = await silgi.orchestrator.deletePatient({ ...command, requestId: 'another' });
    expect(second.replayed).toBe(true);
    expect(JSON.stringify(second.answer)).toBe(JSON.stringify(first.answer));
    await expectDeletedOnce(command.patientId);
  });

  it('belongs to a patient: two who are deleted under the same key have each an answer of their own', async () => {
    const idempotencyKey = randomUUID();
    const commands = [];
    for (let n = 0; n < 2; n++)
      commands.push(deletionOf(await seedPatient(silgi.database), { idempotencyKey }));
    const answers = [];
    for (const command of commands) answers.push(await silgi.orchestrator.deletePatient(command));
    for (const [n, command] of commands.entries()) {
      expect(answers[n]).toMatchObject({ replayed: false, answer: { patientId: command.patientId } });
      await expect(silgi.orchestrator.deletePatient(command)).resolves.toEqual({
        ...answers[n],
        replayed: true,
      });
      expect(await auditEventsOf(silgi.database, command.patientId)).toHaveLength(1);
    }
  });

  it.each([
    ['another reason', { reason: 'COURT_ORDER' }],
    ['another legal basis', { legalBasis: 'OTHER_LAW' }],
    ['another requester', { requestedBy: 'somebody else' }],
    ['another preview', { previewDigest: 'f'.repeat(64) }],
  ] as const)('is refused with %s', async (_, change) => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: 'key-1' });
    await silgi.orchestrator.deletePatient(command);
    const before = await digestOf(silgi.database, command.patientId);
    await expect(silgi.orchestrator.deletePatient({ ...command, ...change })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(await digestOf(silgi.database, command.patientId)).toBe(before);
  });

  it.each([
    ['', {}],
    [', also where it is said to be new', { isFirstUse: true }],
  ])(
    'of a request that is still running is told so, and gets the answer once it is there%s',
    async (_, more) => {
      const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
      let second: Promise<unknown> | undefined;
      silgi.faults.at('mark patient', async () => {
        second = silgi.orchestrator.deletePatient({ ...command, ...more }).catch((error: unknown) => error);
        await second;
      });
      const first = await silgi.orchestrator.deletePatient(command);
      expect(await second).toMatchObject({ code: 'REQUEST_IN_PROGRESS' });
      await expect(silgi.orchestrator.deletePatient(command)).resolves.toEqual({ ...first, replayed: true });
    },
  );

  it('said to be new is refused where it is not, changes nothing, and gets the first answer when sent again', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    const first = await silgi.orchestrator.deletePatient({ ...command, isFirstUse: true });
    expect(first.replayed).toBe(false);
    const before = await digestOf(silgi.database, command.patientId);
    await expect(silgi.orchestrator.deletePatient({ ...command, isFirstUse: true })).rejects.toMatchObject({
      code: 'REQUEST_IN_PROGRESS',
    });
    expect(await digestOf(silgi.database, command.patientId)).toBe(before);
    await expect(silgi.orchestrator.deletePatient(command)).resolves.toEqual({ ...first, replayed: true });
  });

  it('of a failed attempt is free again: the failure is not stored as the answer', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    silgi.faults.at('record', () => {
      throw new Error('injected');
    });
    await expect(silgi.orchestrator.deletePatient(command)).rejects.toMatchObject({ code: 'SHARD_FAILED' });
    await expect(silgi.orchestrator.deletePatient(command)).resolves.toMatchObject({ replayed: false });
  });

  it('makes a retry safe when the acknowledgement of the first COMMIT was lost', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    proxy.cutAt('COMMIT', 'after');
    const fired = proxy.fired;
    const first = await silgi.orchestrator.deletePatient(command);
    expect(proxy.fired).toBe(fired + 1);
    const second = await silgi.orchestrator.deletePatient(command);
    expect(second).toEqual({ ...first, replayed: true });
    await expectDeletedOnce(command.patientId);
  });

  it('replays also when the replay itself loses its acknowledgement', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    const first = await silgi.orchestrator.deletePatient(command);
    proxy.cutAt('COMMIT', 'before');
    const fired = proxy.fired;
    await expect(silgi.orchestrator.deletePatient(command)).resolves.toEqual({ ...first, replayed: true });
    expect(proxy.fired).toBe(fired + 1);
    await expectDeletedOnce(command.patientId);
  });

  it('leaves the lock timeout of the rest of the transaction as it was', async () => {
    const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: randomUUID() });
    const clinical = silgi.app.get(ClinicalRepository);
    const vote = clinical.vote.bind(clinical);
    let timeout: unknown;
    jest.spyOn(clinical, 'vote').mockImplementationOnce(async (manager, id) => {
      timeout = await manager.query('SHOW lock_timeout');
      return vote(manager, id);
    });
    await silgi.orchestrator.deletePatient(command);
    // The claim waits for a quarter of a second only.
    expect(timeout).toEqual([{ lock_timeout: '2s' }]);
  });
});
