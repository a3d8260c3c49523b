import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';

/**
 * How an act ended. `ok`: it was acknowledged. `fail`: it was refused for certain. `info`: nobody knows, for the
 * connection broke after it was sent, or the answer says so itself (202).
 */
export type Outcome = 'ok' | 'fail' | 'info';

/** Rows by `schema.table`; tables without any are left out. */
export type Rows = Readonly<Record<string, number>>;

/** Patients that were made together: each with so many rows per table; `held` are under a legal hold. */
export interface WaveLine {
  readonly kind: 'wave';
  readonly patients: readonly string[];
  readonly held: readonly string[];
  readonly rows: Rows;
}

/** A request is sent. */
export interface CallLine {
  readonly kind: 'call';
  /** Its X-Request-Id: unique, and kept in the deletion's record. */
  readonly request: string;
  readonly actor: string;
  readonly service: number;
  readonly call: 'delete' | 'restore' | 'preview' | 'read';
  readonly patient: string;
  readonly key?: string;
  /** What was asked for, as text: a repeat has the same, another request has not. */
  readonly asked?: string;
  /** The deletion that is to be undone. */
  readonly deletionId?: string;
  /** Whether it is held to a preview. */
  readonly digest?: string;
}

/** What came back of a request. A request without such a line was never answered. */
export interface AnswerLine {
  readonly kind: 'answer';
  readonly request: string;
  readonly outcome: Outcome;
  readonly status?: number;
  readonly code?: string;
  /** Of a deletion that the answer speaks of; of a problem, the deletion that it links to. */
  readonly deletionId?: string;
  readonly replayed?: boolean;
  /** SHA-256 of the answer's very bytes. */
  readonly body?: string;
  readonly rows?: Rows;
  readonly totalRows?: number;
  readonly auditEventId?: string;
  /** Of a deletion that was undone. */
  readonly restorationEventId?: string;
  /** Why a deletion was not undone. */
  readonly refusal?: string;
  /** Of a preview. */
  readonly digest?: string;
  /** Of a problem: the table at which it arose, `schema.table`. */
  readonly table?: string;
  /** What broke, or the detail of the problem. */
  readonly error?: string;
}

/** What one statement of a writer did to one row. */
export interface Change {
  readonly act: 'insert' | 'touch' | 'hide' | 'show';
  readonly table: string;
  readonly row: string;
}

/** A transaction of the hospital's own system begins. */
export interface WriteLine {
  readonly kind: 'write';
  readonly transaction: string;
  readonly actor: string;
  readonly isolation: string;
  readonly patient: string;
}

/** How that transaction ended, and what it did or tried. */
export interface WrittenLine {
  readonly kind: 'written';
  readonly transaction: string;
  readonly patient: string;
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  readonly error?: string;
}

/** One snapshot of some patients that an onlooker took; `seen` is what may never be seen. */
export interface LookLine {
  readonly kind: 'look';
  readonly actor: string;
  readonly patients: number;
  readonly seen: readonly { readonly patient: string; readonly property: string; readonly what: string }[];
}

/** A fault of the schedule; `fired` where it hit what it was meant for. */
export interface FaultLine {
  readonly kind: 'fault';
  readonly source: string;
  readonly fired: boolean;
  readonly what: string;
}

/** A client stopped asking without a definite answer, long after the last fault. */
export interface GaveUpLine {
  readonly kind: 'gave-up';
  readonly actor: string;
  readonly patient: string;
}

/** Something that was left where nothing may be left (N8). */
export interface LeftoverLine {
  readonly kind: 'leftover';
  readonly when: 'quiet' | 'stopped';
  readonly what: string;
}

/** A service ended, or was about to, that nobody had killed. */
export interface DiedLine {
  readonly kind: 'died';
  readonly what: string;
}

/** The run passes into another part. */
export interface NoteLine {
  readonly kind: 'note';
  readonly text: string;
}

export type HistoryEntry =
  | WaveLine
  | CallLine
  | AnswerLine
  | WriteLine
  | WrittenLine
  | LookLine
  | FaultLine
  | GaveUpLine
  | LeftoverLine
  | DiedLine
  | NoteLine;

/** An entry with its place: `at` in milliseconds since the start, `line` from 0. */
export type HistoryLine = HistoryEntry & { readonly at: number; readonly line: number };

/**
 * Writes down what everybody in a run did, a line of JSON each, in the order in which it happened: a line that
 * stands before another was true before it.
 */
export class History {
  private readonly started = performance.now();
  private readonly watchers: ((entry: HistoryEntry) => void)[] = [];
  private pending: string[] = [];
  private writing: Promise<void> = Promise.resolve();
  private lines = 0;

  private constructor(
    private readonly file: FileHandle,
    readonly path: string,
  ) {}

  static async create(path: string): Promise<History> {
    return new History(await open(path, 'wx', 0o600), path);
  }

  /** Is told of every entry as it is made. */
  watch(watcher: (entry: HistoryEntry) => void): void {
    this.watchers.push(watcher);
  }

  append(entry: HistoryEntry): void {
    const line: HistoryLine = {
      ...entry,
      at: Math.round(performance.now() - this.started),
      line: this.lines++,
    };
    this.pending.push(JSON.stringify(line));
    if (this.pending.length === 1) this.writing = this.writing.then(() => this.flush());
    for (const watcher of this.watchers) watcher(entry);
  }

  private async flush(): Promise<void> {
    const lines = this.pending;
    this.pending = [];
    await this.file.appendFile(`${lines.join('\n')}\n`);
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
  }
}

/** Reads a history back, in order. */
export async function readHistory(path: string): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = [];
  for await (const text of createInterface({ input: createReadStream(path) })) {
    lines.push(JSON.parse(text) as HistoryLine);
  }
  return lines;
}
