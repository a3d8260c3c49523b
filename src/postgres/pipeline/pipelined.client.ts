import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { SessionRefused, sqlstateOf } from '../../common/index.js';
import type { Settings } from '../session.settings.js';
import { Pipeline } from './pipeline.js';
import {
  assertStarted,
  roleIn,
  type SessionStart,
  type SessionState,
  startStatement,
} from './session.start.js';
import {
  type BatchEnd,
  StatementBatch,
  StatementFailed,
  type TextRows,
  type TextStatement,
} from './statement.batch.js';
import { StatementSkipped } from './statement.skipped.js';

/**
 * However many statements share a message: whoever asked waits for a half-open connection no longer than this, and
 * statements that together take longer cannot share one.
 */
const LONGEST_SILENCE_MS = 90_000;

/** A session that has answered so recently is not asked first whether it is still there. */
const STILL_THERE_MS = 1_000;

/** The role is not there, or the login is no member of it. */
const ROLE_REFUSED = new Set(['22023', '42501', '42704']);

export interface PipelinedClientConfig extends pg.ClientConfig {
  /** Milliseconds; see {@link PipelinedClient.silenceLimitMs}. */
  readonly silenceLimitMs?: number;
  /** What the session states at connect, whatever the URL or the server say. */
  readonly settings?: Settings;
  /** What it works as; what the URL says, or else its login's own privileges, where it is undefined. */
  readonly role?: string;
}

/** What of `pg` has no type, as `pg` itself calls it. */
interface Insides {
  readonly connectionParameters: { options?: string; statement_timeout?: number | string | false };
  /** The server's process as it was said at connect; a pooler says a number of its own. */
  readonly processID: number;
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

  /** The server's limit of one statement in milliseconds; undefined where this client sets none. */
  readonly statementTimeoutMs: number | undefined;

  private readonly start: SessionStart;

  /** Texts of batches that the server knows under their names. */
  private readonly prepared = new Set<string>();

  private opened: Pipeline | undefined;

  /** Whether a statement of the pipeline whose answers are being heard has failed. */
  private isAborted = false;

  /** When the server last answered all that it was asked, by `performance.now()`. */
  private heardAt = -Infinity;

  /** The status of the transaction as of the last answer of a pipeline, until something is sent. */
  knownStatus: string | null | undefined;

  constructor(config: PipelinedClientConfig = {}) {
    super(config);
    const { connectionParameters } = this as unknown as Insides;
    const { settings = {}, role = roleIn(connectionParameters.options) } = config;
    this.statementTimeoutMs = Number(connectionParameters.statement_timeout || undefined) || undefined;
    // Said by a statement: as a startup parameter, poolers refuse it.
    connectionParameters.statement_timeout = false;
    this.start = { settings, role, statementTimeoutMs: this.statementTimeoutMs };
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
   * Connects, states what the session has to be and checks that it is (RELIABILITY rule 29).
   *
   * @throws SessionRefused where it is not; the connection is closed then
   */
  // The overloads of `pg` come down to this one: with a callback for the pool, and with a promise for everybody else.
  override connect(...given: unknown[]): never {
    const [callback] = given as [((error: unknown) => void)?];
    const done = super.connect().then(() => this.begin());
    if (callback === undefined) return done as never;
    done.then(() => {
      callback(null);
    }, callback);
    return undefined as never;
  }

  private async begin(): Promise<void> {
    try {
      let state = await this.stateAndAsk();
      if (state.backendPid !== (this as unknown as Insides).processID) {
        // Behind a pooler: whatever the session's last user has left in it is dropped.
        await (this as pg.Client).query('DISCARD ALL');
        state = await this.stateAndAsk();
      }
      assertStarted(this.start, state);
    } catch (error) {
      void this.end().catch(() => undefined);
      throw error;
    }
  }

  private async stateAndAsk(): Promise<SessionState> {
    const { role } = this.start;
    try {
      const results = (await (this as pg.Client).query(startStatement(this.start))) as unknown;
      return (results as pg.QueryResult<SessionState>[]).at(-1)?.rows[0] as SessionState;
    } catch (error) {
      if (role === undefined || !ROLE_REFUSED.has(sqlstateOf(error) ?? '')) throw error;
      throw new SessionRefused(`The login may not work as ${role}. Grant it: GRANT ${role} TO (the login);`, {
        cause: error,
      });
    }
  }

  /**
   * Runs statements one after the other in one message; those that this session has not prepared yet are prepared on the
   * way. A deletion waits for its server less often that way, and both sides write and read less often.
   *
   * @returns the rows of each statement
   * @throws StatementFailed which one failed; the server has not executed those after it
   * @throws StatementSkipped where one that shared a message with what was asked before has failed
   */
  async batch(statements: readonly TextStatement[]): Promise<TextRows[]> {
    if (this.opened !== undefined) return this.opened.ask(statements);
    if (this.isAborted) throw new StatementSkipped();
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
      skip: (isAborted) => (this.isAborted = isAborted),
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

  /** Closes the connection at once, whatever it waits for. */
  cut(): void {
    this.socket.destroy(new Error('Connection terminated: nobody waits for the answer'));
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
