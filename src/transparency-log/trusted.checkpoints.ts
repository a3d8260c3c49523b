import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { EventLoopTurns } from './event-loop.turns.js';
import type { Finding } from './log.check.js';
import { assertVerifierKey } from './signed.note.js';
import { SignedRoots } from './signed.roots.js';

/** Forged checkpoints that are named one by one; of more, their number is told. */
const NAMED_AT_MOST = 100;

/** The checkpoints that a check goes by, and those that nobody should have signed. */
export class TrustedCheckpoints {
  readonly roots = new SignedRoots();
  private readonly named: Finding[] = [];
  private unnamed = 0;
  private readonly turns = new EventLoopTurns();

  /**
   * @param verifierKey the key that is trusted, `name+hexid+base64`
   * @throws SignedNoteRefused where the key itself is malformed
   */
  constructor(private readonly verifierKey: string) {
    assertVerifierKey(verifierKey);
  }

  /** What is wrong with those that prove nothing. */
  get forged(): Finding[] {
    if (this.unnamed === 0) return this.named;
    return [
      ...this.named,
      forgedCheckpoint(`${this.unnamed} more checkpoints were not signed by this key, or are none.`),
    ];
  }

  /**
   * Opens a checkpoint with the key that is trusted; one that it has not signed is a finding. Others get their turns in
   * between.
   *
   * @param where it was found, for whoever reads about a bad one
   * @returns undefined where it is a finding
   */
  async open(note: string, where: string): Promise<Checkpoint | undefined> {
    if (this.turns.isOver) await this.turns.next();
    try {
      const checkpoint = openCheckpoint(note, this.verifierKey);
      this.roots.add(checkpoint.size, checkpoint.root);
      return checkpoint;
    } catch (error) {
      const [, size = '?'] = note.split('\n', 2);
      this.refuse(`The checkpoint of ${size} events in ${where}: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** @param detail which checkpoint, and what is wrong with it */
  refuse(detail: string): void {
    if (this.named.length < NAMED_AT_MOST) this.named.push(forgedCheckpoint(detail));
    else this.unnamed++;
  }
}

function forgedCheckpoint(detail: string): Finding {
  return { what: 'CHECKPOINT_FORGED', leafIndex: null, lastIndex: null, auditEventId: null, detail };
}
