import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHmac, createPublicKey } from 'node:crypto';
import { exportSPKI } from 'jose';
import { type TokenVerifier, Unauthenticated } from '../../src/auth/index.js';
import { FakeIssuer, type IssuerKey, makeKey, tokenOf } from './issuer.js';
import { setWallClock } from './wall.clock.js';

/** Seconds by which clocks may differ (docs/security.md). */
const TOLERANCE = 5;

let issuer: FakeIssuer;
let stranger: FakeIssuer;
let key: IssuerKey;
let rsa: IssuerKey;
let evil: IssuerKey;
let verifier: TokenVerifier;

beforeAll(async () => {
  [key, rsa, evil] = await Promise.all([makeKey('k1'), makeKey('r1', 'RS256'), makeKey('k1')]);
  issuer = await FakeIssuer.start();
  issuer.published = [key, rsa];
  stranger = await FakeIssuer.start();
  stranger.published = [evil];
  verifier = await issuer.verifier();
});

afterEach(() => {
  jest.useRealTimers();
});

afterAll(async () => {
  await issuer.close();
  await stranger.close();
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsOf = (token: string) => token.split('.')[1] ?? '';

async function refusalOf(token: string): Promise<string> {
  const error = await verifier.verify(token).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Unauthenticated);
  return (error as Unauthenticated).message;
}

describe('a token', () => {
  it('is accepted from the issuer, with an elliptic and with an RSA key', async () => {
    const caller = { subject: 'ayse', issuer: 'https://id.hospital.example', roles: ['system-admin'] };
    expect(await verifier.verify(await tokenOf(key))).toEqual(caller);
    expect(await verifier.verify(await tokenOf(rsa, {}, { alg: 'RS256' }))).toEqual(caller);
  });

  it.each(['HS256', 'HS384', 'HS512'])(
    'is refused where it is signed with %s and the public key as the secret',
    async (alg) => {
      for (const one of [key, rsa]) {
        const pem = await exportSPKI(one.publicKey);
        const der = createPublicKey(pem).export({ format: 'der', type: 'spki' });
        for (const secret of [pem, pem.trim(), der, JSON.stringify(one.jwk), one.jwk.x ?? one.jwk.n ?? '']) {
          const input = `${part({ alg, kid: one.kid })}.${claimsOf(await tokenOf(key))}`;
          const mac = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url');
          expect(await refusalOf(`${input}.${mac}`)).toContain('algorithm that is not accepted');
        }
      }
    },
  );

  it.each(['none', 'None', 'NONE', 'nOnE', '', 'RS1', 'ES256K', 'A128KW'])(
    'is refused with the algorithm “%s”',
    async (alg) => {
      const [, claims, signature] = (await tokenOf(key)).split('.');
      for (const end of ['', signature ?? ''])
        await refusalOf(`${part({ alg, kid: 'k1' })}.${claims ?? ''}.${end}`);
    },
  );

  it('is refused where one algorithm is named and the key is of another', async () => {
    const [, claims, signature] = (await tokenOf(rsa, {}, { alg: 'RS256' })).split('.');
    for (const alg of ['PS256', 'RS512', 'ES256', 'EdDSA'])
      await refusalOf(`${part({ alg, kid: 'r1' })}.${claims ?? ''}.${signature ?? ''}`);
  });

  it('brings no key of its own: jwk, jku, x5u and x5c are not looked at', async () => {
    const headers = {
      jwk: evil.jwk,
      jku: stranger.url,
      x5u: stranger.url,
      x5c: ['MIIB'],
      'x5t#S256': 'x',
    };
    for (const [name, value] of Object.entries(headers))
      expect(await refusalOf(await tokenOf(evil, {}, { [name]: value }))).toContain('signature');
    await refusalOf(await tokenOf(evil, {}, { ...headers, kid: '../../../dev/null' }));
    expect(stranger.asked).toBe(0);
    await expect(verifier.verify(await tokenOf(key, {}, { jku: stranger.url }))).resolves.toBeDefined();
    expect(stranger.asked).toBe(0);
  });

  it('is refused with an extension that is critical and not known', async () => {
    const [, claims, signature] = (await tokenOf(key)).split('.');
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['urn:x'], 'urn:x': 1 },
      { crit: [] },
      { crit: 'b64' },
      { crit: ['b64'], b64: false },
    ])
      await refusalOf(`${part({ alg: 'ES256', kid: 'k1', ...header })}.${claims ?? ''}.${signature ?? ''}`);
  });

  it.each([
    ['another audience', { aud: 'other' }],
    ['audiences without this one', { aud: ['other', 'silgi'] }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://id.hospital.example/' }],
    ['no issuer', { iss: undefined }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: '4102444800' }],
    ['a beginning in words', { nbf: 'now' }],
    ['no subject', { sub: undefined }],
    ['a subject that is no text', { sub: 7 }],
    ['a subject longer than a log can bear', { sub: 'x'.repeat(256) }],
  ])('is refused with %s', async (_, claims) => {
    await refusalOf(await tokenOf(key, claims));
  });

  it('is accepted for one audience of several', async () => {
    await expect(
      verifier.verify(await tokenOf(key, { aud: ['other', 'silgi-test'] })),
    ).resolves.toBeDefined();
  });

  it('is judged by the clock of the moment, with a tolerance of 5 s to both sides', async () => {
    const now = 2_000_000_000;
    const token = await tokenOf(key, { iat: now, nbf: now, exp: now + 300 });
    const at = (second: number) => {
      setWallClock(second * 1_000);
      return verifier.verify(token);
    };
    await expect(at(now - TOLERANCE)).resolves.toBeDefined();
    await expect(at(now - TOLERANCE - 1)).rejects.toThrow('The claim nbf');
    await expect(at(now + 300 + TOLERANCE - 1)).resolves.toBeDefined();
    await expect(at(now + 300 + TOLERANCE)).rejects.toThrow('expired');
    // And again when the clock comes back.
    await expect(at(now)).resolves.toBeDefined();
  });

  it.each([
    ['of another kind by its header', {}, { typ: 'logout+jwt' }],
    ['of another kind by its header, too', {}, { typ: 'dpop+jwt' }],
    ['of a security event by its header', {}, { typ: 'application/secevent+jwt' }],
    ['of an introspection by its header', {}, { typ: 'token-introspection+jwt' }],
    ['whose kind is no text', {}, { typ: 7 }],
    ['whose kind is empty', {}, { typ: '' }],
    ['to refresh with', { typ: 'Refresh' }, {}],
    ['of identity, by its claim', { typ: 'ID' }, {}],
    ['of identity, by the claim of another issuer', { token_use: 'id' }, {}],
    ['of identity, by its nonce', { nonce: 'x' }, {}],
    ['of identity, by its hash', { at_hash: 'x' }, {}],
    ['of identity, by the hash of a code', { c_hash: 'x' }, {}],
    ['of identity, by the hash of a state', { s_hash: 'x' }, {}],
    ['of identity, by a key of its own', { sub_jwk: {} }, {}],
    ['of identity, whatever its header says', { nonce: 'x', at_hash: 'x' }, { typ: 'at+jwt' }],
    ['of an event', { events: {} }, {}],
    ['that says nothing of its kind', { client_id: undefined }, {}],
    ['that says no more than that it is a token', { client_id: undefined }, { typ: 'JWT' }],
    ['for its own client', { client_id: 'silgi-test' }, {}],
    ['for its own client, among others', { client_id: undefined, azp: 'a', aud: ['a', 'silgi-test'] }, {}],
    ['with no scope in its scope', { client_id: undefined, scope: '', scp: [] }, {}],
  ])('is refused where it is one %s', async (_, claims, header) => {
    expect(await refusalOf(await tokenOf(key, claims, header))).toContain('not an access token');
  });

  const BARE = { client_id: undefined };
  it.each([
    ['RFC 9068', {}, { typ: 'at+jwt' }],
    ['RFC 9068, by its type alone', BARE, { typ: 'application/AT+JWT' }],
    ['RFC 9068 without the type', { client_id: 'console', jti: 'x', scope: 'deletions' }, { typ: 'JWT' }],
    [
      'Keycloak',
      { ...BARE, typ: 'Bearer', azp: 'silgi-test', sid: 'x', acr: '1', scope: 'openid' },
      { typ: 'JWT' },
    ],
    ['Keycloak before 25', { ...BARE, typ: 'Bearer', azp: 'silgi-test', nonce: 'x' }, { typ: 'JWT' }],
    ['Entra, for a person', { ...BARE, azp: 'silgi-test', scp: 'Deletions', ver: '2.0' }, { typ: 'JWT' }],
    ['Entra, for a program', { ...BARE, azp: 'silgi-test', azpacr: '1', ver: '2.0' }, { typ: 'JWT' }],
    ['Entra 1.0', { ...BARE, appid: 'console', appidacr: '0', ver: '1.0' }, { typ: 'JWT' }],
    ['Okta', { ...BARE, cid: 'console', scp: ['deletions'] }, {}],
    ['Auth0', { ...BARE, azp: 'console', aud: ['silgi-test', 'https://x/userinfo'] }, { typ: 'JWT' }],
    ['Cognito', { ...BARE, token_use: 'access' }, {}],
  ])('is accepted as an access token of %s', async (_, claims, header) => {
    await expect(verifier.verify(await tokenOf(key, claims, header))).resolves.toBeDefined();
  });

  it('has to have the type of RFC 9068 where AUTH_TOKEN_TYPE asks for it', async () => {
    const strict = await issuer.verifier({}, { AUTH_TOKEN_TYPE: 'at+jwt' });
    await expect(strict.verify(await tokenOf(key, {}, { typ: 'at+jwt' }))).resolves.toBeDefined();
    for (const [claims, header] of [
      [{}, {}],
      [{ typ: 'Bearer', scope: 'deletions' }, { typ: 'JWT' }],
      [{}, { typ: 'xat+jwt' }],
    ] as const)
      await expect(strict.verify(await tokenOf(key, claims, header))).rejects.toThrow(
        'its typ is not at+jwt',
      );
    await expect(strict.verify(await tokenOf(key, { nonce: 'x' }, { typ: 'at+jwt' }))).rejects.toThrow(
      'not an',
    );
  });

  it('need not say anything of its kind where AUTH_TOKEN_TYPE is any, but be of no other', async () => {
    const lax = await issuer.verifier({}, { AUTH_TOKEN_TYPE: 'any' });
    await expect(lax.verify(await tokenOf(key, BARE))).resolves.toBeDefined();
    await expect(lax.verify(await tokenOf(key, BARE, { typ: 'JWT' }))).resolves.toBeDefined();
    for (const claims of [{ nonce: 'x' }, { at_hash: 'x' }, { typ: 'ID' }, { events: {} }])
      await expect(lax.verify(await tokenOf(key, claims))).rejects.toThrow('not an access token');
  });

  it('is refused unread where it is too long', async () => {
    expect(await refusalOf(await tokenOf(key, { groups: 'x'.repeat(8_000) }))).toContain('too long');
  });

  it('is refused with any part of it changed', async () => {
    const token = await tokenOf(key);
    for (const index of [0, 1, 2]) {
      const parts = token.split('.');
      const middle = Math.floor((parts[index]?.length ?? 0) / 2);
      parts[index] = (parts[index] ?? '').replace(/^(.*)(.)$/, (whole: string) => {
        const letter = whole[middle] === 'A' ? 'B' : 'A';
        return whole.slice(0, middle) + letter + whole.slice(middle + 1);
      });
      await refusalOf(parts.join('.'));
    }
    for (const text of ['', '.', '..', 'a.b', 'a.b.c.d.e', `${token}.x`, token.slice(0, -4)])
      await refusalOf(text);
  });
});
