import { randomUUID } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ListUploads } from '../../src/admin/batches/list.uploads.js';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { FakeIssuer, makeKey, tokenOf, variablesOf } from '../security/issuer.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';

const TARGET = `/deletion-batches?reason=${REQUEST.reason}&legalBasis=${REQUEST.legalBasis}`;

let database: TestDatabase;
let issuer: FakeIssuer;
let api: Api;
let ayse: string;
let burak: string;
const slow: ClientRequest[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const key = await makeKey('k1');
  issuer = await FakeIssuer.start();
  issuer.published = [key];
  api = await openApi(database.url, { env: { ...variablesOf(issuer), BATCH_CONCURRENCY: '0' } });
  const token = (sub: string) => tokenOf(key, { sub, roles: ['system-admin'] });
  [ayse, burak] = [await token('ayse'), await token('burak')];
});

afterAll(async () => {
  for (const sent of slow) sent.destroy();
  await api.close();
  await issuer.close();
  await database.drop();
});

/** A list that is sent whole. */
const send = (
  token: string,
  type = 'text/csv',
  body: string | object = `id\n${randomUUID()}`,
  target = TARGET,
) => api.call('post', target).set('Authorization', `Bearer ${token}`).set('Content-Type', type).send(body);

/** A list of which the end is still to come. */
function begin(token: string): { sent: ClientRequest; answered: Promise<IncomingMessage> } {
  const { port } = api.app.getHttpServer().address() as AddressInfo;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' };
  const sent = request({ host: '127.0.0.1', port, path: `/api/v1${TARGET}`, method: 'POST', headers });
  slow.push(sent);
  const answered = new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  sent.on('error', () => undefined);
  sent.write(`id\n${randomUUID()}\n`);
  return { sent, answered };
}

/** Whether so many more lists of a caller have room; looks without taking the room of a list that is on its way. */
function hasRoom(subject: string, lists = 1): boolean {
  const taken: (() => void)[] = [];
  try {
    for (let list = 0; list < lists; list++)
      taken.push(api.app.get(ListUploads, { strict: false }).enter(subject));
    return true;
  } catch {
    return false;
  } finally {
    for (const leave of taken) leave();
  }
}

describe('lists in CSV', () => {
  it('are taken from one caller two at a time, and others have room', async () => {
    const [first, second] = [begin(ayse), begin(ayse)];
    await until(() => Promise.resolve(!hasRoom('ayse')));
    const refused = await send(ayse);
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(refused.body).toHaveProperty('detail', expect.stringContaining('2 lists in CSV at a time'));
    expect(refused.headers['retry-after']).toBe('5');
    await send(burak).expect(202);
    // A short list in JSON is no such work.
    await send(
      ayse,
      'application/json',
      { ...REQUEST, patientIds: [randomUUID()] },
      '/deletion-batches',
    ).expect(202);
    // One that comes to its end gives its place back, and so does one that is broken off.
    first.sent.end();
    expect((await first.answered).statusCode).toBe(202);
    await send(ayse).expect(202);
    const third = begin(ayse);
    await until(() => Promise.resolve(!hasRoom('ayse')));
    for (const { sent } of [second, third]) sent.destroy();
    await until(() => Promise.resolve(hasRoom('ayse', 2)));
    await send(ayse).expect(202);
    const [fourth, fifth] = [begin(ayse), begin(ayse)];
    for (const { sent } of [fourth, fifth]) sent.end();
    expect((await fourth.answered).statusCode).toBe(202);
    expect((await fifth.answered).statusCode).toBe(202);
  });

  it('are refused where they are of keys, as is one in JSON, and no declaration is in force', async () => {
    const refused = await send(ayse, 'text/csv', 'key\n7\n');
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { code: 'BATCH_LIST_UNREADABLE', detail: expect.stringContaining('(DECLARATION); send patient ids') },
    ]);
    const json = await send(
      ayse,
      'application/json',
      { ...REQUEST, patientKeys: ['7'] },
      '/deletion-batches',
    );
    expect([json.status, json.body]).toMatchObject([
      400,
      { errors: [{ path: 'patientKeys', message: expect.stringContaining('no declaration is in force') }] },
    ]);
  });

  it('are taken from all callers eight at a time', async () => {
    const key = await makeKey('k2');
    issuer.published = [...issuer.published, key];
    const tokens = await Promise.all(
      ['a', 'b', 'c', 'd'].map((sub) => tokenOf(key, { sub, roles: ['system-admin'] })),
    );
    const begun = tokens.flatMap((token) => [begin(token), begin(token)]);
    await until(() => Promise.resolve(!hasRoom('burak')));
    expect((await send(burak)).body).toHaveProperty('detail', expect.stringContaining('8 lists in CSV'));
    for (const { sent } of begun) sent.end();
    for (const { answered } of begun) expect((await answered).statusCode).toBe(202);
    await send(burak).expect(202);
  });
});
