import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Caller } from './caller.js';

/** Milliseconds: a key that is withdrawn stays good for a token seen just before for so much longer. */
const REMEMBERED_FOR_MS = 10_000;
const MOST_TOKENS = 1_000;

interface Verified {
  readonly caller: Caller;
  /** On a clock that never jumps. */
  readonly until: number;
  /** Seconds since 1970, of the wall clock. */
  readonly notBefore: number;
  readonly expires: number;
}

/**
 * The tokens whose signatures were checked a moment ago, by their SHA-256: somebody who deletes many patients sends
 * the same one with each. The times that a token itself names are looked at every time.
 */
export class VerifiedTokens {
  private readonly known = new Map<string, Verified>();

  /** @param tolerance seconds by which clocks may differ */
  constructor(private readonly tolerance: number) {}

  /** Whose token this is; undefined where it has to be verified. */
  find(token: string): Caller | undefined {
    const digest = digestOf(token);
    const verified = this.known.get(digest);
    if (verified === undefined) return undefined;
    const now = Date.now() / 1_000;
    const holds =
      performance.now() < verified.until &&
      now > verified.notBefore - this.tolerance &&
      now < verified.expires + this.tolerance;
    if (!holds) this.known.delete(digest);
    return holds ? verified.caller : undefined;
  }

  add(token: string, caller: Caller, { exp = 0, nbf = 0 }: JWTPayload): void {
    const until = performance.now() + REMEMBERED_FOR_MS;
    this.known.set(digestOf(token), { caller, until, notBefore: nbf, expires: exp });
    if (this.known.size > MOST_TOKENS) this.known.delete(this.known.keys().next().value ?? '');
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
