import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TokenVerifier } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { temporaryFolder } from '../support/run.folder.js';
import { ProductProcess } from './service.process.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await temporaryFolder();
});

async function token(args: string[], env: NodeJS.ProcessEnv = {}) {
  const command = new ProductProcess(['cli/main.ts', 'token', ...args], { DATA_DIR: dataDir, ...env });
  return { code: await command.ends(), stdout: command.stdout, stderr: command.stderr };
}

describe('the token command', () => {
  it('prints a token and nothing else, which the service of the same data folder accepts', async () => {
    const asked = ['--subject', 'Ayşe', '--roles', 'privacy-officer, auditor', '--expires-in', '30m'];
    const { code, stdout, stderr } = await token(asked);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { exp = 0, iat = 0 } = decodeJwt(stdout.trim());
    expect(exp - iat).toBe(1_800);
    const verifier = await TokenVerifier.of(readEnvironment({ DATA_DIR: dataDir }));
    expect(await verifier.verify(stdout.trim())).toEqual({
      issuer: 'silgi-development',
      subject: 'Ayşe',
      roles: ['privacy-officer', 'auditor'],
    });
  });

  it.each([
    ['a role that is none', ['--subject', 'a', '--roles', 'root'], {}, /system-admin/],
    ['no subject', ['--roles', 'auditor'], {}, /--subject/],
    [
      'a time that is none',
      ['--subject', 'a', '--roles', 'auditor', '--expires-in', '1 year'],
      {},
      /s, m, h or d/,
    ],
    [
      'production',
      ['--subject', 'a', '--roles', 'auditor'],
      { NODE_ENV: 'production' },
      /^NODE_ENV must not/,
    ],
    [
      'an issuer',
      ['--subject', 'a', '--roles', 'auditor'],
      { AUTH_JWKS: 'https://id.example/jwks', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' },
      /^AUTH_JWKS must not/,
    ],
  ])('refuses %s', async (_, args, env, expectation) => {
    const { code, stdout, stderr } = await token(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expectation);
  });
});
