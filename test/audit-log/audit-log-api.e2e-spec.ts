import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  AuditLogKey,
  leafBytes,
  leafHash,
  type InclusionProof,
  openCheckpoint,
  type SealedLeaf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/transparency-log/index.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { addEvents, tamper } from './log.stage.js';

let database: TestDatabase;
let api: Api;
let verifierKey: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  ({ verifierKey } = api.app.get(AuditLogKey));
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function deletePatient(): Promise<{ patientId: string; auditEventId: string }> {
  const patientId = await seedPatient(database, 1);
  const response = await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
  expect(response.status).toBe(201);
  return { patientId, auditEventId: (response.body as { auditEventId: string }).auditEventId };
}

async function sealed(): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM audit.audit_log_leaf',
  );
  return row?.count ?? 0;
}

async function metric(name: string): Promise<number> {
  const { text } = await api.raw('get', '/metrics').expect(200);
  const value = new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
  return Number(value);
}

const bytes = (base64: string) => Buffer.from(base64, 'base64');

describe('the service', () => {
  it('seals by itself, within a moment, and says so in its metrics', async () => {
    await deletePatient();
    const started = Date.now();
    await until(async () => (await sealed()) === 1, 5_000);
    expect(Date.now() - started).toBeLessThan(5_000);
    await until(async () => (await metric('silgi_audit_log_size')) === 1);
    expect(await metric('silgi_audit_log_seal_lag_seconds')).toBe(0);
    expect(await metric('silgi_audit_log_seal_failures_total{cause="FAILED"}')).toBe(0);
  });

  it('lets deletions go on where the log cannot be sealed; counts, shows and logs it, and makes up for it', async () => {
    const blocker = await database.connect();
    // As a superuser who takes the privilege away: the service goes on, the log waits.
    await blocker.query('REVOKE INSERT ON audit.audit_log_checkpoint FROM silgi_service');
    const before = await sealed();
    const { auditEventId } = await deletePatient();
    await until(async () => (await metric('silgi_audit_log_seal_failures_total{cause="FAILED"}')) > 0);
    expect(await metric('silgi_audit_log_seal_lag_seconds')).toBeGreaterThan(0);
    expect(await sealed()).toBe(before);
    const path = `/audit-log/inclusion-proof/${auditEventId}`;
    expectProblem(await api.call('get', path, 'auditor'), 503, 'AUDIT_EVENT_NOT_SEALED');
    expect(api.log.map(({ msg }) => msg)).toContain(
      'The audit log could not be sealed; trying again every second',
    );

    await blocker.query('GRANT INSERT ON audit.audit_log_checkpoint TO silgi_service');
    await blocker.end();
    await until(async () => (await sealed()) === before + 1);
    await until(async () => (await metric('silgi_audit_log_seal_lag_seconds')) === 0);
  });
});

describe('GET /audit-log/checkpoint', () => {
  it('answers with the signed note, bare or in JSON with the key', async () => {
    const json = await api.call('get', '/audit-log/checkpoint', 'auditor').expect(200);
    expect(json.body).toEqual({ checkpoint: expect.any(String), verifierKey });
    const { checkpoint } = json.body as { checkpoint: string };
    expect(openCheckpoint(checkpoint, verifierKey)).toMatchObject({
      origin: 'silgi.example/audit-log',
      size: await sealed(),
    });
    const bare = await api
      .call('get', '/audit-log/checkpoint', 'privacy-officer')
      .set('Accept', 'text/plain')
      .expect(200);
    expect(bare.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(bare.text).toBe(checkpoint);
  });
});

describe('GET /audit-log/inclusion-proof/{auditEventId}', () => {
  it('proves an event that was recorded a moment ago, without naming anybody', async () => {
    const { patientId, auditEventId } = await deletePatient();
    const response = await api
      .call('get', `/audit-log/inclusion-proof/${auditEventId}`, 'auditor')
      .expect(200);
    const proof = response.body as InclusionProof;
    const { root, size } = openCheckpoint(proof.checkpoint, verifierKey);
    const hash = leafHash(leafBytes(proof.leaf));
    expect(Buffer.from(hash).toString('base64')).toBe(proof.leafHash);
    const { leafIndex, treeSize } = proof;
    expect(treeSize).toBe(size);
    expect(
      verifyInclusion({ leafHash: hash, leafIndex, treeSize, proof: proof.proof.map(bytes), root }),
    ).toBe(true);
    expect(proof.leaf).toMatchObject({
      auditEventId,
      actorRole: 'system-admin',
    } satisfies Partial<SealedLeaf>);
    expect(response.text).not.toContain(patientId);
    expect(response.text).not.toContain('admin@hospital.example');
  });

  it('knows no other event, and proves none that was changed', async () => {
    const unknown = await api.call('get', `/audit-log/inclusion-proof/${randomUUID()}`, 'auditor');
    expectProblem(unknown, 404, 'AUDIT_EVENT_NOT_FOUND');
    const { auditEventId } = await deletePatient();
    const path = `/audit-log/inclusion-proof/${auditEventId}`;
    await api.call('get', path, 'auditor').expect(200);
    const change = (actor: string) =>
      tamper(
        database,
        `UPDATE audit.sharded_audit_event SET actor = ${actor} WHERE audit_event_id = '${auditEventId}'`,
      );
    await change("'x' || actor");
    expectProblem(await api.call('get', path, 'auditor'), 500, 'AUDIT_LOG_DAMAGED');
    const report = await api.call('get', '/audit-log/verification', 'auditor').expect(200);
    expect(report.body).toMatchObject({ valid: false, firstBadEvent: { what: 'EDITED', auditEventId } });
    await change('substr(actor, 2)');
    await api.call('get', path, 'auditor').expect(200);
  });

  it('proves no event that stands beyond the checkpoint', async () => {
    const { auditEventId } = await deletePatient();
    const path = `/audit-log/inclusion-proof/${auditEventId}`;
    const { leafIndex } = (await api.call('get', path, 'auditor').expect(200)).body as InclusionProof;
    const move = (place: number) =>
      tamper(
        database,
        `UPDATE audit.audit_log_leaf SET leaf_index = ${place} WHERE audit_event_id = '${auditEventId}'`,
      );
    await move(1_000_000);
    expectProblem(await api.call('get', path, 'auditor'), 500, 'AUDIT_LOG_DAMAGED');
    await move(leafIndex);
    await api.call('get', path, 'auditor').expect(200);
  });
});

describe('GET /audit-log/consistency-proof', () => {
  it('proves that the log has only grown', async () => {
    const older = await api.call('get', '/audit-log/checkpoint', 'auditor');
    const from = openCheckpoint((older.body as { checkpoint: string }).checkpoint, verifierKey);
    await addEvents(database, 5);
    await until(async () => (await sealed()) >= from.size + 5);
    const newer = await api.call('get', '/audit-log/checkpoint', 'auditor');
    const to = openCheckpoint((newer.body as { checkpoint: string }).checkpoint, verifierKey);
    for (const query of [`from=${from.size}`, `from=${from.size}&to=${to.size}`]) {
      const response = await api.call('get', `/audit-log/consistency-proof?${query}`, 'auditor').expect(200);
      const { proof, fromRoot, toRoot, ...sizes } = response.body as {
        proof: string[];
        fromRoot: string;
        toRoot: string;
      };
      expect(sizes).toEqual({ from: from.size, to: to.size });
      expect([bytes(fromRoot), bytes(toRoot)]).toEqual([from.root, to.root]);
      const claim = { first: from.size, second: to.size, firstRoot: from.root, secondRoot: to.root };
      expect(verifyConsistency({ ...claim, proof: proof.map(bytes) })).toBe(true);
    }
  });

  it('says which of two sizes is wrong, and why', async () => {
    const refused = async (query: string) => {
      const response = await api.call('get', `/audit-log/consistency-proof?${query}`, 'auditor').expect(400);
      return (response.body as { errors: unknown }).errors;
    };
    expect(await refused('from=3&to=2')).toEqual([{ path: 'from', message: 'must not exceed "to"' }]);
    const message = 'must not exceed the size of the log';
    expect(await refused('from=1&to=1000000')).toEqual([{ path: 'to', message }]);
    expect(await refused('from=1000000')).toEqual([{ path: 'from', message }]);
  });

  it.each([
    '',
    'from=-1',
    'from=x',
    'from=1.5',
    'from=1e3',
    'from=2&to=1',
    'from=0&to=9999',
    'from=9999',
    'from=1&from=2',
    'from=99999999999999999999',
  ])('refuses %j', async (query) => {
    const response = await api.call('get', `/audit-log/consistency-proof?${query}`, 'auditor');
    expectProblem(response, 400, 'VALIDATION_FAILED', { errors: expect.any(Array) });
  });
});

describe('GET /audit-log/verification', () => {
  it('finds the log as it was sealed', async () => {
    await until(async () => (await metric('silgi_audit_log_seal_lag_seconds')) === 0);
    const response = await api.call('get', '/audit-log/verification', 'privacy-officer').expect(200);
    const size = await sealed();
    expect(response.body).toMatchObject({
      valid: true,
      size,
      proven: size,
      firstBadEvent: null,
      findings: [],
    });
    const { checkpoints, checkpointsInFile } = response.body as {
      checkpoints: number;
      checkpointsInFile: number;
    };
    expect(checkpointsInFile).toBe(checkpoints);
  });
});
