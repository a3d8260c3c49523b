import { sqlstateOf } from '../../common/index.js';
import { StatementSkipped } from './statement.skipped.js';
import { type BatchEnd, StatementFailed, type TextRows, type TextStatement } from './statement.batch.js';

/** in_failed_sql_transaction: the server says of a statement that one before it has failed. */
const IN_FAILED_TRANSACTION = '25P02';

/** The connection that a pipeline is flushed on. */
export interface Carrier {
  /** Sends statements at once, in one message. Never rejects. */
  send(statements: readonly TextStatement[]): Promise<BatchEnd>;
  /** The server's word on the transaction: `T`, `E` where a statement has failed in it, `I` where there is none. */
  getTransactionStatus(): string | null;
  /** No batch is added to the pipeline any more. */
  close(): void;
  /** The status is known to be this until something is sent. */
  know(status: string | null): void;
  /** Whether batches are refused with {@link StatementSkipped}: the server would execute none of them. */
  skip(isAborted: boolean): void;
}

interface Heard {
  readonly rows?: TextRows[];
  readonly error?: unknown;
  readonly status: string | null;
}

interface Question {
  readonly statements: readonly TextStatement[];
  readonly resolve: (rows: TextRows[]) => void;
  readonly reject: (error: unknown) => void;
  heard?: Promise<Heard>;
}

interface Part {
  done: Promise<unknown>;
  question?: Question;
}

function isHeldBack(part: Part): part is Part & { question: Question } {
  return part.question !== undefined && part.question.heard === undefined;
}

/**
 * What several callers ask of the server, one after the other, in one message. Each of them hears its answer when those
 * before it are done with theirs: to each it is as if it were alone, and what fails is the first that failed.
 */
export class Pipeline {
  private readonly parts: Part[] = [];
  private hasAsked: () => void = () => undefined;

  constructor(private readonly carrier: Carrier) {}

  /**
   * Starts the next caller's work, and returns once it waits for its answer, or is done without one.
   *
   * @returns false where it has failed by then
   */
  add(work: () => Promise<unknown>): Promise<boolean> {
    return new Promise((goOn) => {
      this.hasAsked = () => {
        goOn(true);
      };
      const part: Part = { done: Promise.resolve() };
      this.parts.push(part);
      part.done = work();
      part.done.then(this.hasAsked, () => {
        goOn(false);
      });
    });
  }

  /** Takes up what the caller that was added last has to ask. @returns the rows of each statement */
  ask(statements: readonly TextStatement[]): Promise<TextRows[]> {
    return new Promise((resolve, reject) => {
      const part = this.parts.at(-1);
      if (part === undefined || part.question !== undefined)
        throw new Error('Statements of one transaction are awaited one by one.');
      part.question = { statements, resolve, reject };
      this.hasAsked();
    });
  }

  /** Sends what was asked so far, before any other statement. @throws StatementSkipped where some of it has failed */
  async settle(): Promise<void> {
    this.send();
    for (const { question } of this.parts)
      if (question !== undefined && (await question.heard)?.rows === undefined) throw new StatementSkipped();
  }

  private send(): void {
    const questions = this.parts.filter(isHeldBack).map(({ question }) => question);
    if (questions.length === 0) return;
    const end = this.carrier.send(questions.flatMap(({ statements }) => statements));
    const ended = end.then((whole) => ({ ...whole, status: this.carrier.getTransactionStatus() }));
    let from = 0;
    for (const question of questions) {
      const [first, next] = [from, (from += question.statements.length)];
      question.heard = ended.then((whole) => partOf(whole, first, next));
    }
  }

  get isHoldingBack(): boolean {
    return this.parts.some(isHeldBack);
  }

  /**
   * Sends what was asked, and lets the callers hear their answers one by one. Where the statement of one has failed,
   * what those before it ask for next is not sent, or refused by the server (25P02): not their failure is the first, but
   * the one that aborted.
   *
   * @returns what each caller's work has come to, in their order
   * @throws the first failure in that order that is a cause; whoever comes after it is told {@link StatementSkipped}
   */
  async flush(): Promise<unknown[]> {
    this.send();
    this.carrier.close();
    const heard = await Promise.all(this.parts.flatMap(({ question }) => question?.heard ?? []));
    const isAborted = heard.some(({ error }) => error !== undefined);
    this.carrier.skip(isAborted);
    try {
      return await this.results(isAborted);
    } catch (error) {
      for (const { question } of this.parts) question?.reject(new StatementSkipped());
      throw error;
    } finally {
      this.carrier.skip(false);
    }
  }

  private async results(isAborted: boolean): Promise<unknown[]> {
    const results: unknown[] = [];
    const consequences: unknown[] = [];
    for (const { done, question } of this.parts) {
      if (question !== undefined) await this.handOver(question);
      const result = await done.catch((error: unknown) => {
        const isRefused = isAborted && sqlstateOf(error) === IN_FAILED_TRANSACTION;
        if (!isRefused && !(error instanceof StatementSkipped)) throw error;
        consequences.push(error);
      });
      results.push(result);
    }
    if (consequences.length > 0) throw consequences[0];
    return results;
  }

  private async handOver({ heard, resolve, reject }: Question): Promise<void> {
    const { rows, error, status } = (await heard) as Heard;
    if (rows === undefined) {
      reject(error);
      return;
    }
    this.carrier.know(status);
    resolve(rows);
  }
}

/** What one caller hears of the whole: of the statements from `first` up to `next`. */
function partOf(
  { answers, error, status }: BatchEnd & { status: string | null },
  first: number,
  next: number,
): Heard {
  if (answers.length < first) return { error: new StatementSkipped(), status };
  if (answers.length < next) return { error: new StatementFailed(answers.length - first, error), status };
  // Behind it another failed: up to here the transaction was as it should be.
  return { rows: answers.slice(first, next), status: error === undefined ? status : 'T' };
}
