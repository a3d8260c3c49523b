import { nameOf, openNote, SignedNoteRefused } from './signed.note.js';

const HASH_BYTES = 32;

/** The size and root of the log at one time (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log: a name that no other log has. */
  readonly origin: string;
  /** How many events are sealed. */
  readonly size: number;
  /** Root of the Merkle tree, 32 bytes. */
  readonly root: Uint8Array;
}

/** The text of a checkpoint, to be signed as a note. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/**
 * Checks the signature and the origin of a checkpoint and reads it. Extension lines are passed over, as C2SP asks.
 *
 * @param verifierKey `name+hexid+base64`; its name is the origin of the log
 * @throws SignedNoteRefused where it is malformed, not signed by this key, or a checkpoint of another log
 */
export function openCheckpoint(note: string, verifierKey: string): Checkpoint {
  const [origin = '', size = '', root = '', ...more] = openNote(note, verifierKey).slice(0, -1).split('\n');
  const bytes = Buffer.from(root, 'base64');
  const isCheckpoint =
    /^(?:0|[1-9]\d{0,15})$/.test(size) &&
    Number.isSafeInteger(Number(size)) &&
    bytes.length === HASH_BYTES &&
    bytes.toString('base64') === root &&
    more.every((line) => line !== '');
  if (!isCheckpoint) throw new SignedNoteRefused('The note is signed, but is no checkpoint of a log.');
  if (origin !== nameOf(verifierKey)) throw new SignedNoteRefused(`It belongs to the log ${origin}.`);
  return { origin, size: Number(size), root: bytes };
}
