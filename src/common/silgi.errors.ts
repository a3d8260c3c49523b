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

/**
 * A session of the database is not as the code relies on, and is not used (RELIABILITY rule 29). The message says what
 * is wrong and what to do, and names settings, roles and databases: it is for the log and the terminal.
 */
export class SessionRefused extends Error {
  override readonly name = 'SessionRefused';
}

/** A text of the request, or the name of whoever asks, has a character that the database’s encoding does not have. */
export class TextNotInEncoding extends SilgiError {
  readonly code = 'VALIDATION_FAILED';
  /** @param state what became of what was asked for, as a sentence; only where it is known */
  constructor(cause: unknown, state?: string) {
    super(
      'A text of the request, or the name of whoever asks, has a character that the encoding of the database does not ' +
        `have.${state === undefined ? '' : ` ${state}`}`,
      { cause },
    );
  }
}
