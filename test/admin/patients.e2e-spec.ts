import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

let database: TestDatabase;
let api: Api;
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  const people = [
    ['Işıl', 'Yıldız', 'H-1', '1980-05-17'],
    ['İnci', 'Aslan', 'H-2', null],
    ['Ada', 'Çelik', 'H-3', '2001-12-31'],
    ['Bora', 'Çelik', 'H-4', '1999-01-01'],
  ] as const;
  for (const [given, family, number, born] of people) {
    const id = (ids[given] = randomUUID());
    await database.query(
      `INSERT INTO patient.sharded_patient_demographics (patient_id, given_name, family_name, record_number, birth_date)
       VALUES ($1, $2, $3, $4, $5)`,
      [id, given, family, number, born],
    );
  }
  api = await openApi(database.url);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function namesOf(query: string): Promise<string[]> {
  const response = await api.call('get', `/patients?${query}`, 'privacy-officer').expect(200);
  return (response.body as { items: { givenName: string }[] }).items.map(({ givenName }) => givenName);
}

describe('GET /patients', () => {
  it('refuses a key of the hospital’s where patients stand in tables of Silgi’s own', async () => {
    const refused = await api.call('get', '/patients?key=7', 'system-admin');
    expectProblem(refused, 400, 'VALIDATION_FAILED');
    expect(refused.body).toHaveProperty(
      'detail',
      'Patients of this database are not found by key; look for them by search.',
    );
  });

  it('lists exactly what the contract names, by family and given name', async () => {
    const response = await api.call('get', '/patients', 'system-admin').expect(200);
    const { items, nextCursor } = response.body as { items: { givenName: string }[]; nextCursor: null };
    expect(nextCursor).toBeNull();
    expect(items.find(({ givenName }) => givenName === 'Işıl')).toEqual({
      patientId: ids['Işıl'],
      recordNumber: 'H-1',
      givenName: 'Işıl',
      familyName: 'Yıldız',
      birthDate: '1980-05-17',
      state: 'live',
    });
    expect(items.find(({ givenName }) => givenName === 'İnci')).toHaveProperty('birthDate', null);
    const names = items.map(({ givenName }) => givenName);
    expect(names.indexOf('Bora') - names.indexOf('Ada')).toBe(1);
    expect(names).toHaveLength(4);
  });

  it('goes on from page to page until none is left', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await api.call('get', `/patients?limit=2${query}`, 'system-admin').expect(200);
      const page = response.body as { items: { patientId: string }[]; nextCursor: string | null };
      expect(page.items.length).toBe(2);
      seen.push(...page.items.map(({ patientId }) => patientId));
      cursor = page.nextCursor;
      if (cursor !== null) expect(cursor).toBe(seen.at(-1));
    }
    expect(new Set(seen)).toEqual(new Set(Object.values(ids)));
    expect(seen.length).toBe(4);
  });

  it('shows each of many namesakes once, on whatever page they fall', async () => {
    const own = await createTestDatabase();
    // Nor may their order come from the plan of the server, which might read the index today and sort tomorrow.
    const [index] = await own.query<{ name: string }>(
      `SELECT indexrelid::regclass::text AS name FROM pg_index
       WHERE indrelid = 'patient.sharded_patient_demographics'::regclass AND indnatts = 4`,
    );
    await own.query(`DROP INDEX ${index?.name ?? ''}`);
    const namesakes = Array.from({ length: 7 }, (_, n) => `${n}0000000-0000-4000-8000-000000000000`);
    for (const id of [...namesakes].reverse())
      await own.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, given_name, family_name, record_number)
         VALUES ($1, 'Ada', 'Yıldız', 'H-9')`,
        [id],
      );
    const other = await openApi(own.url);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/patients?limit=3${cursor && `&cursor=${cursor}`}`;
      const answer = await other.call('get', path, 'system-admin').expect(200);
      const page = answer.body as { items: { patientId: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ patientId }) => patientId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(namesakes);
    await other.close();
    await own.drop();
  });

  it('sorts the Turkish way: ç after c, ı before i, and not by code point', async () => {
    const own = await createTestDatabase();
    const sorted = ['Cansız', 'Çelik', 'Irmak', 'İnan', 'Şahin', 'Yıldız', 'Zengin'];
    for (const family of [...sorted].reverse()) {
      await own.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, given_name, family_name, record_number)
         VALUES (gen_random_uuid(), 'Ada', $1, 'H-9')`,
        [family],
      );
    }
    const other = await openApi(own.url);
    const response = await other.call('get', '/patients', 'system-admin').expect(200);
    const { items } = response.body as { items: { familyName: string }[] };
    expect(items.map(({ familyName }) => familyName)).toEqual(sorted);
    await other.close();
    await own.drop();
  });

  it('searches the Turkish way', async () => {
    expect(await namesOf(`search=${encodeURIComponent('IŞIL yıldız')}`)).toEqual(['Işıl']);
    expect(await namesOf(`search=${encodeURIComponent('inci')}`)).toEqual(['İnci']);
    expect(await namesOf('search=isil')).toEqual([]);
    expect(await namesOf(`search=${encodeURIComponent('%')}`)).toEqual([]);
    expect(await namesOf('search=')).toHaveLength(4);
  });

  it('tells the deleted from the live, and is out of reach of their details', async () => {
    const id = ids['Bora'] ?? '';
    const deletion = await api
      .call('post', `/patients/${id}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(201);
    const { deletionId } = deletion.body as { deletionId: string };
    expect(await namesOf('state=deleted')).toEqual(['Bora']);
    expect(await namesOf('state=live')).not.toContain('Bora');
    expectProblem(await api.call('get', `/patients/${id}`, 'system-admin'), 410, 'PATIENT_DELETED', {
      deletion: `/api/v1/patients/${id}/deletions/${deletionId}`,
    });
  });

  it.each([
    ['limit=0', 'limit', 'at least 1'],
    ['limit=201', 'limit', 'at most 200'],
    ['limit=ten', 'limit', 'whole number'],
    ['limit=1.5', 'limit', 'whole number'],
    ['limit=0x10', 'limit', 'whole number'],
    ['limit=', 'limit', 'whole number'],
    ['limit=1&limit=2', 'limit', 'whole number'],
    ['cursor=Yıldız', 'cursor', 'a UUID'],
    ['state=gone', 'state', 'one of live, deleted'],
    ['search=a&search=b', 'search', 'given once'],
    ['search=a%00b', 'search', 'control characters'],
    [`search=${'x'.repeat(201)}`, 'search', 'at most 200'],
    ['sort=name', 'sort', 'not known'],
  ])('refuses ?%s', async (query, path, expectation) => {
    const response = await api.call(
      'get',
      `/patients?${encodeURI(query).replace('%2500', '%00')}`,
      'system-admin',
    );
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path, message: expect.stringContaining(expectation) }],
    });
  });
});

describe('GET /patients/{patientId}', () => {
  it('shows the patient, whatever the case of the id', async () => {
    const id = ids['Ada'] ?? '';
    const response = await api.call('get', `/patients/${id.toUpperCase()}`, 'privacy-officer').expect(200);
    expect(response.body).toEqual({
      patientId: id,
      recordNumber: 'H-3',
      givenName: 'Ada',
      familyName: 'Çelik',
      birthDate: '2001-12-31',
      state: 'live',
    });
  });

  it('says so when there is none', async () => {
    expectProblem(
      await api.call('get', `/patients/${randomUUID()}`, 'system-admin'),
      404,
      'PATIENT_NOT_FOUND',
    );
  });

  it('has no link where the hospital’s own system had hidden the patient', async () => {
    const id = ids['İnci'] ?? '';
    await database.query(
      'UPDATE patient.sharded_patient_demographics SET is_deleted = true, deleted_at = now() WHERE patient_id = $1',
      [id],
    );
    const path = `/patients/${id}`;
    const members = { deletion: null };
    expectProblem(await api.call('get', path, 'system-admin'), 410, 'PATIENT_DELETED', members);
    const deletion = await api.call('post', `${path}/deletions`, 'system-admin').send(REQUEST);
    expectProblem(deletion, 409, 'PATIENT_ALREADY_DELETED', members);
    const records = await api.call('get', `${path}/deletions`, 'system-admin').expect(200);
    expect(records.body).toEqual({ items: [], nextCursor: null });
  });

  it.each(['Yıldız', '12345678901', `${randomUUID()}0`, '%00', "';--"])('refuses the id %s', async (id) => {
    const response = await api.call(
      'get',
      `/patients/${encodeURI(id).replace('%2500', '%00')}`,
      'system-admin',
    );
    expectProblem(response, 400, 'VALIDATION_FAILED', {
      errors: [{ path: 'patientId', message: 'must be a UUID' }],
    });
  });

  it('refuses a path that is not properly encoded', async () => {
    expectProblem(await api.call('get', '/patients/%ff', 'system-admin'), 400, 'VALIDATION_FAILED', {
      errors: [{ path: '', message: 'The path is not properly encoded' }],
    });
  });
});
