/** One thing that is made in the hospital's database, or in Silgi's part of it. */
export interface PlanLine {
  readonly what: string;
  /** The statements that make it; one of them at a time is sent. */
  readonly make: readonly string[];
  /** SQL that says whether it is there, as one boolean. */
  readonly isThere: string;
  /** The statements that take it away; none where it goes with another. */
  readonly undo: readonly string[];
  /** What others wait for meanwhile: the strongest lock, and on what; `null` where nobody waits. */
  readonly lock: string | null;
  /** Rows that are read or written, as far as the catalogue knows; 0 where it takes no time to speak of. */
  readonly rows: number;
  /** It cannot run in a transaction. */
  readonly concurrently?: boolean;
  /** Where it is refused, what is there serves as well; it is said. */
  readonly mayFail?: string;
}
