import { SilgiError } from '../../common/index.js';

/** One thing that is wrong with a request: where, and what is expected there. Never the value itself. */
export interface FieldError {
  /** Name of the field, query parameter, path parameter or header; empty for the body as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The request cannot be read as the contract asks for it. */
export class ValidationFailed extends SilgiError {
  readonly code = 'VALIDATION_FAILED';

  /** @param status where HTTP has one of its own: 408 too slow, 413 body, 431 headers too large */
  constructor(
    readonly errors: readonly FieldError[],
    readonly status?: 408 | 413 | 431,
  ) {
    super(
      `${errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}. Nothing was changed.`,
    );
  }
}

/** More requests came than are allowed; the limits are of the process, and nothing else was looked at. */
export class RateLimited extends SilgiError {
  readonly code = 'RATE_LIMITED';

  /** @param retryAfter whole seconds, at least 1, until a request is let in again */
  constructor(readonly retryAfter: number) {
    super('Too many requests came from here. Nothing was changed; try again after the time of Retry-After.');
  }
}

/** The caller takes none of the forms that the answer has. */
export class NotAcceptable extends SilgiError {
  readonly code = 'NOT_ACCEPTABLE';

  /** @param types the media types that there are */
  constructor(types: readonly string[]) {
    super(`Accept names no form that this answer has; it has ${types.join(' and ')}. Nothing was changed.`);
  }
}

/** No handler has this path and method. */
export class RouteNotFound extends SilgiError {
  readonly code = 'ROUTE_NOT_FOUND';
  constructor() {
    super('No call of the API has this method and path; /docs lists them all.');
  }
}

/** A read met a database that does not answer. */
export class DatabaseUnavailable extends SilgiError {
  readonly code = 'SHARD_UNAVAILABLE';
  constructor(cause: unknown) {
    super('The database cannot be reached or did not answer in time. Nothing was changed; try again later.', {
      cause,
    });
  }
}
