import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider from 'oidc-provider';

/** The client of the sign-in; a careless operator gives its name to AUTH_AUDIENCE, too. */
export const CLIENT = 'silgi-console';
const RESOURCE = 'https://silgi.hospital.example';
const SCOPE = 'deletions';
const REDIRECT = 'https://console.hospital.example/back';

/** What one sign-in gives. */
export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
}

/** A signing key that a provider publishes. */
export async function providerKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
}

/** A real OpenID provider on loopback: code flow with PKCE, access tokens as RFC 9068 has them. */
export class IdentityProvider {
  private provider: Provider | undefined;

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  /** @param keys the first one signs */
  static async start(keys: readonly JWK[]): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const identity = new IdentityProvider(server, issuer);
    identity.rotateTo(keys);
    server.on('request', (request, response) => {
      const { provider } = identity;
      if (provider === undefined) return;
      // The page on which a person would sign in: ayse does.
      if (request.url?.startsWith('/interaction/') === true)
        void provider.interactionFinished(request, response, { login: { accountId: 'ayse' } });
      else provider.callback()(request, response);
    });
    return identity;
  }

  /** Publishes these keys from now on, and signs with the first of them. */
  rotateTo(keys: readonly JWK[]): void {
    this.provider = new Provider(this.issuer, configuration(keys));
  }

  /** The environment of a service that trusts it. */
  variables(): NodeJS.ProcessEnv {
    return { AUTH_JWKS: `${this.issuer}/jwks`, AUTH_ISSUER: this.issuer, AUTH_AUDIENCE: CLIENT };
  }

  /** Signs a person in, as a browser and a client would: authorization, sign-in, code, tokens. */
  async signIn(): Promise<Tokens> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: CLIENT,
      response_type: 'code',
      scope: `openid ${SCOPE}`,
      resource: RESOURCE,
      redirect_uri: REDIRECT,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const code = await this.codeFrom(`${this.issuer}/auth?${query.toString()}`);
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: CLIENT,
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        code_verifier: verifier,
      }),
    });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Tokens;
  }

  /** Follows the redirects with their cookies until they lead back to the client. */
  private async codeFrom(url: string): Promise<string> {
    const cookies = new Map<string, string>();
    let next = url;
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`No way on from ${next}: ${await response.text()}`);
      next = new URL(location, next).href;
      if (next.startsWith(REDIRECT)) return new URL(next).searchParams.get('code') ?? next;
    }
    throw new Error('The provider leads nowhere.');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function configuration(keys: readonly JWK[]): object {
  const roles = ['system-admin', 'privacy-officer'];
  return {
    jwks: { keys },
    clients: [
      {
        client_id: CLIENT,
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    cookies: { keys: ['only for tests'] },
    scopes: ['openid'],
    claims: { openid: ['sub', 'roles'] },
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, roles }),
    }),
    extraTokenClaims: () => ({ roles }),
    loadExistingGrant: grantAll,
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: CLIENT,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

/** Nobody is asked for consent. */
async function grantAll({ oidc }: OidcContext): Promise<object> {
  const { accountId } = oidc.session;
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
  grant.addOIDCScope('openid');
  grant.addResourceScope(RESOURCE, SCOPE);
  await grant.save();
  return grant;
}

interface OidcContext {
  readonly oidc: {
    readonly provider: Provider;
    readonly client: { clientId: string };
    readonly session: { accountId: string };
  };
}
