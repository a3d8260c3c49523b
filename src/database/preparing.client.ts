import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { StatementBatch, StatementFailed, type TextRows, type TextStatement } from './statement.batch.js';

export interface PreparingClientConfig extends pg.ClientConfig {
  /** Milliseconds; see {@link PreparingClient.silenceLimitMs}. */
  readonly silenceLimitMs?: number;
}

/**
 * A client that prepares every statement with parameters under a name made from its text, so that the server
 * parses and plans each of the protocol's statements once per connection and not once per deletion. The texts
 * are few and fixed: nothing that varies with the data stands in them.
 */
export class PreparingClient extends pg.Client {
  /**
   * A statement during which not a byte comes for so long ends the connection, as a half-open one would wait for
   * hours; `query_timeout` of pg would wedge it instead (RELIABILITY rule 8). 0 waits as long as the system does.
   */
  silenceLimitMs: number;

  /** Texts that the server knows under their names. */
  private readonly prepared = new Set<string>();

  constructor(config: PreparingClientConfig = {}) {
    super(config);
    this.silenceLimitMs = config.silenceLimitMs ?? 0;
    this.on('drain', () => this.socket.setTimeout(0));
    // The pool's listener and TypeORM's take turns; a session that is ended between the two would end the process
    // (RELIABILITY rule 9). The loss itself shows in the next statement.
    this.on('error', () => undefined);
  }

  /**
   * Runs statements one after the other in one trip, once this session has prepared them all. A deletion waits for
   * its server less often that way, and both sides write and read less often.
   *
   * @returns the rows of each statement
   * @throws StatementFailed which one failed; the server has not executed those after it
   */
  async batch(statements: readonly TextStatement[]): Promise<TextRows[]> {
    if (statements.every(({ text }) => this.prepared.has(text))) return this.inOneTrip(statements);
    const answers: TextRows[] = [];
    for (const { text, values } of statements) {
      try {
        const asked = { name: nameOf(text), text, values, rowMode: 'array', types: AS_TEXT };
        const answer: Promise<{ rows: TextRows }> = this.query(asked);
        answers.push((await answer).rows);
      } catch (error) {
        throw new StatementFailed(answers.length, error);
      }
      this.prepared.add(text);
    }
    return answers;
  }

  private inOneTrip(statements: readonly TextStatement[]): Promise<TextRows[]> {
    return new Promise((resolve, reject) => {
      const named = statements.map(({ text, values }) => ({ name: nameOf(text), values }));
      this.query(
        new StatementBatch(named, (error, answers) => {
          if (error === undefined) resolve(answers);
          else reject(error);
        }),
      );
      // Nothing has to come before the last of them is done.
      this.socket.setTimeout(this.silenceLimitMs * statements.length);
    });
  }

  // The many overloads of `pg` come down to this one for TypeORM, which passes text and values.
  override query(...given: unknown[]): never {
    const [text, values, ...rest] = given;
    const prepared =
      typeof text === 'string' && Array.isArray(values) ? [{ name: nameOf(text), text, values }] : given;
    const { socket } = this;
    if (socket.listenerCount('timeout', this.giveUp) === 0) socket.on('timeout', this.giveUp);
    socket.setTimeout(this.silenceLimitMs);
    return (super.query as (...args: unknown[]) => never).call(
      this,
      ...prepared,
      ...(prepared === given ? [] : rest),
    );
  }

  private readonly giveUp = () => {
    this.socket.destroy(new Error('Connection terminated: the server has gone silent'));
  };

  /** Not `connection.stream` taken once: TLS puts another in its place. */
  private get socket(): Socket {
    return (this as unknown as { connection: { stream: Socket } }).connection.stream;
  }
}

/** Leaves every field as the server wrote it. */
const AS_TEXT = { getTypeParser: () => (field: unknown) => field };

const names = new Map<string, string>();

/** Names are hashed once per text: PostgreSQL cuts them at 63 bytes. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined)
    names.set(text, (name = `silgi_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`));
  return name;
}
