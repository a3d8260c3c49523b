import type { JWTPayload } from 'jose';
import type { TokenType } from '../config/index.js';

/** The header `typ` of an access token (RFC 9068, section 2.1). */
const OF_ACCESS_TOKENS = /^(?:application\/)?at\+jwt$/i;
/** The header `typ` that says no more than that it is a JSON Web Token (RFC 7519, section 5.1). */
const OF_ANY_TOKEN = /^(?:application\/)?jwt$/i;
/**
 * Claims that tokens of another kind have: ID tokens (OpenID Connect Core, 2, 3.1.3.6, 3.3.2.11; FAPI 1.0, 5.1) and
 * security events (RFC 8417).
 */
const OF_OTHER_TOKENS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'sub_jwk', 'events'];
/** What the token allows its client (RFC 9068, section 2.2.3; Entra and Okta), and how the client signed in (Entra). */
const OF_ACCESS = ['scope', 'scp', 'azpacr', 'appidacr'];
/** The client to which the token was issued: RFC 9068, OpenID Connect, Entra, Okta. */
const CLIENTS = ['client_id', 'azp', 'appid', 'cid'];
const OTHER_KIND = 'The token is not an access token.';
const NOT_SAID =
  'The token is not an access token by anything that it says: typ at+jwt, a scope, or a client other than its audience.';

/**
 * Tells an access token from the other tokens that an issuer signs with the same keys. Refused is what is of another
 * kind, and what nothing tells from an ID token: that one is always issued for its own client (OpenID Connect Core,
 * section 2), and need not have any claim that an access token has not.
 *
 * @param typ header of the token
 * @param payload claims, verified
 * @param accepted AUTH_TOKEN_TYPE: `at+jwt` asks for that `typ` (RFC 9068, section 4), `any` takes what says nothing
 * @returns what is wrong, as a sentence; undefined for an access token
 */
export function kindFault(typ: unknown, payload: JWTPayload, accepted: TokenType): string | undefined {
  const saysAccess = typeof typ === 'string' && OF_ACCESS_TOKENS.test(typ);
  if (accepted === 'at+jwt' && !saysAccess) return 'The token is not an access token: its typ is not at+jwt.';
  if (typ !== undefined && !saysAccess && !(typeof typ === 'string' && OF_ANY_TOKEN.test(typ)))
    return OTHER_KIND;
  // Keycloak and Cognito name the kind in a claim.
  const { typ: keycloaks = 'Bearer', token_use: cognitos = 'access' } = payload;
  if (keycloaks !== 'Bearer' || cognitos !== 'access') return OTHER_KIND;
  // Older releases of Keycloak have a nonce in every token.
  const isBearer = 'typ' in payload;
  if (OF_OTHER_TOKENS.some((claim) => claim in payload && !(claim === 'nonce' && isBearer)))
    return OTHER_KIND;
  const isSaid = saysAccess || isBearer || 'token_use' in payload || showsAccess(payload);
  return isSaid || accepted === 'any' ? undefined : NOT_SAID;
}

function showsAccess(payload: JWTPayload): boolean {
  if (OF_ACCESS.some((claim) => [payload[claim]].flat().some(isWord))) return true;
  const audience: unknown[] = [payload.aud].flat();
  return CLIENTS.some((claim) => isWord(payload[claim]) && !audience.includes(payload[claim]));
}

const isWord = (value: unknown): boolean => typeof value === 'string' && value !== '';
