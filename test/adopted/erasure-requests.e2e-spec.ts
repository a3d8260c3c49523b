import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { today } from '../orchestrator/request.stage.js';
import type { TestDatabase } from '../support/database.js';
import { adoptHospital } from './hospital.stage.js';

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

const post = async (
  path: string,
  body: object,
  role: 'privacy-officer' | 'system-admin' = 'privacy-officer',
) => (await api.call('post', path, role).send(body)).body as Record<string, string>;
const stateOf = async (requestId: string) =>
  (
    (await api.call('get', `/erasure-requests/${requestId}`, 'privacy-officer').expect(200)).body as {
      state: string;
    }
  ).state;

describe('a data subject’s request, where patients stand in a hospital’s own tables', () => {
  it('goes by what becomes of the patient there: deleted, undone, held, refused', async () => {
    const found = await api.call('get', '/patients?key=1', 'system-admin').expect(200);
    const [{ patientId }] = (found.body as { items: [{ patientId: string }] }).items;
    const patient = `/patients/${patientId}`;
    const received = { patientId, receivedOn: today(), channel: 'PORTAL' };
    const { requestId = '' } = await post('/erasure-requests', received);
    const { deletionId = '' } = await post(`${patient}/deletions`, { ...REQUEST, requestId }, 'system-admin');
    expect(await stateOf(requestId)).toBe('FULFILLED');
    await post(`${patient}/deletions/${deletionId}/restoration`, { reason: 'DELETED_IN_ERROR' });
    expect(await stateOf(requestId)).toBe('OPEN');
    const { holdId = '' } = await post(`${patient}/legal-holds`, { ground: 'REGULATOR', reference: '7/26' });
    expect(await stateOf(requestId)).toBe('DEFERRED');
    await post(`${patient}/legal-holds/${holdId}/release`, { ground: 'PERIOD_OVER' });
    await post(`/erasure-requests/${requestId}/refusal`, { ground: 'KVKK_BY_LAW_ART_12_1_C' });
    expect(await stateOf(requestId)).toBe('REFUSED');
    const vetoed = await post(`${patient}/deletions`, { ...REQUEST, requestId }, 'system-admin');
    expect(vetoed).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'ERASURE_REQUEST_NOT_OPEN' }],
    });
    const integrity = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(integrity.body).toMatchObject({ mismatches: [] });
  });
});
