import { BEGINNING, beforeAllOf, type SealingPlace, type Unsealed } from './audit-log.store.js';

/**
 * One look through the events that are not sealed, in rounds: each reads on where the one before ended, so that a
 * backlog costs what it is long. An event that is committed behind the place where a pass has come to was written by a
 * transaction that ran when the pass began: it belongs to the next one, which no horizon leads past.
 */
export class SealingPass {
  /**
   * @param since the horizon from which it starts; undefined to look through everything
   * @param after where it has come to
   * @param oldestRunning when its first round read; an xid8 in decimal
   */
  constructor(
    private readonly since: string | undefined,
    readonly after: SealingPlace = since === undefined ? BEGINNING : beforeAllOf(since),
    private readonly oldestRunning?: string,
  ) {}

  get isThorough(): boolean {
    return this.since === undefined;
  }

  /** The same pass behind what a round has read. */
  behind({ events, writers, oldestRunning }: Unsealed): SealingPass {
    const [writer, auditEventId] = [writers.at(-1), events.at(-1)?.auditEventId];
    const after = writer === undefined || auditEventId === undefined ? this.after : { writer, auditEventId };
    return new SealingPass(this.since, after, this.oldestRunning ?? oldestRunning);
  }

  /** Every event of an older transaction is sealed, where what was read is; an xid8 in decimal. */
  get horizon(): string {
    const { writer } = this.after;
    return BigInt(writer) < BigInt(this.begun) ? writer : this.begun;
  }

  /** The same, where nothing is left to be read. */
  get begun(): string {
    return this.oldestRunning ?? BEGINNING.writer;
  }
}
