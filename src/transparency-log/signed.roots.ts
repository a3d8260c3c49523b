import { openCheckpoint } from './checkpoint.js';
import type { Finding, SignedRoots } from './log.check.js';
import { assertVerifierKey } from './signed.note.js';

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
 * @param verifierKey `name+hexid+base64`
 * @throws SignedNoteRefused where the key itself is malformed
 */
export function trustedCheckpoints(sources: readonly NoteSource[], verifierKey: string): TrustedCheckpoints {
  assertVerifierKey(verifierKey);
  const roots = new Map<number, Uint8Array[]>();
  const forged: Finding[] = [];
  for (const { name, notes } of sources) {
    for (const note of notes) {
      try {
        const { size, root } = openCheckpoint(note, verifierKey);
        const known = roots.get(size) ?? [];
        if (!known.some((one) => Buffer.compare(one, root) === 0)) known.push(root);
        roots.set(size, known);
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
