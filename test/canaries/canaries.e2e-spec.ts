import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { extractText } from 'unpdf';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { documentOf } from '../contract/document.js';
import { temporaryFolder } from '../support/run.folder.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { canariesIn, seedCanaries } from './canary.js';

/** What shows a patient on purpose (docs/security.md). */
const MEANT_TO_SHOW = ['GET /api/v1/patients', 'GET /api/v1/patients/{patientId}'];

/** Everything that was written down somewhere, by the place it was found in. */
const places = new Map<string, string[]>();
const called = new Set<string>();
const statuses = new Map<number, number>();
let columns = 0;

function note(place: string, text: string): void {
  places.set(place, [...(places.get(place) ?? []), text]);
}

describe('a patient with a canary in every column', () => {
  let database: TestDatabase;
  let api: Api;
  let dataDir: string;
  let shown: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = await temporaryFolder();
    api = await openApi(database.url, {
      env: { AUDIT_LOG_CHECKPOINTS: `${dataDir}/checkpoints.txt`, RATE_LIMIT_PER_MINUTE: '100000' },
    });
  });

  afterAll(async () => {
    await api.close();
    await database.drop();
  });

  const patient = async () => {
    const seeded = await seedCanaries(database);
    columns = seeded.columns;
    return seeded.patientId;
  };

  /** Calls, and notes the whole answer unless the call is meant to show a patient. */
  async function ask(
    method: 'get' | 'post',
    route: string,
    values: Record<string, string>,
    options: { query?: string; body?: object; headers?: Record<string, string>; role?: boolean } = {},
  ): Promise<Response> {
    const path = route.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? randomUUID());
    const isOfficers =
      method === 'get' || /erasure-requests|\/(restoration|legal-holds|release)$/.test(route);
    const role = /\/audit/.test(route) ? 'auditor' : isOfficers ? 'privacy-officer' : 'system-admin';
    const target = path.replace('/api/v1', '') + (options.query ?? '');
    const request = api.call(method, target, options.role === false ? undefined : role);
    void request.set(options.headers ?? {}).buffer(true);
    const response = await (options.body === undefined ? request : request.send(options.body));
    const call = `${method.toUpperCase()} ${route}`;
    called.add(call);
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const content: unknown = response.body;
    const body = Buffer.isBuffer(content) ? content.toString('latin1') : response.text;
    const answer = `${JSON.stringify(response.headers)}\n${body}`;
    if (MEANT_TO_SHOW.includes(call) && response.status === 200) shown += answer;
    else note(`answers of ${call}`, answer);
    return response;
  }

  const DELETIONS = '/api/v1/patients/{patientId}/deletions';
  const remove = (patientId: string, more: { body?: object; headers?: Record<string, string> } = {}) =>
    ask('post', DELETIONS, { patientId }, { body: REQUEST, ...more });

  it('is deleted, certified and looked up by every route', async () => {
    shown = '';
    const patientId = await patient();
    await ask('get', '/api/v1/patients', {}, { query: '?search=KNRY7Q' });
    await ask('get', '/api/v1/patients/{patientId}', { patientId });
    await ask('post', '/api/v1/patients/{patientId}/deletion-preview', { patientId });
    const deleted = await remove(patientId, { headers: { 'Idempotency-Key': 'canary-1' } });
    expect(deleted.body).toMatchObject({ state: 'DELETED' });
    const { deletionId, auditEventId } = deleted.body as { deletionId: string; auditEventId: string };
    const ids = { patientId, deletionId, auditEventId, id: auditEventId };
    const pdf = await ask('get', `${DELETIONS}/{deletionId}/certificate`, ids, {
      headers: { Accept: 'application/pdf', 'Accept-Language': 'tr' },
    });
    expect(pdf.status).toBe(200);
    note('text of the PDF', (await extractText(new Uint8Array(pdf.body as Buffer))).text.join('\n'));
    for (const [route, methods] of Object.entries(documentOf(api.app).paths)) {
      const queries = route.includes('consistency')
        ? ['?from=0&to=1', '?from=KNRY7Q']
        : ['', '?limit=KNRY7Q'];
      if ('get' in methods) for (const query of queries) await ask('get', route, ids, { query });
    }
    const HOLDS = '/api/v1/patients/{patientId}/legal-holds';
    const body = { ground: 'REGULATOR', reference: '7/26' };
    const held = await ask('post', HOLDS, ids, { body });
    const { holdId = '' } = held.body as { holdId?: string };
    await ask('post', HOLDS, ids, { body: { ...body, reference: 'KNRY7Q?' } });
    await ask('post', `${HOLDS}/{holdId}/release`, { ...ids, holdId }, { body: { ground: 'PERIOD_OVER' } });
    const REQUESTS = '/api/v1/erasure-requests';
    const received = { patientId, receivedOn: '2026-11-20', channel: 'KEP' };
    const recorded = await ask('post', REQUESTS, {}, { body: received });
    const { requestId = '' } = recorded.body as { requestId?: string };
    await ask('post', REQUESTS, {}, { body: { ...received, channel: 'KNRY7Q' } });
    await ask('get', REQUESTS, {}, { query: `?patientId=${patientId}` });
    await ask('get', `${REQUESTS}/{requestId}`, { requestId });
    const letter = await ask('get', `${REQUESTS}/{requestId}/letter`, { requestId });
    note('text of the letter', (await extractText(new Uint8Array(letter.body as Buffer))).text.join('\n'));
    for (const [how, why] of [
      ['extension', { reason: 'COMPLEXITY' }],
      ['refusal', { ground: 'GDPR_ART_17_3_B' }],
      ['withdrawal', {}],
    ] as const)
      await ask('post', `${REQUESTS}/{requestId}/${how}`, { requestId }, { body: why });
    const restored = await ask('post', `${DELETIONS}/{deletionId}/restoration`, ids, {
      body: { reason: 'DELETED_IN_ERROR' },
    });
    expect(restored.body).toMatchObject({ state: 'RESTORED' });
    await ask('get', `${DELETIONS}/{deletionId}/certificate`, ids);
    note('metrics', (await api.raw('get', '/metrics')).text);
  });

  it('is deleted by a batch, among lines that hold what they should not', async () => {
    const patientId = await patient();
    const BATCHES = '/api/v1/deletion-batches';
    const BATCH = `${BATCHES}/{batchId}`;
    const body = { ...REQUEST, patientIds: [patientId, 'KNRY7Q Kanarya', patientId] };
    const { batchId } = (await ask('post', BATCHES, {}, { body })).body as { batchId: string };
    const ended = (id: string) =>
      until(async () => /"endedAt":"/.test((await ask('get', BATCH, { batchId: id })).text));
    await ended(batchId);
    const made = await ask('post', `${BATCH}/execution`, { batchId });
    const batch = { batchId: (made.body as { batchId: string }).batchId };
    await ended(batch.batchId);
    for (const how of ['pause', 'resume', 'cancel', 'retry']) await ask('post', `${BATCH}/${how}`, batch);
    for (const part of ['', '/items', '/events']) await ask('get', BATCH + part, batch);
    expect((await ask('get', `${BATCH}/items`, batch)).text).toContain('"state":"DELETED"');
    const csv = api.call(
      'post',
      `/deletion-batches?reason=${REQUEST.reason}&legalBasis=OTHER_LAW`,
      'system-admin',
    );
    void csv.set('Content-Type', 'text/csv').send(`id;name\n${patientId};Kanarya\nKNRY7Q;Kanarya\n"KNRY7Q`);
    note('answers to a CSV', (await csv.expect(422)).text);
    for (const table of ['sharded_deletion_batch', 'sharded_deletion_batch_item'])
      for (const row of await database.query(`SELECT to_jsonb(t) AS row FROM patient.${table} t`))
        note(`patient.${table}`, JSON.stringify(row));
  });

  it('is refused in every way', async () => {
    const patientId = await patient();
    const bodies = [
      { ...REQUEST, reason: 'KNRY7Q' },
      { ...REQUEST, comment: 'KNRY7Q' },
      { ...REQUEST, previewDigest: '0'.repeat(64) },
    ];
    for (const body of bodies) await remove(patientId, { body });
    await ask('post', DELETIONS, { patientId: 'KNRY7Q' }, { body: REQUEST });
    await ask('post', DELETIONS, {}, { body: REQUEST });
    await ask('post', DELETIONS, { patientId }, { body: REQUEST, role: false });
    note('answers without a route', (await api.raw('get', '/api/v1/KNRY7Q?KNRY7Q')).text);
    await database.query(
      `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
      [patientId, randomUUID()],
    );
    await remove(patientId);
    await ask('post', '/api/v1/patients/{patientId}/deletion-preview', { patientId });
    for (const status of [400, 401, 404, 409, 412]) expect([...statuses.keys()]).toContain(status);
  });

  it.each([
    [
      'a trigger that raises with the whole row',
      `CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'row %', to_jsonb(OLD) USING DETAIL = to_jsonb(OLD)::text, HINT = to_jsonb(OLD)::text; END $$;
       CREATE TRIGGER tell BEFORE UPDATE ON clinical.sharded_tani FOR EACH ROW EXECUTE FUNCTION public.tell()`,
      'DROP FUNCTION public.tell CASCADE',
    ],
    [
      'a constraint whose violation shows the failing row',
      'ALTER TABLE finance.sharded_fatura ADD CONSTRAINT kept CHECK (NOT is_deleted) NOT VALID',
      'ALTER TABLE finance.sharded_fatura DROP CONSTRAINT kept',
    ],
    [
      'a deferred trigger that raises at the commit',
      `CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'row %', to_jsonb(NEW); END $$;
       CREATE CONSTRAINT TRIGGER tell AFTER UPDATE ON patient.sharded_patient_demographics
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.tell()`,
      'DROP FUNCTION public.tell CASCADE',
    ],
  ])('fails by %s', async (_, up, down) => {
    const patientId = await patient();
    await database.query(up);
    const { status } = await remove(patientId);
    await database.query(down);
    expect(status).toBe(500);
  });

  it('meets a lock, and a key that was used', async () => {
    const patientId = await patient();
    const holder = await database.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    expect((await remove(patientId)).status).toBe(503);
    await holder.query('ROLLBACK');
    const headers = { 'Idempotency-Key': 'canary-2' };
    await remove(patientId, { headers });
    expect((await remove(patientId, { headers, body: { ...REQUEST, reason: 'COURT_ORDER' } })).status).toBe(
      422,
    );
    expect((await remove(patientId)).status).toBe(409);
    expect((await ask('get', '/api/v1/patients/{patientId}', { patientId })).status).toBe(410);
  });

  it('is nowhere but in the answers that are meant to show it', async () => {
    for (const line of api.log) note('log', JSON.stringify(line));
    for (const table of ['sharded_audit_event', 'audit_log_leaf', 'audit_log_checkpoint'])
      for (const row of await database.query(`SELECT to_jsonb(t) AS row FROM audit.${table} t`))
        note(`audit.${table}`, JSON.stringify(row));
    for (const row of await database.query(
      'SELECT to_jsonb(t) AS row FROM patient.sharded_patient_deletion t',
    ))
      note('deletion records', JSON.stringify(row));
    note('checkpoints outside the database', await readFile(`${dataDir}/checkpoints.txt`, 'utf8'));
    note('sessions of the server', JSON.stringify(await database.query('SELECT * FROM pg_stat_activity')));
    note('process arguments', execFileSync('ps', ['-ww', '-eo', 'args'], { encoding: 'utf8' }));

    const searched = [...places.values()].flat();
    const hits = [...places].flatMap(([place, texts]) =>
      texts.flatMap((text) => canariesIn(text).map((found) => `${place}: ${found}`)),
    );
    console.log(
      `${columns} columns held a canary; ${called.size} operations, ${searched.length} texts of ${places.size} places, ` +
        `${searched.reduce((sum, text) => sum + text.length, 0)} characters searched: ${hits.length} hits`,
    );
    // The search itself can find one.
    expect(canariesIn(shown).length).toBeGreaterThan(0);
    expect(canariesIn(Buffer.from('..KNRY7Q..').toString('base64')).length).toBeGreaterThan(0);
    expect(columns).toBeGreaterThan(100);
    const operations = Object.entries(documentOf(api.app).paths).flatMap(([route, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${route}`),
    );
    expect(operations.filter((operation) => !called.has(operation))).toEqual([]);
    expect(hits).toEqual([]);
  });
});
