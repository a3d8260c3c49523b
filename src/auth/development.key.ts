import { randomBytes } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { NotPrivate, privateFolder, readSecret } from '../common/index.js';
import { ConfigurationError, type Environment } from '../config/index.js';
import type { Role } from './roles.js';

const FILE = 'development-signing-key.json';
const ALGORITHM = 'EdDSA';

/** `iss` and `aud` of the tokens that the service signs for itself. */
export const DEVELOPMENT_ISSUER = 'silgi-development';
export const DEVELOPMENT_AUDIENCE = 'silgi';

/** What a token says. */
export interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly Role[];
  /** A number and s, m, h or d: `12h`. */
  readonly expiresIn: string;
}

/** The Ed25519 key with which the service signs tokens for a developer's machine, where no issuer is set. */
export class DevelopmentKey {
  private constructor(private readonly jwk: JWK) {}

  /**
   * Reads the key of the data folder, or makes it there for its owner's eyes alone. The file appears whole
   * or not at all; of two concurrent first starts the slower takes the key of the faster.
   *
   * @param dataDir absolute path, DATA_DIR
   * @throws ConfigurationError naming the variable and the file that cannot be used
   */
  static async open(dataDir: string): Promise<DevelopmentKey> {
    const file = join(dataDir, FILE);
    try {
      await privateFolder(dataDir);
      const made = await readSecret(file).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return makeKey(file);
      });
      const jwk = JSON.parse(made) as JWK;
      await importJWK(jwk, ALGORITHM);
      return new DevelopmentKey(jwk);
    } catch (cause) {
      // A file that somebody planted is not to be removed unseen.
      if (cause instanceof NotPrivate)
        throw new ConfigurationError(`DATA_DIR cannot be used: ${cause.message}.`, { cause });
      const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message;
      throw new ConfigurationError(
        `DATA_DIR must be a folder in which ${FILE} can be made and read: ${why}. Remove the file to have another made.`,
        { cause },
      );
    }
  }

  /** The public half, as an issuer would publish it. */
  get keySet(): JWTVerifyGetKey {
    const { kty, crv, x, kid } = this.jwk as Required<Pick<JWK, 'kty' | 'crv' | 'x' | 'kid'>>;
    return createLocalJWKSet({ keys: [{ kty, crv, x, kid, alg: ALGORITHM }] });
  }

  /** Signs a token; `rolesClaim` is the claim that lists the roles. */
  async sign({ subject, roles, expiresIn }: TokenRequest, rolesClaim: string): Promise<string> {
    return new SignJWT({ [rolesClaim]: roles })
      .setProtectedHeader({
        typ: 'at+jwt',
        alg: ALGORITHM,
        ...(this.jwk.kid !== undefined && { kid: this.jwk.kid }),
      })
      .setIssuer(DEVELOPMENT_ISSUER)
      .setAudience(DEVELOPMENT_AUDIENCE)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .sign(await importJWK(this.jwk, ALGORITHM));
  }
}

/**
 * Signs a token of the service's own.
 *
 * @throws ConfigurationError where tokens come from an issuer, or in production
 */
export async function developmentToken(environment: Environment, token: TokenRequest): Promise<string> {
  if (environment.tokenIssuer !== undefined)
    throw new ConfigurationError(
      'AUTH_JWKS must not be set: with it, only tokens of that issuer are accepted. Get one from the issuer.',
    );
  if (environment.nodeEnv === 'production')
    throw new ConfigurationError('NODE_ENV must not be production: there, tokens come from an issuer.');
  return (await DevelopmentKey.open(environment.dataDir)).sign(token, environment.rolesClaim);
}

/** Written under another name and linked: `link` fails where another start was faster, and nothing is half written. */
async function makeKey(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex') };
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, JSON.stringify(jwk), { mode: 0o600, flag: 'wx', flush: true });
    await link(draft, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readSecret(file);
}
