import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { type Settings, startupOptions } from '../session.settings.js';
import { Pipeline } from './pipeline.js';
import {
  type BatchEnd,
  StatementBatch,
  StatementFailed,
  type TextRows,
  type TextStatement,
} from './statement.batch.js';

/**
 * However many statements share a message: whoever asked waits for a half-open connection no longer than this, and
 * statements that together take longer cannot share one.
 */
const LONGEST_SILENCE_MS = 90_000;

/** A session that has answered so recently is not asked first whether it is still there. */
const STILL_THERE_MS = 1_000;

export interface PipelinedClientConfig extends pg.ClientConfig {
  /** Milliseconds; see {@link PipelinedClient.silenceLimitMs}. */
  readonly silenceLimitMs?: number;
  /** What the session begins with, whatever the URL or the server say. */
  readonly settings?: Settings;
}

/**
 * A client that prepares every statement with parameters under a name made from its text, so that the server
 * parses and plans each of the protocol's statements once per connection and not once per deletion. The texts
 * are few and fixed: nothing that varies with the data stands in them.
 */
export class PipelinedClient extends pg.Client {
  /**
   * A statement during which not a byte comes for so long ends the connection, as a half-open one would wait for
   * hours; `query_timeout` of pg would wedge it instead (RELIABILITY rule 8). 0 waits as long as the system does.
   */
  silenceLimitMs: number;

  /** Texts of batches that the server knows under their names. */
  private readonly prepared = new Set<string>();

  private opened: Pipeline | undefined;

  /** When the server last answered all that it was asked, by `performance.now()`. */
  private heardAt = -Infinity;

  /** The status of the transaction as of the last answer of a pipeline, until something is sent. */
  knownStatus: string | null | undefined;

  constructor(config: PipelinedClientConfig = {}) {
    super(config);
    // `pg` lets the URL take the place of what it is told, and all of it.
    const { connectionParameters } = this as unknown as { connectionParameters: { options?: string } };
    connectionParameters.options = startupOptions(connectionParameters.options, config.settings ?? {});
    this.silenceLimitMs = config.silenceLimitMs ?? 0;
    this.on('drain', () => {
      this.heardAt = performance.now();
      this.socket.setTimeout(0);
    });
    // The pool's listener and TypeORM's take turns; a session that is ended between the two would end the process
    // (RELIABILITY rule 9). The loss itself shows in the next statement.
    this.on('error', () => undefined);
  }

  /**
   * Runs statements one after the other in one message; those that this session has not prepared yet are prepared on the
   * way. A deletion waits for its server less often that way, and both sides write and read less often.
   *
   * @returns the rows of each statement
   * @throws StatementFailed which one failed; the server has not executed those after it
   */
  async batch(statements: readonly TextStatement[]): Promise<TextRows[]> {
    if (this.opened !== undefined) return this.opened.ask(statements);
    const { answers, error } = await this.send(statements);
    if (error !== undefined) throw new StatementFailed(answers.length, error);
    return answers;
  }

  /** From now on batches wait for others to share their message, until the pipeline is flushed. */
  openPipeline(): Pipeline {
    return (this.opened = new Pipeline({
      send: (statements) => this.send(statements),
      getTransactionStatus: () => this.getTransactionStatus(),
      close: () => (this.opened = undefined),
      know: (status) => (this.knownStatus = status),
    }));
  }

  /** Whether something was asked that waits for its pipeline to be flushed. */
  get isHoldingBack(): boolean {
    return this.opened?.isHoldingBack ?? false;
  }

  /** Whether it is so sure to be there that nobody has to ask first. */
  get hasAnsweredLately(): boolean {
    return performance.now() - this.heardAt <= STILL_THERE_MS;
  }

  private send(statements: readonly TextStatement[]): Promise<BatchEnd> {
    return new Promise((resolve) => {
      const named = statements.map((statement) => ({
        ...statement,
        // A name of its own: `pg` keeps a record of those that it has prepared itself.
        name: `${nameOf(statement.text)}_b`,
        isPrepared: this.prepared.has(statement.text),
      }));
      const listen = (from: number) => {
        this.listenFor(statements.slice(from));
      };
      const end = (whole: BatchEnd) => {
        for (const { text } of statements.slice(0, whole.answers.length)) this.prepared.add(text);
        resolve(whole);
      };
      this.submit(new StatementBatch(named, listen, end));
      listen(0);
    });
  }

  /** Nothing has to come before the first of them that is answered at once is done, or else the last. */
  private listenFor(statements: readonly TextStatement[]): void {
    const next = statements.findIndex(({ isAnsweredAtOnce }) => isAnsweredAtOnce);
    const silent = next < 0 ? statements.length : next + 1;
    this.socket.setTimeout(Math.min(this.silenceLimitMs * silent, LONGEST_SILENCE_MS));
  }

  // The many overloads of `pg` come down to this one for TypeORM, which passes text and values.
  override query(...given: unknown[]): never {
    const [text, values, ...rest] = given;
    const { opened } = this;
    const prepared =
      typeof text === 'string' && Array.isArray(values)
        ? [{ name: nameOf(text), text, values }, ...rest]
        : given;
    if (opened === undefined) return this.submit(...prepared);
    // What was asked before it comes first, and has to be well: where the transaction has not begun, this would be
    // committed by itself.
    return opened.settle().then(() => this.submit(...prepared) as unknown) as never;
  }

  private submit(...given: unknown[]): never {
    const { socket } = this;
    if (socket.listenerCount('timeout', this.giveUp) === 0) socket.on('timeout', this.giveUp);
    socket.setTimeout(this.silenceLimitMs);
    this.knownStatus = undefined;
    return (super.query as (...args: unknown[]) => never).apply(this, given as never);
  }

  private readonly giveUp = () => {
    this.socket.destroy(new Error('Connection terminated: the server has gone silent'));
  };

  /** Not `connection.stream` taken once: TLS puts another in its place. */
  private get socket(): Socket {
    return (this as unknown as { connection: { stream: Socket } }).connection.stream;
  }
}

const names = new Map<string, string>();

/** Names are hashed once per text: PostgreSQL cuts them at 63 bytes. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined)
    names.set(text, (name = `silgi_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`));
  return name;
}
