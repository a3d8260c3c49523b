import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { serverUrl } from '../support/database.js';
import { until } from '../support/processes.js';
import { deletionOf, type StepName } from '../support/silgi.js';
import { WireProxy } from '../support/wire.proxy.js';
import { AdoptedGuard } from './guard.stage.js';

let guard: AdoptedGuard;
let proxy: WireProxy;
let key: number;
let patientId: string;
beforeAll(async () => {
  proxy = await WireProxy.before(serverUrl());
  guard = await AdoptedGuard.open({
    url: ({ url }) => {
      const through = new URL(proxy.url);
      through.pathname = new URL(url).pathname;
      return through.href;
    },
  });
});
beforeEach(async () => {
  key = await guard.patient();
  patientId = await guard.hospital.patientIdOf(key);
});
afterEach(async () => {
  expect(guard.hospital.faults.unfired).toEqual([]);
  guard.hospital.faults.reset();
  await guard.hospital.assertNothingLeaked();
});
afterAll(async () => {
  await guard.hospital.close();
  await proxy.close();
});

const remove = (more: Parameters<typeof deletionOf>[1] = {}) =>
  guard.hospital.orchestrator.deletePatient(deletionOf(patientId, more));

/** Every row of his is kept once, none is left, and one event says so. */
async function expectDeletedOnce(): Promise<void> {
  const events = await guard.hospital.database.query<{ action: string }>(
    'SELECT action FROM audit.sharded_audit_event WHERE patient_id = $1',
    [patientId],
  );
  expect(events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT')).toHaveLength(1);
  const [rows] = await guard.run(`SELECT
    (SELECT count(*)::int FROM silgi_vault.his__person WHERE person_no = ${key}) AS people,
    (SELECT count(*)::int FROM silgi_vault.his__word WHERE "No" = ${key}) AS words,
    (SELECT count(*)::int FROM his.person WHERE person_no = ${key}) AS left`);
  expect(rows).toEqual({ people: 1, words: 2, left: 0 });
  expect(await guard.scan()).toMatchObject({ healthy: true });
}

describe.each(ALL_DELETION_STEPS)('a deletion from a hospital’s own tables, at step “$name”', (step) => {
  const name = step.name as StepName;

  it('changes nothing where it fails there, and can be repeated', async () => {
    guard.hospital.faults.at(name, () => {
      throw new Error('injected');
    });
    const { phase, shard } = step;
    expect(await guard.failureOf(key)).toMatchObject({
      code: 'SHARD_FAILED',
      point: { phase, shard, step: name },
    });
    await remove();
    await expectDeletedOnce();
  });

  it('changes nothing where its session is ended there, and can be repeated', async () => {
    let ended = false;
    guard.hospital.faults.at(name, async ({ backendPid }) => {
      if (backendPid === undefined) {
        expect(name).toBe('connect');
        throw new Error('there is no session yet');
      }
      await guard.run(`SELECT pg_terminate_backend(${backendPid})`);
      await until(
        async () => (await guard.run(`SELECT FROM pg_stat_activity WHERE pid = ${backendPid}`)).length === 0,
      );
      ended = true;
    });
    const code = name === 'connect' ? 'SHARD_FAILED' : 'SHARD_UNAVAILABLE';
    expect(await guard.failureOf(key)).toMatchObject({ code });
    expect(ended).toBe(name !== 'connect');
    await remove();
    await expectDeletedOnce();
  });
});

describe('a deletion from a hospital’s own tables whose COMMIT is not acknowledged', () => {
  it('is resolved to the deletion that took place', async () => {
    proxy.cutAt('COMMIT', 'after');
    const { fired } = proxy;
    await expect(remove()).resolves.toMatchObject({ replayed: false, answer: { patientId } });
    expect(proxy.fired).toBe(fired + 1);
    await expectDeletedOnce();
  });

  it('is resolved to nothing changed where the COMMIT never reached the server', async () => {
    proxy.cutAt('COMMIT', 'before');
    const { fired } = proxy;
    expect(await guard.failureOf(key)).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
      point: { phase: 'COMMIT' },
    });
    expect(proxy.fired).toBe(fired + 1);
    await remove();
    await expectDeletedOnce();
  });

  it('is not believed where the server rolled back instead', async () => {
    proxy.cutAt('COMMIT', 'roll back');
    expect(await guard.failureOf(key)).toMatchObject({ point: { phase: 'COMMIT' } });
    await remove();
    await expectDeletedOnce();
  });
});

describe('a deletion from a hospital’s own tables', () => {
  it('that is asked for again by its key gets the first answer, and another request by the same key none', async () => {
    const idempotencyKey = `again-${key}`;
    const first = await remove({ idempotencyKey });
    expect(await remove({ idempotencyKey })).toEqual({ ...first, replayed: true });
    await expect(remove({ idempotencyKey, reason: 'RETENTION_EXPIRED' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    await expectDeletedOnce();
  });

  it('is held to its preview, which changes nothing', async () => {
    const before = await guard.digest();
    const ids = { patientId, requestId: 'preview' };
    const preview = await guard.hospital.orchestrator.previewDeletion(ids);
    expect(preview).toMatchObject({ ready: true, totalRows: 9, blockers: [] });
    expect(await guard.digest()).toBe(before);
    await guard.run(`INSERT INTO his.bill (person_no) VALUES (${key})`);
    await expect(remove({ previewDigest: preview.digest })).rejects.toMatchObject({
      code: 'PREVIEW_OUTDATED',
    });
    const again = await guard.hospital.orchestrator.previewDeletion(ids);
    const { answer } = await remove({ previewDigest: again.digest });
    expect(answer.totalRows).toBe(10);
    await expectDeletedOnce();
  });

  it('that is asked for eight times at once takes place once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => remove()));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of asked)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'PATIENT_ALREADY_DELETED' });
    await expectDeletedOnce();
  });

  it('that becomes the victim of a deadlock with the hospital’s application is retried', async () => {
    const session = await guard.hospital.database.connect();
    await session.query(`SET deadlock_timeout = '30s'`);
    await session.query('BEGIN');
    await session.query(`UPDATE his.reading SET value = 6 WHERE subject = ${key}`);
    let update: Promise<unknown> | undefined;
    const pid = (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
    guard.hospital.faults.at('mark clinical', async () => {
      update = session
        .query(`UPDATE his.person SET surname = 'Kaya' WHERE person_no = ${key}`)
        .then(() => session.query('COMMIT'));
      await until(
        async () => (await guard.run(`SELECT WHERE cardinality(pg_blocking_pids(${pid})) > 0`)).length === 1,
      );
    });
    await expect(remove()).resolves.toMatchObject({ replayed: false });
    await update;
    await session.end();
    expect(guard.hospital.faults.entered.filter((step) => step === 'lock')).toHaveLength(2);
    await expectDeletedOnce();
  });
});
