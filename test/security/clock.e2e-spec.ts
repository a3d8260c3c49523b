import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient } from '../support/patients.js';
import { FakeIssuer, type IssuerKey, makeKey, tokenOf, variablesOf } from './issuer.js';
import { setWallClock } from './wall.clock.js';

const DAY = 86_400_000;

let database: TestDatabase;
let issuer: FakeIssuer;
let key: IssuerKey;
let api: Api;

beforeAll(async () => {
  key = await makeKey('k1');
  issuer = await FakeIssuer.start();
  issuer.published = [key];
  database = await createTestDatabase();
  api = await openApi(database.url, { env: variablesOf(issuer) });
});

afterEach(() => {
  jest.useRealTimers();
});

afterAll(async () => {
  await api.close();
  await issuer.close();
  await database.drop();
});

async function remove(patientId: string, token: string) {
  return api
    .call('post', `/patients/${patientId}/deletions`)
    .set('Authorization', `Bearer ${token}`)
    .send(REQUEST);
}

describe('a wall clock that jumps between two requests', () => {
  it.each([
    ['ahead by a day', DAY],
    ['back by a day', -DAY],
    ['back by ten years', -3_652 * DAY],
  ])('%s: tokens are judged by it as it is, and deletions go through whole', async (_, jump) => {
    const now = Date.now();
    const before = await seedPatient(database, 1);
    const after = await seedPatient(database, 2);
    const first = await tokenOf(key);
    expect((await remove(before, first)).status).toBe(201);

    setWallClock(now + jump);
    // Issued before the jump: expired after a jump ahead; `exp` alone cannot tell one that jumped back.
    expect((await remove(after, first)).status).toBe(jump > 0 ? 401 : 201);
    const late = await seedPatient(database, 3);
    const issued = await tokenOf(key, { nbf: Math.floor((now + jump) / 1_000) });
    const response = await remove(late, issued);
    expect(response.status).toBe(201);
    const { deletedAt, deletionId } = response.body as { deletedAt: string; deletionId: string };
    expect(Math.abs(Date.parse(deletedAt) - (now + jump))).toBeLessThan(60_000);
    expect(await auditEventsOf(database, late)).toHaveLength(1);

    jest.useRealTimers();
    const bearer = `Bearer ${await tokenOf(key)}`;
    const record = await api
      .call('get', `/patients/${late}/deletions`)
      .set('Authorization', bearer)
      .expect(200);
    expect(record.body).toHaveProperty('items.0.state', 'DELETED');
    // A certificate whose deletion lies in the future is put off, and nobody is accused of a forgery.
    const certificate = await api
      .call('get', `/patients/${late}/deletions/${deletionId}/certificate`)
      .set('Authorization', bearer);
    expect(certificate.status).toBe(jump > 0 ? 409 : 200);
    if (jump > 0)
      expect(certificate.body).toHaveProperty('detail', expect.stringContaining('set the clock right'));
    const lines = api.log.filter(({ ms }) => typeof ms === 'number');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter(({ ms }) => Number(ms) < 0 || Number(ms) > 60_000)).toEqual([]);
  });
});
