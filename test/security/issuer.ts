import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from 'jose';
import { TokenVerifier } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';

const ISSUER = 'https://id.hospital.example';
const AUDIENCE = 'silgi-test';

type Policy = Parameters<typeof TokenVerifier.of>[1];

/** A key of an issuer, with the id under which it is published. */
export interface IssuerKey extends GenerateKeyPairResult {
  readonly kid: string;
  readonly jwk: JWK;
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<IssuerKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, kid, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg } };
}

/** Signs a token that holds but for what the claims and the header change. */
export function tokenOf(key: IssuerKey, claims: object = {}, header: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const usual = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'ayse',
    client_id: 'console',
    roles: ['system-admin'],
    iat: now,
    exp: now + 300,
  };
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
    .sign(key.privateKey);
}

/** The address of an issuer's keys, which answers as it is told. */
export class FakeIssuer {
  /** Requests that came. */
  asked = 0;
  published: readonly IssuerKey[] = [];
  /** What to answer with instead of the keys. */
  answer: RequestListener | undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.asked++;
      if (this.answer !== undefined) this.answer(request, response);
      else response.end(JSON.stringify({ keys: this.published.map(({ jwk }) => jwk) }));
    });
  }

  static async start(): Promise<FakeIssuer> {
    const issuer = new FakeIssuer();
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks`;
  }

  /** A verifier that trusts it. */
  verifier(policy: Policy = {}, env: NodeJS.ProcessEnv = {}): Promise<TokenVerifier> {
    return TokenVerifier.of(readEnvironment({ ...variablesOf(this), ...env }), policy);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** The environment of a service that trusts this issuer. */
export function variablesOf({ url }: FakeIssuer): NodeJS.ProcessEnv {
  return { AUTH_JWKS: url, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
}
