import { SilgiError } from '../common/index.js';
import type { Role } from './roles.js';

/** Nobody is signed in: no token came with the request, or one that does not hold. */
export class Unauthenticated extends SilgiError {
  readonly code = 'UNAUTHENTICATED';

  /** @param fault what is wrong with the token, as a sentence; undefined where there was none */
  constructor(
    readonly fault?: string,
    options?: ErrorOptions,
  ) {
    super(`${fault ?? 'No bearer token came with the request.'} Nothing was changed.`, options);
  }

  /** The value of `WWW-Authenticate` (RFC 6750, section 3): no error where no token came. */
  get challenge(): string {
    const realm = 'Bearer realm="silgi"';
    return this.fault === undefined
      ? realm
      : `${realm}, error="invalid_token", error_description="${this.fault}"`;
  }
}

/** Somebody is signed in who has none of the roles that the call needs. */
export class Forbidden extends SilgiError {
  readonly code = 'FORBIDDEN';

  constructor(readonly needed: readonly Role[]) {
    super(
      needed.length === 0
        ? 'No role may make this call.'
        : `This call needs the role ${needed.join(' or ')}. Nothing was changed.`,
    );
  }
}

/** The issuer's keys cannot be had, so that nothing can be said of a token. Neither the caller's fault nor a shard's. */
export class IssuerUnavailable extends SilgiError {
  readonly code = 'SIGN_IN_UNAVAILABLE';

  /** @param why as a sentence */
  constructor(cause?: unknown, why = 'The keys of the token issuer cannot be fetched.') {
    super(`${why} Nothing was changed; try again later.`, { cause });
  }
}
