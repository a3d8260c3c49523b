import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { VerifiedTokens } from './verified.tokens.js';

const START = Date.UTC(2026, 0, 1);
const CALLER = { subject: 'ayse', issuer: 'https://id.hospital.example', roles: [] };

let tokens: VerifiedTokens;

beforeEach(() => {
  jest.useFakeTimers({ now: START });
  tokens = new VerifiedTokens(5);
});

afterEach(() => {
  jest.useRealTimers();
});

const inSeconds = (seconds: number) => START / 1_000 + seconds;

describe('verified tokens', () => {
  it('are known for ten seconds, each by all of its text', () => {
    tokens.add('a.b.c', CALLER, { exp: inSeconds(600) });
    expect(tokens.find('a.b.c')).toBe(CALLER);
    expect(tokens.find('a.b.d')).toBeUndefined();
    jest.advanceTimersByTime(9_999);
    expect(tokens.find('a.b.c')).toBe(CALLER);
    jest.advanceTimersByTime(1);
    expect(tokens.find('a.b.c')).toBeUndefined();
  });

  it('are forgotten when they expire, at the moment at which a verification would refuse them', () => {
    tokens.add('a.b.c', CALLER, { exp: inSeconds(2) });
    jest.advanceTimersByTime(6_999);
    expect(tokens.find('a.b.c')).toBe(CALLER);
    jest.advanceTimersByTime(1);
    expect(tokens.find('a.b.c')).toBeUndefined();
  });

  it.each([
    ['forward, past their end', 606],
    ['back, before their beginning', -66],
  ])('are forgotten when the wall clock jumps %s', (_, jump) => {
    tokens.add('a.b.c', CALLER, { exp: inSeconds(600), nbf: inSeconds(-60) });
    jest.setSystemTime(START + jump * 1_000);
    expect(tokens.find('a.b.c')).toBeUndefined();
  });

  it('live no longer for a wall clock that is set back', () => {
    tokens.add('a.b.c', CALLER, { exp: inSeconds(600) });
    jest.setSystemTime(START - 60_000);
    jest.advanceTimersByTime(10_000);
    expect(tokens.find('a.b.c')).toBeUndefined();
  });

  it('are no more than a thousand', () => {
    for (let n = 0; n <= 1_000; n++) tokens.add(`token ${n}`, CALLER, { exp: inSeconds(600) });
    expect(tokens.find('token 0')).toBeUndefined();
    expect(tokens.find('token 1')).toBe(CALLER);
    expect(tokens.find('token 1000')).toBe(CALLER);
  });
});
