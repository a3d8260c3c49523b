import { type Obstacle, obstacleOf, OBSTACLES, SilgiError } from '../../common/index.js';

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

  /**
   * @param retryAfter whole seconds, at least 1, until a request is let in again
   * @param why as a sentence
   */
  constructor(
    readonly retryAfter: number,
    why = 'Too many requests came from here.',
  ) {
    super(`${why} Nothing was changed; try again after the time of Retry-After.`);
  }
}

/** A scan of whole tables is running, and one is enough for the database. */
export class ScanInProgress extends SilgiError {
  readonly code = 'SCAN_IN_PROGRESS';

  /** @param what as a sentence begins: `An integrity scan` */
  constructor(what: string) {
    super(
      `${what} is running already, and one runs at a time. Nothing was changed; ask again when it has ended.`,
    );
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
    super('No call of the API has this method and path. Nothing was changed.');
  }
}

/** Handlers have this path, and none of them this method (RFC 9110, section 15.5.6). */
export class MethodNotAllowed extends SilgiError {
  readonly code = 'METHOD_NOT_ALLOWED';

  /** @param methods those that the path has, for the header Allow */
  constructor(readonly methods: readonly string[]) {
    super(
      `No call of the API has this method on this path; it has ${methods.join(', ')}. Nothing was changed.`,
    );
  }
}

/** Other lists of the kind are being read, and none has come to its end in time. */
export class ListsBusy extends SilgiError {
  readonly code = 'SHARD_UNAVAILABLE';

  constructor() {
    super('Other lists of this kind are being read, and take long. Nothing was changed; try again later.');
  }
}

/** A read was ended before its end. */
export class ScanEnded extends SilgiError {
  readonly code = 'SHARD_UNAVAILABLE';

  /**
   * @param what as a sentence begins: `An integrity scan`
   * @param why the rest of it
   */
  constructor(what: string, why: string) {
    super(`${what} was ended, as ${why}. Nothing was changed.`);
  }
}

/** A call met a database that does not answer, or not in time; how far it had come, nobody knows (RELIABILITY rule 30). */
export class DatabaseUnavailable extends SilgiError {
  readonly code = 'SHARD_UNAVAILABLE';

  /** @param obstacle what the error comes down to; found out unless told */
  constructor(cause: unknown, obstacle: Obstacle = obstacleOf(cause)) {
    super(`The database ${OBSTACLES[obstacle]}; try again later.`, { cause });
  }
}
