import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { CLIENT, IdentityProvider, providerKey } from './identity.provider.js';

let database: TestDatabase;
let first: JWK;
let second: JWK;
let provider: IdentityProvider;
let api: Api;

beforeAll(async () => {
  // The package reminds of what a provider for real people would need.
  for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockReturnValue(undefined);
  database = await createTestDatabase();
  [first, second] = await Promise.all([providerKey('first'), providerKey('second')]);
  provider = await IdentityProvider.start([first]);
});

afterEach(async () => {
  await api.close();
});

afterAll(async () => {
  await provider.close();
  await database.drop();
});

const open = async (env: NodeJS.ProcessEnv = {}) =>
  (api = await openApi(database.url, { env: { ...provider.variables(), ...env } }));
const remove = (patientId: string, token: string) =>
  api.call('post', `/patients/${patientId}/deletions`).set('Authorization', `Bearer ${token}`).send(REQUEST);
const list = async (token: string) =>
  (await api.call('get', '/deletions').set('Authorization', `Bearer ${token}`)).status;

describe('a sign-in at a real OpenID provider, whose client has the name of the audience', () => {
  it.each([['access'], ['at+jwt']])(
    'deletes with its access token and never with its ID token, where AUTH_TOKEN_TYPE is %s',
    async (AUTH_TOKEN_TYPE) => {
      await open({ AUTH_TOKEN_TYPE });
      const patientId = await seedPatient(database, 1);
      const before = await digestOf(database, patientId);
      const { id_token, access_token } = await provider.signIn();
      // Nothing in it names its kind: what has no such claim cannot be refused for it.
      expect(Object.keys(decodeJwt(id_token)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'roles', 'sub']);
      expect(decodeJwt(id_token)).toMatchObject({ aud: CLIENT, roles: ['system-admin', 'privacy-officer'] });
      expect(decodeProtectedHeader(id_token)).toEqual({ alg: 'ES256', kid: 'first' });
      const refused = await remove(patientId, id_token);
      expectProblem(refused, 401, 'UNAUTHENTICATED');
      expect(refused.body).toHaveProperty('detail', expect.stringContaining('not an access token'));
      expect(await digestOf(database, patientId)).toBe(before);
      expect(decodeProtectedHeader(access_token)).toMatchObject({ typ: 'at+jwt' });
      expect((await remove(patientId, access_token)).status).toBe(201);
    },
  );

  it('goes on when its keys are rotated with overlap right after they were fetched, and locks nobody out', async () => {
    await open({ FAILED_SIGN_INS_PER_MINUTE: '1' });
    const old = (await provider.signIn()).access_token;
    expect(await list(old)).toBe(200);
    provider.rotateTo([second, first]);
    const { access_token } = await provider.signIn();
    expect(decodeProtectedHeader(access_token)).toMatchObject({ kid: 'second' });
    expect(await list(access_token)).toBe(200);
    expect(await list(old)).toBe(200);
    const third = await providerKey('third');
    provider.rotateTo([third, second]);
    expect(await list((await provider.signIn()).access_token)).toBe(200);
    expect(await list(access_token)).toBe(200);
  });
});
