import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type JWTVerifyGetKey,
} from 'jose';

/** When keys are fetched, and for how long they are good; times in milliseconds. */
export interface KeyPolicy {
  /** Keys are fetched again after so long: a withdrawn one is refused from then on at the latest. */
  readonly refreshAfter: number;
  /** Keys that could not be fetched again are good for so long after they were last fetched. */
  readonly usableFor: number;
  /** A key that is not known has the keys fetched again: so often at once, whenever they were fetched last. */
  readonly askAgainAtOnce: number;
  /** And once more whenever so much time has passed. */
  readonly askAgainAfter: number;
  /** After a fetch that failed, the next one waits for so long. */
  readonly retryAfter: number;
  /** A fetch is given up after so long, its body included. */
  readonly timeout: number;
  /** Bytes of the largest answer that is read. */
  readonly largestAnswer: number;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
}

const POLICY: KeyPolicy = {
  refreshAfter: 10 * 60_000,
  usableFor: 60 * 60_000,
  askAgainAtOnce: 3,
  askAgainAfter: 10_000,
  retryAfter: 5_000,
  timeout: 5_000,
  largestAnswer: 256 * 1024,
  now: () => performance.now(),
};

/** What the issuer's address answered cannot be used, or it did not answer. */
class KeysNotFetched extends Error {
  override readonly name = 'KeysNotFetched';
}

/** The key is not among those that are known, and the issuer was asked too often to be asked again now. */
export class KeyNotLookedFor extends Error {
  override readonly name = 'KeyNotLookedFor';
  constructor() {
    super(
      'The token is signed with a key that is not known yet, and the issuer was asked for its keys just now.',
    );
  }
}

/**
 * The public keys of an issuer, from the one address that the operator named. Follows its rotations, and goes on
 * with the keys it has, for a while, where the address does not answer. Time is taken from a clock that does not
 * jump with the wall clock.
 */
export class IssuerKeys {
  private readonly policy: KeyPolicy;
  private keys: ReturnType<typeof createLocalJWKSet> | undefined;
  private fetchedAt = -Infinity;
  private failedAt = -Infinity;
  /** When all fetches for unknown keys will have come back. */
  private askedUntil = -Infinity;
  private failure: unknown;
  private fetching: Promise<void> | undefined;

  /** @param policy what differs from the times that docs/security.md states */
  constructor(
    private readonly url: URL,
    policy: Partial<KeyPolicy> = {},
  ) {
    this.policy = { ...POLICY, ...policy };
  }

  /**
   * Finds the key that a token's header names.
   *
   * @throws JOSEError where the issuer publishes no such key
   * @throws KeysNotFetched where no keys are known that are still good
   * @throws KeyNotLookedFor where the issuer may have published the key since, and cannot be asked so soon
   */
  readonly find: JWTVerifyGetKey = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    const { refreshAfter, usableFor } = this.policy;
    if (this.age >= refreshAfter) await this.refresh();
    if (this.keys === undefined || this.age >= usableFor) throw this.failure;
    try {
      return await this.keys(header, token);
    } catch (error) {
      // A key of that name is there, but of another kind: no newer key is missing.
      const isKnown = this.keys.jwks().keys.some(({ kid }) => kid !== undefined && kid === header.kid);
      if (!(error instanceof errors.JWKSNoMatchingKey) || isKnown) throw error;
      const known = this.keys;
      if (this.fetching === undefined) this.takeOneQuestion();
      await this.refresh();
      // Whether the issuer has a new key cannot be said while it does not answer.
      if (this.keys === known) throw this.failure;
      return this.keys(header, token);
    }
  };

  /**
   * A new key may be used right after a fetch, so that some questions are free at any time; strangers who make up
   * key ids use them up and no more.
   */
  private takeOneQuestion(): void {
    const { now, askAgainAtOnce, askAgainAfter } = this.policy;
    const until = Math.max(this.askedUntil, now()) + askAgainAfter;
    if (until - now() > askAgainAtOnce * askAgainAfter) throw new KeyNotLookedFor();
    this.askedUntil = until;
  }

  private get age(): number {
    return this.policy.now() - this.fetchedAt;
  }

  /** Never throws: what went wrong is kept. Calls at the same time share one fetch. */
  private async refresh(): Promise<void> {
    const { now, retryAfter } = this.policy;
    if (this.fetching === undefined && now() - this.failedAt < retryAfter) return;
    this.fetching ??= this.fetch()
      .then(
        (keys) => {
          this.keys = keys;
          this.fetchedAt = now();
        },
        (error: unknown) => {
          this.failure = error;
          this.failedAt = now();
        },
      )
      .finally(() => (this.fetching = undefined));
    await this.fetching;
  }

  private async fetch(): Promise<ReturnType<typeof createLocalJWKSet>> {
    const { timeout, largestAnswer } = this.policy;
    try {
      const response = await fetch(this.url, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
        headers: { Accept: 'application/jwk-set+json, application/json' },
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`The status is ${response.status}.`);
      }
      return createLocalJWKSet(JSON.parse(await textOf(response, largestAnswer)) as JSONWebKeySet);
    } catch (cause) {
      throw new KeysNotFetched('The address of AUTH_JWKS did not answer with a JSON Web Key Set.', { cause });
    }
  }
}

/** @throws Error where it is longer than the limit, in bytes */
async function textOf(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) throw new Error(`The answer is longer than ${limit} bytes.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
