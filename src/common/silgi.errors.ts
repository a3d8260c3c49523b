/**
 * An error that the outside may see: its message holds no SQL, no stack and no patient data. What lies behind
 * it is in `cause`, and failures met while cleaning up are in `suppressed`; both are for the log only.
 */
export abstract class SilgiError extends Error {
  /** Stable: the contract with the outside. */
  abstract readonly code: string;
  readonly suppressed: unknown[] = [];

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Adds the table to an error of one table's statement, until the protocol knows phase and shard. */
export class TableFailure extends Error {
  constructor(
    readonly table: string,
    cause: unknown,
  ) {
    super(`A statement on ${table} failed.`, { cause });
  }
}
