import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { tamper } from './log.stage.js';

let database: TestDatabase;
let api: Api;
let first: { deletionId: string; patientId: string; auditEventId: string };

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  first = await remove();
  await until(async () => (await sealed()) === 1);
});

afterEach(async () => {
  await api.close();
  await database.drop();
});

async function remove(by: Api = api): Promise<typeof first> {
  const patientId = await seedPatient(database, 1);
  const answer = await by
    .call('post', `/patients/${patientId}/deletions`, 'system-admin')
    .send(REQUEST)
    .expect(201);
  return answer.body as typeof first;
}

async function sealed(): Promise<number> {
  const [row] = await database.query<{ events: number }>(
    'SELECT count(*)::int AS events FROM audit.audit_log_leaf',
  );
  return row?.events ?? 0;
}

const certificateOf = (by: Api, { patientId, deletionId }: typeof first) =>
  by.call('get', `/patients/${patientId}/deletions/${deletionId}/certificate`, 'auditor');
const ready = (by: Api) => by.raw('get', '/health/ready');

/** Not ready, nothing sealed, and nobody told to try again later; deletions go through. */
async function expectRefused(by: Api): Promise<void> {
  await until(async () => (await ready(by)).status === 503);
  expect((await ready(by)).body).toMatchObject({ status: 'not-ready', code: 'AUDIT_LOG_REFUSED' });
  const before = await sealed();
  const deletion = await remove(by);
  for (const answer of [
    await certificateOf(by, deletion),
    await by.call('get', `/audit-log/inclusion-proof/${deletion.auditEventId}`, 'auditor'),
  ]) {
    expectProblem(answer, 503, 'AUDIT_LOG_REFUSED');
    expect((answer.body as { detail: string }).detail).toContain('npx silgi verify-audit');
    expect(answer.headers).not.toHaveProperty('retry-after');
  }
  // An instance with the log's own key goes on beside it.
  if (by === api) expect(await sealed()).toBe(before);
  expect((await by.raw('get', '/metrics')).text).toMatch(
    /^silgi_audit_log_seal_failures_total\{cause="REFUSED"\} [1-9]/m,
  );
}

describe('AUDIT_LOG_REFUSED', () => {
  it('where an older dump was restored beneath the running service', async () => {
    const second = await remove();
    await until(async () => (await sealed()) === 2);
    // What a dump holds that was taken before the second deletion.
    await tamper(
      database,
      'DELETE FROM audit.audit_log_leaf WHERE leaf_index = 1',
      'DELETE FROM audit.audit_log_node',
      'DELETE FROM audit.audit_log_checkpoint WHERE tree_size = 2',
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = '${second.auditEventId}'`,
    );
    await expectRefused(api);
  });

  it('where a checkpoint of as many events, which nobody has signed, has taken the place of the newest', async () => {
    await tamper(
      database,
      `UPDATE audit.audit_log_checkpoint SET root_hash = sha256('other'), note = convert_to(replace(convert_from(note, 'UTF8'), E'\\n1\\n', E'\\n2\\n'), 'UTF8')
       WHERE tree_size = 1`,
    );
    await expectRefused(api);
  });

  it('of an instance with another signing key, which the log of the first is not told by: only the key differs', async () => {
    const stranger = await openApi(database.url);
    await expectRefused(stranger);
    // Sealed and unchanged; the one who has the other key cannot say so, and blames no row.
    expectProblem(await certificateOf(stranger, first), 503, 'AUDIT_LOG_REFUSED');
    await certificateOf(api, first).expect(200);
    await ready(api).expect(200);
    await stranger.close();
  });
});

it('a database that was merely away is no refusal, in the metrics and for readiness', async () => {
  const metric = async (cause: string) => {
    const { text } = await api.raw('get', '/metrics');
    return Number(
      new RegExp(`^silgi_audit_log_seal_failures_total\\{cause="${cause}"\\} (\\d+)`, 'm').exec(text)?.[1],
    );
  };
  const end = () =>
    database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'silgi'`,
    );
  await until(async () => {
    await end();
    return (await metric('UNAVAILABLE')) > 0;
  });
  expect([await metric('REFUSED'), await metric('FAILED')]).toEqual([0, 0]);
  await until(async () => (await ready(api)).status === 200);
});
