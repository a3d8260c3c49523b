import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { IssuerUnavailable, type TokenVerifier, Unauthenticated } from '../../src/auth/index.js';
import { FakeIssuer, type IssuerKey, makeKey, tokenOf } from './issuer.js';
import { setWallClock } from './wall.clock.js';

const MINUTE = 60_000;
let first: IssuerKey;
let second: IssuerKey;
let issuer: FakeIssuer;
let verifier: TokenVerifier;
const clock = { now: 0 };

beforeAll(async () => {
  first = await makeKey('first');
  second = await makeKey('second');
});

beforeEach(async () => {
  clock.now = 1_000_000;
  issuer = await FakeIssuer.start();
  issuer.published = [first];
  verifier = await issuer.verifier({ now: () => clock.now, timeout: 1_000 });
});

afterEach(async () => {
  jest.useRealTimers();
  await issuer.close();
});

const isAccepted = async (key: IssuerKey) => {
  expect(await verifier.verify(await tokenOf(key))).toBeDefined();
};
const isRefused = async (key: IssuerKey) =>
  expect(verifier.verify(await tokenOf(key))).rejects.toBeInstanceOf(Unauthenticated);
const isUnknown = async (key: IssuerKey) =>
  expect(verifier.verify(await tokenOf(key))).rejects.toBeInstanceOf(IssuerUnavailable);

describe('the keys of the issuer', () => {
  it('are fetched once for many tokens, at the same time or later', async () => {
    await Promise.all(Array.from({ length: 20 }, () => isAccepted(first)));
    clock.now += 9 * MINUTE;
    await isAccepted(first);
    expect(issuer.asked).toBe(1);
  });

  it('are fetched again at once for a key that appears, also right after they were fetched', async () => {
    await isAccepted(first);
    issuer.published = [first, second];
    await isAccepted(second);
    await isAccepted(first);
    expect(issuer.asked).toBe(2);
  });

  it('are fetched three times at once for keys that nobody has, then every 10 s, and nobody is accused meanwhile', async () => {
    await isAccepted(first);
    const stranger = await makeKey('nobody’s');
    for (let times = 0; times < 3; times++) await isRefused(stranger);
    expect(issuer.asked).toBe(4);
    issuer.published = [first, second];
    for (let times = 0; times < 10; times++) {
      await isUnknown(stranger);
      await isUnknown(second);
    }
    await isAccepted(first);
    expect(issuer.asked).toBe(4);
    clock.now += 10_000;
    await isAccepted(second);
    await isUnknown(stranger);
    expect(issuer.asked).toBe(5);
    clock.now += 60_000;
    for (let times = 0; times < 3; times++) await isRefused(stranger);
    await isUnknown(stranger);
    expect(issuer.asked).toBe(8);
  });

  it('lose one that is withdrawn within 10 minutes', async () => {
    await isAccepted(first);
    issuer.published = [second];
    clock.now += 10 * MINUTE - 1;
    await isAccepted(first);
    clock.now += 1;
    await isRefused(first);
    await isAccepted(second);
  });

  it('go on working for an hour while the issuer is away, and then nothing can be said of a token', async () => {
    await isAccepted(first);
    issuer.answer = (_, response) => response.destroy();
    clock.now += 10 * MINUTE;
    await isAccepted(first);
    expect(issuer.asked).toBeGreaterThan(1);
    // A key that is not known may be a new one: no opinion, rather than a refusal.
    await isUnknown(second);
    clock.now += 50 * MINUTE - 1;
    await isAccepted(first);
    clock.now += 1;
    await isUnknown(first);
    issuer.answer = undefined;
    clock.now += 5_000;
    await isAccepted(first);
  });

  it('are waited for by nobody who comes within 5 s of a failure', async () => {
    issuer.answer = (_, response) => response.destroy();
    await isUnknown(first);
    const { asked } = issuer;
    for (let times = 0; times < 10; times++) await isUnknown(first);
    expect(issuer.asked).toBe(asked);
    issuer.answer = undefined;
    clock.now += 5_000;
    await isAccepted(first);
  });

  it.each<[string, RequestListener]>([
    ['garbage', (_, response) => response.end('<html>Işıl</html>')],
    ['JSON that is no key set', (_, response) => response.end('{"keys":{"kty":"EC"}}')],
    ['an error', (_, response) => response.writeHead(500).end('{"keys":[]}')],
    ['nothing, slowly', () => undefined],
    ['its head, and nothing after it', (_, response) => response.write('{"keys":[')],
    ['more than 256 kB', (_, response) => response.end(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`)],
  ])('are not taken from an address that answers %s', async (_, answer) => {
    issuer.answer = answer;
    await isUnknown(first);
    issuer.answer = undefined;
    clock.now += 5_000;
    await isAccepted(first);
    issuer.answer = answer;
    clock.now += 10 * MINUTE;
    await isAccepted(first);
  });

  it('are not looked for where the address leads elsewhere', async () => {
    const elsewhere = await FakeIssuer.start();
    elsewhere.published = [second];
    issuer.answer = (_, response) => response.writeHead(302, { Location: elsewhere.url }).end();
    await isUnknown(second);
    expect(elsewhere.asked).toBe(0);
    await elsewhere.close();
  });

  it('keep their age when the wall clock jumps', async () => {
    await isAccepted(first);
    const wall = Date.now();
    const day = 24 * 60 * MINUTE;
    setWallClock(wall - day);
    issuer.published = [second];
    clock.now += 10 * MINUTE;
    await isAccepted(second);
    setWallClock(wall + day);
    const { asked } = issuer;
    await isAccepted(second);
    expect(issuer.asked).toBe(asked);
  });
});
