import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppModule } from '../../src/app.module.js';
import { ConfigurationError } from '../../src/config/index.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import type { TestDatabase } from '../support/database.js';
import { isWaitedFor } from '../support/waiting.js';
import { adoptHospital } from './hospital.stage.js';

const HOLD = { ground: 'INVESTIGATION', reference: '2026/7' };

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

async function pathOf(key: number): Promise<string> {
  const { body } = (await api.call('get', `/patients?key=${key}`, 'system-admin').expect(200)) as {
    body: { items: { patientId: string }[] };
  };
  return `/patients/${body.items[0]?.patientId ?? ''}`;
}
const remove = (path: string) => api.call('post', `${path}/deletions`, 'system-admin').send(REQUEST);
const place = (path: string) => api.call('post', `${path}/legal-holds`, 'privacy-officer').send(HOLD);
async function release(path: string, response: { body: unknown }): Promise<void> {
  const { holdId } = response.body as { holdId: string };
  const call = api.call('post', `${path}/legal-holds/${holdId}/release`, 'privacy-officer');
  await call.send({ ground: 'PERIOD_OVER' }).expect(200);
}

it('vetoes of the shards, which know Silgi’s own tables, are refused there', () => {
  expect(() => AppModule.forDatabase(database.url, undefined, ['UNPAID_BALANCE'])).toThrow(
    ConfigurationError,
  );
  expect(AppModule.forDatabase(database.url)).toMatchObject({ module: AppModule });
});

describe('a legal hold, where patients stand in a hospital’s own tables', () => {
  it('vetoes a deletion, and the restoration of one, until it is released', async () => {
    const path = await pathOf(1);
    const first = await place(path).expect(201);
    expectProblem(await remove(path), 409, 'DELETION_VETOED', {
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }],
    });
    await release(path, first);
    const { deletionId } = (await remove(path).expect(201)).body as { deletionId: string };

    const second = await place(path).expect(201);
    const undo = () =>
      api
        .call('post', `${path}/deletions/${deletionId}/restoration`, 'privacy-officer')
        .send({ reason: 'OTHER_LAW' });
    expectProblem(await undo(), 409, 'RESTORATION_REFUSED', {
      refusal: 'VETOED',
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }],
    });
    await release(path, second);
    await undo().expect(200);
    const scan = await api.call('get', '/integrity', 'auditor').expect(200);
    expect(scan.body).toMatchObject({ healthy: true });
  });

  it('waits for a writer who has the patient’s row, and then stands', async () => {
    const path = await pathOf(2);
    const writer = await database.connect();
    await writer.query('BEGIN');
    const [{ pid } = { pid: 0 }] = (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))
      .rows;
    await writer.query('SELECT FROM his.person WHERE person_no = 2 FOR UPDATE');
    const placing = place(path)
      .expect(201)
      .then((response) => response);
    await isWaitedFor(database, pid);
    await writer.query('COMMIT');
    await writer.end();
    await placing;
    expectProblem(await remove(path), 409, 'DELETION_VETOED', {
      blockers: [{ shard: 'patient', code: 'LEGAL_HOLD', detail: expect.any(String) }],
    });
  });
});
