import type { Spread } from './statistics.js';

/** Who moves the rows of patients out of a hospital's own tables. */
export const MOVERS = {
  bare: 'bare SQL by raw pg',
  http: 'Silgi over HTTP',
  orchestrator: 'Silgi’s orchestrator without HTTP',
} as const;
export type Mover = keyof typeof MOVERS;

/** One of them with so many clients. */
export interface MoverFigures {
  readonly mover: Mover;
  readonly clients: number;
  readonly deletions: number;
  /** Deletions per second, by round. */
  readonly throughput: Spread;
  readonly p50: number;
  readonly p99: number;
  /** Throughput to that of the bare SQL, round by round. */
  readonly ratio: Spread;
}

/** How long a writer waited for one statement, in milliseconds. */
export interface Waits {
  readonly statements: number;
  readonly p99: number;
  readonly longest: number;
}

/** What a hospital's writers noticed of `adopt apply`. */
export interface ApplyFigures {
  readonly rows: number;
  readonly writers: number;
  readonly seconds: number;
  /** As long a time before it, and while it ran. */
  readonly before: Waits;
  readonly during: Waits;
}

/** A hospital's own tables. */
export interface Adopted {
  readonly rowsPerTable: number;
  readonly tables: number;
  readonly movers: readonly MoverFigures[];
  readonly apply: ApplyFigures;
}
