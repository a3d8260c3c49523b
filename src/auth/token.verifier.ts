import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { assertName, NotPrivate, readTrusted, RequesterRefused } from '../common/index.js';
import { ConfigurationError, type Environment, type TokenType } from '../config/index.js';
import { IssuerUnavailable, Unauthenticated } from './auth.errors.js';
import type { Caller } from './caller.js';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey } from './development.key.js';
import { IssuerKeys, KeyNotLookedFor, type KeyPolicy } from './issuer.keys.js';
import { claimAt, rolesIn } from './roles.js';
import { kindFault } from './token.kind.js';
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
  /** What a token has to say of its kind. */
  readonly tokenType: TokenType;
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
      const names = { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE };
      const own = { ...names, rolesClaim, tokenType: 'any' } as const;
      return new TokenVerifier((await DevelopmentKey.open(dataDir)).keySet, own);
    }
    const { jwks, issuer, audience, tokenType } = tokenIssuer;
    const keys = /^https?:/i.test(jwks) ? new IssuerKeys(new URL(jwks), policy).find : await keysOf(jwks);
    return new TokenVerifier(keys, { issuer, audience, rolesClaim, tokenType });
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
    const { issuer, audience, rolesClaim, tokenType } = this.issuance;
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
        if (fault !== undefined) throw new Unauthenticated(fault, { cause: error });
        throw new IssuerUnavailable(error, error instanceof KeyNotLookedFor ? error.message : undefined);
      },
    );
    const kind = kindFault(protectedHeader.typ, payload, tokenType);
    if (kind !== undefined) throw new Unauthenticated(kind);
    const caller = { subject: subjectOf(payload), issuer, roles: rolesIn(claimAt(payload, rolesClaim)) };
    this.verified.add(token, caller, payload);
    return caller;
  }
}

/** It is written into the audit log. @throws Unauthenticated where it cannot stand there, saying why */
function subjectOf({ sub }: JWTPayload): string {
  if (typeof sub !== 'string') throw new Unauthenticated('The claim sub of the token is missing or wrong.');
  try {
    assertName(sub, 'The claim sub of the token');
    return sub;
  } catch (cause) {
    if (!(cause instanceof RequesterRefused)) throw cause;
    throw new Unauthenticated(cause.message, { cause });
  }
}

function faultOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The claim ${error.claim} of the token is missing or wrong.`;
  return error instanceof errors.JOSEError ? FAULTS[error.code] : undefined;
}

async function keysOf(file: string): Promise<JWTVerifyGetKey> {
  try {
    return createLocalJWKSet(JSON.parse(await readTrusted(file)) as JSONWebKeySet);
  } catch (cause) {
    if (cause instanceof NotPrivate)
      throw new ConfigurationError(`AUTH_JWKS cannot be used: ${cause.message}.`, { cause });
    throw new ConfigurationError(
      'AUTH_JWKS must be the URL or the readable file of a JSON Web Key Set ({"keys": […]}).',
      { cause },
    );
  }
}
