import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from 'jose';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type Api, expectProblem, openApi, REQUEST } from './api.js';

const ISSUER = 'https://id.hospital.example';
const AUDIENCE = 'silgi-test';
const WITH_A_FAULT = /^Bearer realm="silgi", error="invalid_token", error_description="[^"]+"$/;

let database: TestDatabase;
let api: Api | undefined;
let issuer: Server;
let jwks: { keys: object[] };
let key: GenerateKeyPairResult;
let other: GenerateKeyPairResult;
let patientId: string;
let before: string;

beforeAll(async () => {
  database = await createTestDatabase();
  patientId = await seedPatient(database, 1);
  before = await digestOf(database, patientId);
  key = await generateKeyPair('ES256');
  other = await generateKeyPair('ES256');
  jwks = { keys: [{ ...(await exportJWK(key.publicKey)), kid: 'k1', alg: 'ES256' }] };
  issuer = createServer((_, response) => response.end(JSON.stringify(jwks)));
  await new Promise<void>((listening) => issuer.listen(0, '127.0.0.1', listening));
});

afterEach(async () => {
  await api?.close();
  api = undefined;
  expect(await digestOf(database, patientId)).toBe(before);
});

afterAll(async () => {
  issuer.close();
  await database.drop();
});

function token(claims: object = {}, expires: number | string = '5m', kid = 'k1') {
  return new SignJWT({ roles: ['system-admin'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('ayse')
    .setIssuedAt()
    .setExpirationTime(expires);
}

/** A token put together by hand. */
function forged(header: object, claims: object, sign: (input: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign(input)}`;
}

const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'ayse', roles: ['system-admin'], exp: 4_102_444_800 };

async function open(AUTH_JWKS: string, env: NodeJS.ProcessEnv = {}): Promise<Api> {
  api = await openApi(database.url, {
    env: { AUTH_JWKS, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE, ...env },
  });
  return api;
}

function issuerUrl(): string {
  return `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
}

describe('with an issuer of the operator', () => {
  it('accepts its tokens, whether the keys come from a URL or a file', async () => {
    const file = join(await temporaryFolder(), 'jwks.json');
    await writeFile(file, JSON.stringify(jwks));
    for (const where of [issuerUrl(), file]) {
      const service = await open(where);
      const bearer = `Bearer ${await token().sign(key.privateKey)}`;
      await service.call('get', '/patients').set('Authorization', bearer).expect(200);
      await service
        .call('get', '/patients')
        .set('Authorization', bearer.replace('Bearer', 'bearer'))
        .expect(200);
      await service.close();
    }
    api = undefined;
  });

  it('reads the roles from the claim that the environment names, as a list or as words', async () => {
    const service = await open(issuerUrl(), { AUTH_ROLES_CLAIM: 'scope' });
    const status = async (claims: object) => {
      const bearer = await token({ roles: undefined, ...claims }).sign(key.privateKey);
      return (await service.call('get', '/audit-events').set('Authorization', `Bearer ${bearer}`)).status;
    };
    expect(await status({ scope: 'openid auditor' })).toBe(200);
    expect(await status({ scope: ['auditor'] })).toBe(200);
    expect(await status({ scope: 'openid' })).toBe(403);
    expect(await status({ roles: ['auditor'] })).toBe(403);
  });

  it('reads the roles where Keycloak has them, of the realm or of a client', async () => {
    const keycloaks = {
      roles: undefined,
      typ: 'Bearer',
      azp: 'console',
      realm_access: { roles: ['offline_access', 'auditor'] },
      resource_access: { 'silgi.api': { roles: ['privacy-officer'] }, account: { roles: ['system-admin'] } },
    };
    const bearer = `Bearer ${await token(keycloaks).sign(key.privateKey)}`;
    const statuses = async (AUTH_ROLES_CLAIM: string) => {
      const service = await open(issuerUrl(), { AUTH_ROLES_CLAIM });
      const answers = ['/audit-events', '/patients'].map((path) =>
        service.call('get', path).set('Authorization', bearer),
      );
      const found = (await Promise.all(answers)).map(({ status }) => status);
      await service.close();
      api = undefined;
      return found;
    };
    expect(await statuses('realm_access.roles')).toEqual([200, 403]);
    expect(await statuses('resource_access.silgi.api.roles')).toEqual([200, 200]);
    expect(await statuses('roles')).toEqual([403, 403]);
  });

  it('knows a user by the claims iss and sub, and by no name that another may be given', async () => {
    const service = await open(issuerUrl());
    const names = {
      roles: ['system-admin', 'auditor'],
      email: 'mehmet@example',
      preferred_username: 'mehmet',
    };
    const [hers, his] = await Promise.all(
      ['ayse', 'u-2'].map(async (sub) => {
        const bearer = await token({ ...names, name: 'Mehmet' })
          .setSubject(sub)
          .sign(key.privateKey);
        return `Bearer ${bearer}`;
      }),
    );
    const actorOf = async (bearer = '') => {
      const path = `/patients/${await seedPatient(database, 1)}/deletions`;
      const deletion = await service
        .call('post', path)
        .set('Authorization', bearer)
        .send(REQUEST)
        .expect(201);
      const { auditEventId } = deletion.body as { auditEventId: string };
      const event = await service.call('get', `/audit-events/${auditEventId}`).set('Authorization', bearer);
      expect(event.text).not.toMatch(/mehmet/i);
      const { actor, actorSource } = event.body as Record<string, unknown>;
      return { actor, actorSource };
    };
    const actorSource = { kind: 'TOKEN', issuer: ISSUER };
    expect(await actorOf(hers)).toEqual({ actor: 'ayse', actorSource });
    expect(await actorOf(his)).toEqual({ actor: 'u-2', actorSource });
  });

  it('refuses every token that does not hold, and changes nothing', async () => {
    const service = await open(issuerUrl());
    const secret = JSON.stringify(jwks.keys[0]);
    const hmac = (input: string) => createHmac('sha256', secret).update(input).digest('base64url');
    const now = Math.floor(Date.now() / 1000);
    const bad: Record<string, string> = {
      expired: await token({}, now - 6).sign(key.privateKey),
      'not valid yet': await token({ nbf: now + 60 }).sign(key.privateKey),
      'of another issuer': await token().setIssuer('https://evil.example').sign(key.privateKey),
      'for another audience': await token().setAudience('other').sign(key.privateKey),
      'signed with another key': await token().sign(other.privateKey),
      'with a key id that nobody published': await token({}, '5m', 'k9').sign(key.privateKey),
      'without a subject': await token({ sub: undefined }).setSubject('').sign(key.privateKey),
      'with a subject of control characters': await token().setSubject('a\u0000b').sign(key.privateKey),
      'with a subject that turns the direction': await token().setSubject('a\u202eb').sign(key.privateKey),
      'with a subject that is not all seen': await token().setSubject('a\u200bb').sign(key.privateKey),
      'without expiry': await new SignJWT({ roles: ['system-admin'] })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('ayse')
        .sign(key.privateKey),
      'of alg none': forged({ alg: 'none' }, CLAIMS, () => ''),
      'of alg none with a key': forged({ alg: 'none', kid: 'k1' }, CLAIMS, () => 'x'),
      'signed with the public key as a secret': forged({ alg: 'HS256', kid: 'k1' }, CLAIMS, hmac),
      'cut off': (await token().sign(key.privateKey)).slice(0, -10),
      'no token': 'abc',
      'not even text': '%%%',
    };
    for (const [what, text] of Object.entries(bad)) {
      const response = await service
        .call('post', `/patients/${patientId}/deletions`)
        .set('Authorization', `Bearer ${text}`)
        .send(REQUEST);
      expectProblem(response, 401, 'UNAUTHENTICATED');
      expect({ what, challenge: response.headers['www-authenticate'] }).toEqual({
        what,
        challenge: expect.stringMatching(WITH_A_FAULT),
      });
    }
    expect(JSON.stringify(service.log)).not.toMatch(/eyJ|Authorization/i);
  });

  it('lets the clocks differ by a few seconds', async () => {
    const service = await open(issuerUrl());
    const late = await token({}, Math.floor(Date.now() / 1000) - 1).sign(key.privateKey);
    await service.call('get', '/patients').set('Authorization', `Bearer ${late}`).expect(200);
  });

  it('has no opinion of a token while the issuer’s keys cannot be had', async () => {
    const service = await open('http://127.0.0.1:2/jwks');
    const response = await service
      .call('post', `/patients/${patientId}/deletions`)
      .set('Authorization', `Bearer ${await token().sign(key.privateKey)}`)
      .send(REQUEST);
    expectProblem(response, 503, 'SIGN_IN_UNAVAILABLE');
    expect(JSON.stringify(service.log)).toContain('ECONNREFUSED');
  });

  it('does not start on a file without keys', async () => {
    const file = join(await temporaryFolder(), 'jwks.json');
    await expect(open(file)).rejects.toThrow(/^AUTH_JWKS must be/);
    await writeFile(file, '{"keys": 1}');
    await expect(open(file)).rejects.toThrow(/^AUTH_JWKS must be/);
  });
});

describe('without an issuer', () => {
  it('asks for a token where none came', async () => {
    api = await openApi(database.url);
    const path = `/patients/${patientId}/deletions`;
    const none = await api.call('post', path).send(REQUEST);
    expectProblem(none, 401, 'UNAUTHENTICATED');
    expect(none.headers['www-authenticate']).toBe('Bearer realm="silgi"');
    for (const header of ['Basic YTpi', 'Bearer', 'Bearer ', 'Bearer a b', 'eyJ.eyJ.x']) {
      const response = await api.call('post', path).set('Authorization', header).send(REQUEST);
      expectProblem(response, 401, 'UNAUTHENTICATED');
      expect(response.headers['www-authenticate']).toMatch(WITH_A_FAULT);
    }
  });

  it('refuses a role that may not, and names those that may', async () => {
    api = await openApi(database.url);
    for (const role of ['privacy-officer', 'auditor'] as const) {
      const response = await api.call('post', `/patients/${patientId}/deletions`, role).send(REQUEST);
      expectProblem(response, 403, 'FORBIDDEN');
      expect(response.body).toHaveProperty('detail', expect.stringContaining('system-admin'));
    }
  });

  it('does not accept the tokens of another data folder', async () => {
    api = await openApi(database.url);
    const foreign = await openApi(database.url);
    const header = foreign.call('get', '/patients', 'system-admin').get('Authorization');
    const response = await api.call('get', '/patients').set('Authorization', header);
    expectProblem(response, 401, 'UNAUTHENTICATED');
    await foreign.close();
  });
});
