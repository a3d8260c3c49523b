import type pg from 'pg';

/** A statement, its parameters and its results in PostgreSQL's own text. */
export interface TextStatement {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** The server sends its answer as soon as it has it, and not with those of the statements behind it. */
  readonly isAnsweredAtOnce?: boolean;
}

/** The rows of one statement. */
export type TextRows = (string | null)[][];

/** The rows of each statement that was executed, and the error of the one behind them where one has failed. */
export interface BatchEnd {
  readonly answers: TextRows[];
  readonly error?: unknown;
}

/** One statement of several failed: those before it were executed, those after it were not. */
export class StatementFailed extends Error {
  /** @param index the statement's place among them, from 0 */
  constructor(
    readonly index: number,
    cause: unknown,
  ) {
    super(`Statement ${index + 1} of a batch failed`, { cause });
  }
}

/** What of a `pg.Connection` is used, as `pg` itself calls it. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  close(config: { type: 'S'; name: string }): void;
  parse(config: { name: string; text: string }): void;
  bind(config: { statement: string; values: readonly (string | null)[] }): void;
  execute(config: object): void;
  flush(): void;
  sync(): void;
}

/** A statement under its name; `isPrepared` where the session knows it by that name already. */
interface NamedStatement extends TextStatement {
  readonly name: string;
  readonly isPrepared: boolean;
}

/**
 * Statements that go to the server in one message and are executed there one after the other, each in its own right:
 * the server skips whatever follows one that fails, up to the Sync at the end. To `pg` it is one query.
 */
export class StatementBatch implements pg.Submittable {
  private readonly answers: TextRows[] = [];
  private rows: TextRows = [];

  /**
   * @param heard called behind each statement that is answered at once, with the number of answers so far
   * @param end called once
   */
  constructor(
    private readonly statements: readonly NamedStatement[],
    private readonly heard: (answers: number) => void,
    private readonly end: (end: BatchEnd) => void,
  ) {}

  submit(given: unknown): void {
    const connection = given as Connection;
    connection.stream.cork();
    for (const { name, text, values, isPrepared, isAnsweredAtOnce } of this.statements) {
      if (!isPrepared) {
        // Nobody knows whether one that failed before was prepared by then; closing what is not there is no error.
        connection.close({ type: 'S', name });
        connection.parse({ name, text });
      }
      connection.bind({ statement: name, values });
      connection.execute({});
      if (isAnsweredAtOnce === true) connection.flush();
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.rows.push(fields);
  }

  handleCommandComplete(): void {
    this.answers.push(this.rows);
    this.rows = [];
    const { length } = this.answers;
    if (this.statements[length - 1]?.isAnsweredAtOnce === true) this.heard(length);
  }

  handleReadyForQuery(): void {
    this.end({ answers: this.answers });
  }

  handleError(error: unknown): void {
    this.end({ answers: this.answers, error });
  }
}
