import type pg from 'pg';

/** A statement, its parameters and its results in PostgreSQL's own text. */
export interface TextStatement {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** The rows of one statement. */
export type TextRows = (string | null)[][];

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
  bind(config: { statement: string; values: readonly (string | null)[] }): void;
  execute(config: object): void;
  sync(): void;
}

/** A statement that the session has prepared under this name. */
type PreparedStatement = Pick<TextStatement, 'values'> & { readonly name: string };

/**
 * Prepared statements that go to the server in one message and are executed there one after the other, each in its
 * own right: the server skips whatever follows one that fails, up to the Sync at the end. To `pg` it is one query.
 */
export class StatementBatch implements pg.Submittable {
  private readonly answers: TextRows[] = [];
  private rows: TextRows = [];

  /** @param end called once: with an error, or with the rows of each statement */
  constructor(
    private readonly statements: readonly PreparedStatement[],
    private readonly end: (error: StatementFailed | undefined, answers: TextRows[]) => void,
  ) {}

  submit(given: unknown): void {
    const connection = given as Connection;
    connection.stream.cork();
    for (const { name, values } of this.statements) {
      connection.bind({ statement: name, values });
      connection.execute({});
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
  }

  handleReadyForQuery(): void {
    this.end(undefined, this.answers);
  }

  handleError(error: unknown): void {
    this.end(new StatementFailed(this.answers.length, error), this.answers);
  }
}
