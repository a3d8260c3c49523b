import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { MetricsRegistry } from '../../src/telemetry/index.js';
import { type RunObserver, RunObservers } from '../../src/protocol/index.js';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { seedMany } from '../batch/batch.stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { WireProxy } from '../support/wire.proxy.js';

let database: TestDatabase;
let proxy: WireProxy;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await WireProxy.before(database.url);
  api = await openApi(proxy.url);
});

afterAll(async () => {
  await api.close();
  await proxy.close();
  await database.drop();
});

const metrics = async () => (await api.raw('get', '/metrics').expect(200)).text;
/** The value of one line of `/metrics`; 0 where there is no such line. */
async function value(line: string): Promise<number> {
  const found = (await metrics()).split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}
const remove = (patientId: string, requestId: string = randomUUID()) =>
  api
    .call('post', `/patients/${patientId}/deletions`, 'system-admin')
    .set('X-Request-Id', requestId)
    .send(REQUEST);
const lineOf = (requestId: string) =>
  api.log.filter((line) => line['context'] === 'Deletion' && line['requestId'] === requestId);

async function refuseUpdates(): Promise<void> {
  await database.query(`
    CREATE FUNCTION finance.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no %', NEW.patient_id; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON finance.sharded_fatura FOR EACH ROW EXECUTE FUNCTION finance.refuse()`);
}

describe('metrics', () => {
  it('have help text, base units, and names that Prometheus wants', async () => {
    const all = await api.app.get(MetricsRegistry).getMetricsAsJSON();
    const ours = all.filter(({ name }) => name.startsWith('silgi_'));
    expect(ours.length).toBeGreaterThan(15);
    for (const { name, help, type } of ours) {
      expect([name, help.length > 20, /[.]$/.test(help)]).toEqual([name, true, true]);
      expect(name).toMatch(/^[a-z_]+$/);
      expect(name).not.toMatch(/_(?:ms|millis|milliseconds|minutes|hours|kb|mb|percent)(?:_|$)/);
      if (String(type) === 'counter') expect(name).toMatch(/_total$/);
      else expect(name).not.toMatch(/_total$/);
      if (String(type) === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('show what has not happened yet as 0, so that the first time is seen', async () => {
    const text = await metrics();
    expect(text).toMatch(/^silgi_unknown_outcomes_total\{resolution="PENDING"\} 0$/m);
    expect(text).toMatch(
      /^silgi_deletion_failures_total\{phase="EXECUTE",shard="clinical",code="SHARD_FAILED"\} 0$/m,
    );
  });

  it('time each phase of each shard in every deletion once', async () => {
    const phase = (labels: string) => value(`silgi_phase_duration_seconds_count{${labels}}`);
    const before = await phase('phase="EXECUTE",shard="patient"');
    for (const patientId of await seedMany(database, 20)) await remove(patientId).expect(201);
    expect(await phase('phase="EXECUTE",shard="patient"')).toBe(before + 20);
    const points = [...(await metrics()).matchAll(/^silgi_phase_duration_seconds_count(\{.+\}) /gm)];
    expect(points.map(([, labels]) => labels).sort()).toEqual([
      '{phase="COMMIT",shard="patient"}',
      ...['audit', 'clinical', 'finance', 'patient'].map((shard) => `{phase="EXECUTE",shard="${shard}"}`),
      ...['audit', 'clinical', 'finance', 'patient'].map((shard) => `{phase="PREPARE",shard="${shard}"}`),
    ]);
    const seconds = await value('silgi_deletion_duration_seconds_sum{outcome="DELETED"}');
    expect(seconds).toBeGreaterThan(0.001);
    expect(seconds).toBeLessThan(10);
    const sums = [...(await metrics()).matchAll(/^silgi_phase_duration_seconds_sum\{.+\} (.+)$/gm)];
    // Shards share their messages, so that their times overlap.
    for (const [, text] of sums) {
      expect(Number(text)).toBeGreaterThan(0);
      expect(Number(text)).toBeLessThanOrEqual(seconds);
    }
  });

  it('count requests by method, route template and status, whatever the path holds', async () => {
    const count = (labels: string) => value(`silgi_http_request_duration_seconds_count{${labels}}`);
    await api.call('get', `/patients/${randomUUID()}`, 'system-admin').expect(404);
    await api.call('get', `/patients/${randomUUID()}`, 'system-admin').expect(404);
    expect(await count('method="GET",route="/api/v1/patients/:patientId",status="404"')).toBe(2);
    await api.raw('get', '/nowhere/Yildiz').expect(404);
    await api.raw('put', `/${randomUUID()}?search=Yildiz`).expect(404);
    expect(await count('method="GET",route="(no route)",status="404"')).toBe(1);
    expect(await count('method="PUT",route="(no route)",status="404"')).toBe(1);
    await new Promise((resolve) => {
      const { port } = api.app.getHttpServer().address() as AddressInfo;
      httpRequest({ port, method: 'PROPFIND', path: '/x' }, (response) => {
        response.resume().on('end', resolve);
      }).end();
    });
    await until(async () => (await count('method="other",route="(no route)",status="404"')) === 1);
    const text = await metrics();
    expect(text).not.toMatch(/Yildiz|[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('count a request whose caller left as aborted', async () => {
    const patientId = await seedPatient(database, 1);
    const lock = await database.connect();
    await lock.query('BEGIN');
    await lock.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    const asked = remove(patientId);
    asked.end(() => undefined);
    await until(
      async () => (await value('silgi_pool_open_clients')) > (await value('silgi_pool_idle_clients')),
    );
    asked.abort();
    await until(async () => /,status="aborted"\} 1$/m.test(await metrics()));
    await lock.query('ROLLBACK');
    await lock.end();
  });

  it('show the pool as it is at the moment', async () => {
    const pool = (api.app.get(DataSource).driver as unknown as { master: PgPool }).master;
    expect(await value('silgi_pool_limit_clients')).toBe(10);
    const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
    try {
      const waiting = pool.connect();
      // No client is left for the question whether the service is ready: it is asked no longer than two seconds.
      const text = await metrics();
      expect(text).toMatch(/^silgi_pool_open_clients 10$/m);
      expect(text).toMatch(/^silgi_pool_idle_clients 0$/m);
      expect(text).toMatch(/^silgi_pool_waiting_requests [1-9]/m);
      expect(text).toMatch(/^silgi_ready 0$/m);
      clients.pop()?.release();
      clients.push(await waiting);
    } finally {
      for (const client of clients) client.release();
    }
    await until(async () => (await value('silgi_ready')) === 1);
    expect(await value('silgi_pool_waiting_requests')).toBe(0);
  });

  it('say when the last scan was, and that an undeclared table makes the service not ready', async () => {
    await api.call('get', '/integrity', 'auditor').expect(200);
    const scanned = await value('silgi_integrity_scan_timestamp_seconds');
    expect(Math.abs(Date.now() / 1000 - scanned)).toBeLessThan(30);
    expect(await value('silgi_ready')).toBe(1);
    await database.query('CREATE TABLE public.sample (patient_id uuid)');
    expect(await value('silgi_ready')).toBe(0);
    await database.query('DROP TABLE public.sample');
    expect(await value('silgi_ready')).toBe(1);
  });

  it('count a lost acknowledgement by what it was resolved to', async () => {
    // Once more where the acknowledgement of another COMMIT was lost: the log is being sealed at the same time.
    await until(async () => {
      const patientId = await seedPatient(database, 1);
      proxy.cutAt('COMMIT', 'after');
      await remove(patientId).expect(201);
      expect(proxy.fired).toBeGreaterThan(0);
      return (await value('silgi_unknown_outcomes_total{resolution="COMMITTED"}')) === 1;
    });
  });
});

describe('the log has one line at the end of a deletion', () => {
  it('that succeeded: its ids, rows and time', async () => {
    const requestId = randomUUID();
    const response = await remove(await seedPatient(database, 2), requestId).expect(201);
    const { deletionId } = response.body as { deletionId: string };
    expect(lineOf(requestId)).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        context: 'Deletion',
        msg: 'deletion',
        deletionId,
        requestId,
        outcome: 'DELETED',
        totalRows: 29,
        ms: expect.any(Number),
      },
    ]);
    // The line of the request joins by the request id; the audit event by both.
    expect(api.log.filter((line) => line['requestId'] === requestId).map(({ msg }) => msg)).toEqual([
      'deletion',
      'request',
    ]);
    await expect(
      database.query('SELECT request_id, deletion_id FROM audit.sharded_audit_event WHERE deletion_id = $1', [
        deletionId,
      ]),
    ).resolves.toEqual([{ request_id: requestId, deletion_id: deletionId }]);
  });

  it('that was answered before: the first deletion’s id', async () => {
    const patientId = await seedPatient(database, 1);
    const [key, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    const response = await remove(patientId, first).set('Idempotency-Key', key).expect(201);
    await remove(patientId, second).set('Idempotency-Key', key).expect(201);
    const { deletionId } = response.body as { deletionId: string };
    expect(lineOf(second)).toMatchObject([{ level: 'info', outcome: 'REPLAYED', deletionId }]);
  });

  it('that a shard failed: code, phase, shard, step and table, and the id of the audited attempt', async () => {
    await refuseUpdates();
    const requestId = randomUUID();
    await remove(await seedPatient(database, 1), requestId).expect(500);
    await database.query('DROP FUNCTION finance.refuse() CASCADE');
    const [line, ...others] = lineOf(requestId);
    expect(others).toEqual([]);
    expect(line).toEqual({
      level: 'error',
      time: expect.any(String),
      context: 'Deletion',
      msg: 'deletion',
      requestId,
      deletionId: expect.any(String),
      outcome: 'SHARD_FAILED',
      code: 'SHARD_FAILED',
      phase: 'EXECUTE',
      shard: 'finance',
      step: 'mark finance',
      table: 'sharded_fatura',
      ms: expect.any(Number),
    });
    await expect(
      database.query('SELECT deletion_id FROM audit.sharded_audit_event WHERE request_id = $1', [requestId]),
    ).resolves.toEqual([{ deletion_id: line?.['deletionId'] }]);
  });

  it('that was refused: the codes of the vetoes, and no word of the hold', async () => {
    const patientId = await seedPatient(database, 1);
    await database.query(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, gen_random_uuid(), 'LITIGATION', 'dpo', now())`,
      [patientId],
    );
    const requestId = randomUUID();
    await remove(patientId, requestId).expect(409);
    expect(lineOf(requestId)).toMatchObject([
      { level: 'warn', outcome: 'DELETION_VETOED', vetoes: [{ shard: 'patient', code: 'LEGAL_HOLD' }] },
    ]);
    const unknown = randomUUID();
    await remove(randomUUID(), unknown).expect(404);
    expect(lineOf(unknown)).toMatchObject([
      { level: 'warn', outcome: 'PATIENT_NOT_FOUND', code: 'PATIENT_NOT_FOUND' },
    ]);
  });

  it('with nothing of a patient in any of them', async () => {
    const lines = api.log.filter((line) => line['context'] === 'Deletion');
    expect(lines.length).toBeGreaterThan(8);
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/Işıl|Yıldız|"H-1"|1980-05-17|patientId|LITIGATION|dpo/);
    const patients = await database.query<{ id: string }>(
      'SELECT patient_id AS id FROM patient.sharded_patient_demographics',
    );
    expect(patients.length).toBeGreaterThan(8);
    expect(patients.filter(({ id }) => text.includes(id))).toEqual([]);
  });
});

it('whoever watches a deletion and fails does not fail it, nor keep the others from watching', async () => {
  const { observers } = api.app.get<unknown>(RunObservers) as { observers: RunObserver[] };
  const throws = () => {
    throw new Error('broken');
  };
  const broken = {
    began: throws,
    transactionBegan: throws,
    stepBegan: throws,
    stepEnded: throws,
    ended: throws,
  };
  observers.unshift(broken);
  const requestId = randomUUID();
  await remove(await seedPatient(database, 1), requestId).expect(201);
  observers.shift();
  expect(lineOf(requestId)).toMatchObject([{ outcome: 'DELETED' }]);
});

interface PgPool {
  connect(): Promise<{ release(): void }>;
}
