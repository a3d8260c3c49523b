import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OutcomePending } from '../../src/protocol/index.js';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { PatientDirectory } from '../../src/patient/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

const patientId = randomUUID();
let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await api.close();
});

afterAll(async () => {
  await database.drop();
});

/** What stands in the answer to every error of a read that was not foreseen. */
const GENERIC =
  'An unexpected error, which the log has under this request id. A call that reads changes no patient: it can be repeated.';

describe('the edge', () => {
  it('answers 202 where the outcome of the commit is not known yet', async () => {
    const deletionId = randomUUID();
    const point = { phase: 'COMMIT', shard: 'patient', step: 'commit' } as const;
    api = await openApi(database.url, {
      override: (builder) =>
        builder.overrideProvider(PatientOrchestrator).useValue({
          deletePatient: () =>
            Promise.reject(new OutcomePending({ name: 'deletion', ids: { deletionId } }, point)),
        }),
    });
    const response = await api
      .call('post', `/patients/${patientId}/deletions`, 'system-admin')
      .send(REQUEST)
      .expect(202);
    expect(response.body).toEqual({ deletionId, patientId, state: 'COMMITTING' });
    expect(response.headers['location']).toBe(`/api/v1/patients/${patientId}/deletions/${deletionId}`);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    ['an error of our own making', new TypeError('cannot read Işıl')],
    ['an error of the database', Object.assign(new Error('Işıl'), { severity: 'ERROR', code: '42P01' })],
    ['no error at all', 'Işıl'],
    [
      'one with a query, a key and a token in it',
      new Error('SELECT secret; -----BEGIN PRIVATE KEY-----; eyJhbGciOiJ'),
    ],
  ])('tells nothing but the request id of %s, and logs it', async (_, thrown) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case
    const fail = () => Promise.reject(thrown);
    api = await openApi(database.url, {
      override: (builder) =>
        builder
          .overrideProvider(PatientDirectory)
          .useValue({ page: fail })
          .overrideProvider(PatientOrchestrator)
          .useValue({ deletePatient: fail }),
    });
    const response = await api.call('get', '/patients', 'system-admin').set('X-Request-Id', 'r.1');
    expectProblem(response, 500, 'INTERNAL_ERROR', {
      title: 'Something failed that was not foreseen',
      detail: GENERIC,
    });
    const write = await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);
    expect((write.body as { detail: string }).detail).toMatch(
      /^An unexpected error, .* Whether a change that was asked for was made is not known: look before it is repeated/,
    );
    expect(api.log.filter(({ requestId }) => requestId === 'r.1')).toMatchObject([
      { level: 'error', context: 'Problem', err: { name: expect.any(String) } },
      { level: 'error', status: 500, code: 'INTERNAL_ERROR' },
    ]);
  });
});
