import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { ConfigurationError, type Environment } from '../config/index.js';
import { IssuerUnavailable, Unauthenticated } from './auth.errors.js';
import type { Caller } from './caller.js';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey } from './development.key.js';
import { IssuerKeys, type KeyPolicy } from './issuer.keys.js';
import { rolesIn } from './roles.js';
import { VerifiedTokens } from './verified.tokens.js';

/** Asymmetric ones alone: a public key can then never be taken for a shared secret. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
];
const CLOCK_TOLERANCE_S = 5;
/** Longer than any token with a list of groups; nothing of it is decoded. */
const LONGEST_TOKEN = 8_192;
/** The header `typ` of an access token (RFC 9068; RFC 7519, section 5.1); many issuers leave it out. */
const ACCESS_TOKEN = /^(?:application\/)?(?:at\+jwt|jwt)$/i;
/** Claims that only ID tokens (OpenID Connect Core, 3.1.3.6 and 3.3.2.11) and security events (RFC 8417) have. */
const OF_OTHER_TOKENS = ['at_hash', 'c_hash', 'events'];
/** It is written into the audit log: no control characters, and of a length that a log can bear. */
const SUBJECT = /^[^\p{Cc}]{1,255}$/u;

/** What jose finds wrong with a token, in our words; anything else it throws is trouble with the keys. */
const FAULTS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The token has expired.',
  ERR_JWT_INVALID: 'The token is not a JSON Web Token.',
  ERR_JWS_INVALID: 'The token is not a JSON Web Token.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of the token does not hold.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'The token is signed with an algorithm that is not accepted.',
  ERR_JOSE_NOT_SUPPORTED: 'The token is of a kind that is not supported.',
  ERR_JWKS_NO_MATCHING_KEY: 'The token is signed with a key that the issuer does not publish.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The token does not say which key of the issuer signed it.',
};

/** Where tokens come from, and what they have to say. */
interface Issuance {
  readonly issuer: string;
  readonly audience: string;
  readonly rolesClaim: string;
}

/** Checks bearer tokens: kind, signature, algorithm, issuer, audience, time and subject. */
export class TokenVerifier {
  private readonly verified = new VerifiedTokens(CLOCK_TOLERANCE_S);

  private constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly issuance: Issuance,
  ) {}

  /**
   * Trusts the issuer that the environment names, or the development key where it names none.
   *
   * @param policy when keys are fetched from an URL, where it differs from the default
   * @throws ConfigurationError where the file of AUTH_JWKS, or the development key, cannot be used
   */
  static async of(environment: Environment, policy?: Partial<KeyPolicy>): Promise<TokenVerifier> {
    const { tokenIssuer, dataDir, rolesClaim } = environment;
    if (tokenIssuer === undefined) {
      const own = { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE, rolesClaim };
      return new TokenVerifier((await DevelopmentKey.open(dataDir)).keySet, own);
    }
    const { jwks, issuer, audience } = tokenIssuer;
    const keys = /^https?:/i.test(jwks) ? new IssuerKeys(new URL(jwks), policy).find : await keysOf(jwks);
    return new TokenVerifier(keys, { issuer, audience, rolesClaim });
  }

  /**
   * @param token compact JWT
   * @throws Unauthenticated saying what is wrong with the token
   * @throws IssuerUnavailable where the issuer's keys cannot be fetched
   */
  async verify(token: string): Promise<Caller> {
    if (token.length > LONGEST_TOKEN) throw new Unauthenticated('The token is too long.');
    const known = this.verified.find(token);
    if (known !== undefined) return known;
    const { issuer, audience, rolesClaim } = this.issuance;
    const options = {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'sub'],
    };
    const { payload, protectedHeader } = await jwtVerify(token, this.keys, options).catch(
      (error: unknown) => {
        const fault = faultOf(error);
        throw fault === undefined
          ? new IssuerUnavailable(error)
          : new Unauthenticated(fault, { cause: error });
      },
    );
    if (!isAccessToken(protectedHeader.typ, payload))
      throw new Unauthenticated('The token is not an access token.');
    if (typeof payload.sub !== 'string' || !SUBJECT.test(payload.sub))
      throw new Unauthenticated('The claim sub of the token is missing or wrong.');
    const caller = { subject: payload.sub, roles: rolesIn(payload[rolesClaim]) };
    this.verified.add(token, caller, payload);
    return caller;
  }
}

/** Issuers sign tokens for other purposes with the same keys; Keycloak names the purpose in the claim `typ`. */
function isAccessToken(typ: unknown, payload: JWTPayload): boolean {
  if (typ !== undefined && !(typeof typ === 'string' && ACCESS_TOKEN.test(typ))) return false;
  const purpose = payload['typ'] ?? 'Bearer';
  return purpose === 'Bearer' && !OF_OTHER_TOKENS.some((claim) => claim in payload);
}

function faultOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The claim ${error.claim} of the token is missing or wrong.`;
  return error instanceof errors.JOSEError ? FAULTS[error.code] : undefined;
}

async function keysOf(file: string): Promise<JWTVerifyGetKey> {
  try {
    return createLocalJWKSet(JSON.parse(await readFile(file, 'utf8')) as JSONWebKeySet);
  } catch (cause) {
    throw new ConfigurationError(
      'AUTH_JWKS must be the URL or the readable file of a JSON Web Key Set ({"keys": […]}).',
      { cause },
    );
  }
}
