import { SilgiError } from '../common/index.js';

/** One thing that is wrong with a request: where, and what is expected there. Never the value itself. */
export interface FieldError {
  /** Name of the field, query parameter, path parameter or header; empty for the body as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The request cannot be read as the contract asks for it. */
export class ValidationFailed extends SilgiError {
  readonly code = 'VALIDATION_FAILED';

  /** @param status 413 for a body that is too large */
  constructor(
    readonly errors: readonly FieldError[],
    readonly status?: 413,
  ) {
    super(
      `${errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}. Nothing was changed.`,
    );
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
