import { describe, expect, it } from '@jest/globals';
import { requesterAtTerminal, requesterByToken, RequesterRefused } from './requester.js';

const byToken = (subject: string) => () =>
  requesterByToken({ subject, issuer: 'https://id.hospital.example', role: 'auditor' });
const atTerminal = (names: { osUser?: string; databaseLogin?: string; claimedName?: string }) => () =>
  requesterAtTerminal({ osUser: 'ayse', databaseLogin: 'silgi_admin', ...names });

describe('a requester', () => {
  it('known by a token has its subject, its issuer and the role under which it was let in', () => {
    expect(byToken('ayşe@hospital.example')()).toEqual({
      requestedBy: 'ayşe@hospital.example',
      requestedRole: 'auditor',
      requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
    });
  });

  it('known by a terminal is the user of the system, has no role, and a name given is a claim', () => {
    const requestedVia = { kind: 'TERMINAL', databaseLogin: 'silgi_admin', claimedName: null };
    expect(atTerminal({})()).toEqual({ requestedBy: 'ayse', requestedRole: null, requestedVia });
    expect(atTerminal({ claimedName: 'Dr. Işıl' })()).toEqual({
      requestedBy: 'ayse',
      requestedRole: null,
      requestedVia: { ...requestedVia, claimedName: 'Dr. Işıl' },
    });
  });

  it.each([
    ...[
      '\u0000',
      '\n',
      '\u007f',
      '\u0085',
      '\u00ad',
      '\u061c',
      '\u180e',
      '\u200b',
      '\u200d',
      '\u200e',
      '\u200f',
    ],
    ...[
      '\u2028',
      '\u2029',
      '\u202a',
      '\u202e',
      '\u2060',
      '\u2066',
      '\u2069',
      '\ufeff',
      '\u3164',
      '\ud800',
      '\udfff',
    ],
    ...['\u{e0041}', '\ufe0f'],
  ])('is never called with %j in the name, by whichever way it is known', (bad) => {
    for (const name of [`a${bad}b`, `${bad}ab`, `ab${bad}`])
      for (const make of [
        byToken(name),
        atTerminal({ osUser: name }),
        atTerminal({ databaseLogin: name }),
        atTerminal({ claimedName: name }),
      ])
        expect(make).toThrow(RequesterRefused);
  });

  it('is named whole in every script, and the number of a bad character is said, not the character', () => {
    for (const name of ['İşıl Yıldız', 'محمد', '李雷', 'auth0|5f7c', 'a\u0301', '𐐷'])
      expect(byToken(name)).not.toThrow();
    expect(byToken('a\u202eb')).toThrow(/U\+202E/);
    expect(byToken('a\u202eb')).not.toThrow(/\u202e/);
  });

  it.each(['', ' ', ' a', 'a ', 'x'.repeat(256)])('is never called %j', (name) => {
    expect(byToken(name)).toThrow(RequesterRefused);
    expect(byToken('x'.repeat(255))).not.toThrow();
  });
});
