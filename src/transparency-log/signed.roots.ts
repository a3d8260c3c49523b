import { openCheckpoint } from './checkpoint.js';
import type { Finding, SignedRoots } from './log.check.js';
import { nameOf } from './signed.note.js';

/** The checkpoints that a check goes by, and those that nobody should have signed. */
export interface TrustedCheckpoints {
  readonly roots: SignedRoots;
  readonly forged: readonly Finding[];
}

/** Where notes come from, for whoever reads about a bad one. */
export interface NoteSource {
  readonly name: string;
  readonly notes: Iterable<string>;
}

/**
 * Opens checkpoints with the key that is trusted; those that it has not signed prove nothing and are findings.
 *
 * @param verifierKey `name+hexid+base64`; its name is the origin of the log
 * @throws SignedNoteRefused where the key itself is malformed
 */
export function trustedCheckpoints(sources: readonly NoteSource[], verifierKey: string): TrustedCheckpoints {
  const origin = nameOf(verifierKey);
  const roots = new Map<number, Uint8Array[]>();
  const forged: Finding[] = [];
  for (const { name, notes } of sources) {
    for (const note of notes) {
      try {
        const checkpoint = openCheckpoint(note, verifierKey);
        if (checkpoint.origin !== origin) throw new Error(`It belongs to the log ${checkpoint.origin}.`);
        const known = roots.get(checkpoint.size) ?? [];
        if (!known.some((root) => Buffer.compare(root, checkpoint.root) === 0)) known.push(checkpoint.root);
        roots.set(checkpoint.size, known);
      } catch (error) {
        const [, size = '?'] = note.split('\n', 2);
        forged.push(
          forgedCheckpoint(`The checkpoint of ${size} events in ${name}: ${(error as Error).message}`),
        );
      }
    }
  }
  return { roots, forged };
}

/** @param detail which checkpoint, and what is wrong with it */
export function forgedCheckpoint(detail: string): Finding {
  return { what: 'CHECKPOINT_FORGED', leafIndex: null, lastIndex: null, auditEventId: null, detail };
}
