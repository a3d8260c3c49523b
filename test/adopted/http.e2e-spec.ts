import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type supertest from 'supertest';
import { extractText, getDocumentProxy } from 'unpdf';
import type { Role } from '../../src/auth/index.js';
import { verifyCertificate } from '../../src/certificate/index.js';
import { AuditLogKey } from '../../src/transparency-log/index.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import type { TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { adoptHospital, ROWS_OF_ONE } from './hospital.stage.js';

interface Page {
  readonly items: readonly { patientId: string; state: string }[];
  readonly nextCursor: string | null;
}

const TOTAL = Object.values(ROWS_OF_ONE).reduce((sum, rows) => sum + rows);
const shownOf = (key: number) => ({
  recordNumber: `F${key}`,
  givenName: 'Işık',
  familyName: `Şahin ${key}`,
  birthDate: `1980-01-0${key + 1}`,
});

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  ({ database } = await adoptHospital());
  api = await openApi(database.url);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const find = (query: string, role: Role = 'system-admin') => api.call('get', `/patients?${query}`, role);

async function pageOf(query: string, role?: Role): Promise<Page> {
  return (await find(query, role).expect(200)).body as Page;
}

async function idOf(key: number): Promise<string> {
  const { items } = await pageOf(`key=${key}`, 'privacy-officer');
  return items[0]?.patientId ?? '';
}

function remove(patientId: string, key?: string): supertest.Test {
  const asked = api.call('post', `/patients/${patientId}/deletions`, 'system-admin');
  return (key === undefined ? asked : asked.set('Idempotency-Key', key)).send(REQUEST);
}

async function reads(): Promise<{ patient: string; all: string }[]> {
  return database.query(
    `SELECT patient_id AS patient, row_to_json(e)::text AS all FROM audit.sharded_audit_event e
     WHERE action = 'DELETED_PATIENT_READ' ORDER BY audit_event_id`,
  );
}

describe('the REST API over a hospital’s own tables', () => {
  it('is ready, and its integrity is healthy', async () => {
    const ready = await api.raw('get', '/health/ready').expect(200);
    expect(ready.body).toMatchObject({
      status: 'ready',
      catalogue: 'complete',
      undeclaredTables: [],
      unwatchedSchemas: [],
    });
    const scan = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(scan.body).toMatchObject({ healthy: true });
  });

  it('finds a patient by the hospital’s key as it is written, and shows what the declaration says', async () => {
    const { items, nextCursor } = await pageOf('key=2');
    expect([items, nextCursor]).toEqual([
      [{ patientId: expect.any(String), state: 'live', ...shownOf(2) }],
      null,
    ]);
    const one = await api.call('get', `/patients/${items[0]?.patientId ?? ''}`, 'system-admin').expect(200);
    expect(one.body).toEqual(items[0]);
    expect(await pageOf('key=2&state=live')).toMatchObject({ items });
    expect(await pageOf('key=2&state=deleted', 'privacy-officer')).toEqual({ items: [], nextCursor: null });
  });

  it.each(['02', '%202', '2%20', '%2B2', '2.0', '99', '9223372036854775808', 'x', "2'--", 'NULL', '%D9%A2'])(
    'finds nobody by the key %s',
    async (key) => {
      expect(await pageOf(`key=${key}`)).toEqual({ items: [], nextCursor: null });
    },
  );

  it.each([
    ['search=şahin', 'VALIDATION_FAILED'],
    ['key=', 'VALIDATION_FAILED'],
    ['key=1&key=2', 'VALIDATION_FAILED'],
    ['key=%00', 'VALIDATION_FAILED'],
    [`key=${'9'.repeat(201)}`, 'VALIDATION_FAILED'],
    ['key=2&search=x', 'VALIDATION_FAILED'],
  ])('refuses to look for %s', async (query, code) => {
    const refused = await find(encodeURI(query).replaceAll('%25', '%')).expect(400);
    expect(refused.body).toMatchObject({ code });
    // Not only 999, which the id of a request may hold.
    expect(refused.text).not.toContain('99999999');
  });

  it('answers pages of patients in each state, and each patient once', async () => {
    await remove(await idOf(4)).expect(201);
    const pagesOf = async (state: string) => {
      const ids: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page = await pageOf(`limit=1&state=${state}${more}`, 'privacy-officer');
        expect(page.items).toMatchObject([{ state }]);
        ids.push(...page.items.map(({ patientId }) => patientId));
        cursor = page.nextCursor;
      }
      return ids;
    };
    const [live, deleted] = [await pagesOf('live'), await pagesOf('deleted')];
    expect([live.length, deleted]).toEqual([3, [await idOf(4)]]);
    expect(live.toSorted()).toEqual([await idOf(1), await idOf(2), await idOf(3)].toSorted());
    expectProblem(await find('state=deleted'), 403, 'FORBIDDEN');
    expect(await pageOf('key=4')).toEqual({ items: [], nextCursor: null });
    expectProblem(
      await api.call('get', `/patients/${randomUUID()}`, 'system-admin'),
      404,
      'PATIENT_NOT_FOUND',
    );
  });

  it('previews, deletes once however often it is asked, and shows the record', async () => {
    const patientId = await idOf(3);
    const preview = await api.call('post', `/patients/${patientId}/deletion-preview`, 'privacy-officer');
    expect(preview.body).toMatchObject({ patientId, ready: true, blockers: [], totalRows: TOTAL });
    const key = randomUUID();
    const first = await remove(patientId, key).expect(201);
    const again = await remove(patientId, key).expect(201);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await database.query('SELECT FROM his.person WHERE person_no = 3')).toEqual([]);
    const { deletionId, shards } = first.body as {
      deletionId: string;
      shards: { shard: string; resources: { table: string; rows: number }[] }[];
    };
    const rows = shards.flatMap(({ resources }) => resources.map(({ table, rows: each }) => [table, each]));
    expect(Object.fromEntries(rows)).toEqual(ROWS_OF_ONE);
    const record = await api
      .call('get', `/patients/${patientId}/deletions/${deletionId}`, 'auditor')
      .expect(200);
    expect(record.body).toMatchObject({ deletionId, state: 'DELETED', totalRows: TOTAL });
    expectProblem(await remove(patientId), 409, 'PATIENT_ALREADY_DELETED', {
      deletion: `/api/v1/patients/${patientId}/deletions/${deletionId}`,
    });
    const gone = await api.call('get', `/patients/${patientId}`, 'privacy-officer');
    expectProblem(gone, 410, 'PATIENT_DELETED', {
      deletion: `/api/v1/patients/${patientId}/deletions/${deletionId}`,
    });
    const events = await api.call('get', `/audit-events?patientId=${patientId}`, 'auditor').expect(200);
    expect(events.body).toMatchObject({ items: [{ action: 'SYSTEM_DELETE_PATIENT', deletionId }] });
    expect(JSON.stringify([record.body, events.body])).not.toMatch(/Şahin|Işık|"F3"/);
  });

  it('certifies a deletion as JSON and as a PDF, in which a resource without a word has its own name', async () => {
    const patientId = await idOf(2);
    const { deletionId } = (await remove(patientId).expect(201)).body as { deletionId: string };
    const path = `/patients/${patientId}/deletions/${deletionId}/certificate`;
    await until(async () => (await api.call('get', path, 'auditor')).status === 200);
    const { verifierKey } = api.app.get(AuditLogKey);
    const json = await api.call('get', path, 'auditor').buffer(true).expect(200);
    const { certificate } = verifyCertificate(Buffer.from(json.text), verifierKey);
    expect(certificate).toMatchObject({
      deletionId,
      totalRows: TOTAL,
      rescan: { atIssue: { liveRows: 0 } },
      // Of a table without a fence nothing is claimed.
      statement: { code: 'SOFT_DELETE_MOVED_1' },
    });
    for (const language of ['en', 'tr']) {
      const pdf = await asBytes(api.call('get', path, 'auditor').set('Accept-Language', language));
      expect(verifyCertificate(pdf, verifierKey)).toMatchObject({ format: 'PDF' });
      const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
      for (const [resource, table] of [
        ['Note', 'Hasta_Kayıt.Not.lar'],
        ['Reading', 'his.reading'],
        ['Person', 'his.person'],
      ] as const)
        expect(text.replace(/\s+/g, ' ')).toContain(`${resource} ${table} ${ROWS_OF_ONE[table] ?? 0} 0`);
      // Not F2, which a hash may hold.
      expect(text).not.toMatch(/Şahin|Işık/);
    }
  });

  it('shows a privacy officer no name of a deleted patient, and keeps in the log who was shown that he was there', async () => {
    const before = (await reads()).length;
    const patientId = await idOf(2);
    const [event] = (await reads()).slice(before);
    expect(event?.patient).toBe(patientId);
    const { items } = await pageOf('key=2', 'privacy-officer');
    expect(items).toEqual([
      { patientId, state: 'deleted', recordNumber: null, givenName: null, familyName: null, birthDate: null },
    ]);
    expect(await reads()).toHaveLength(before + 2);
    expect(event?.all).not.toMatch(/Şahin|Işık|"F2"/);
  });

  it('finds its database whole at the end, and the log true', async () => {
    const scan = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(scan.body).toMatchObject({ healthy: true });
    const log = await api.call('get', '/audit-log/verification', 'auditor').expect(200);
    expect(log.body).toMatchObject({ valid: true });
    const ready = await api.raw('get', '/health/ready').expect(200);
    expect(ready.body).toMatchObject({ status: 'ready' });
  });
});

/** The bytes of a PDF. */
async function asBytes(request: supertest.Test): Promise<Buffer> {
  const answer = await request
    .set('Accept', 'application/pdf')
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        done(null, Buffer.concat(chunks));
      });
    })
    .expect(200);
  return answer.body as Buffer;
}
