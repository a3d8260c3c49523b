import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { syncFolder } from './sync-folder.js';

/** Far more than one checkpoint takes. */
const TAIL_BYTES = 65_536;
const TEXT = '[^\\n](?:[^\\n]|\\n(?!\\n))*\\n\\n';
const NOTE = new RegExp(`${TEXT}(?:\u2014 [^\\n]*\\n)+`, 'gu');
/** The same where every byte is a character of its own, so that places in it are places in the file. */
const NOTE_IN_BYTES = new RegExp(`${TEXT}(?:\xe2\x80\x94 [^\\n]*\\n)+\\n?`, 'g');

/** The signed notes of a text, one after the other; a half-written one at the end is none. */
export function notesIn(text: string): string[] {
  return text.match(NOTE) ?? [];
}

/**
 * The copy of the checkpoints outside the database: signed notes with an empty line between them, oldest first. It
 * is only ever appended to, and each append is on the disk before it counts.
 */
export class CheckpointFile {
  /** @param path absolute path, AUDIT_LOG_CHECKPOINTS */
  constructor(readonly path: string) {}

  /**
   * The last checkpoint in the file; undefined where there is no file or none in it.
   *
   * @throws SignedNoteRefused where it is not signed by this key
   */
  async last(verifierKey: string): Promise<Checkpoint | undefined> {
    const file = await open(this.path, 'r').catch(nothingThere);
    if (file === undefined) return undefined;
    try {
      const note = notesIn((await tailOf(file)).toString()).at(-1);
      return note === undefined ? undefined : openCheckpoint(note, verifierKey);
    } finally {
      await file.close();
    }
  }

  /** Every note in the file, oldest first; none where there is no file. */
  async notes(): Promise<string[]> {
    const file = await open(this.path, 'r').catch(nothingThere);
    if (file === undefined) return [];
    try {
      return notesIn(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  }

  /** Appends notes, on the disk when this returns. What a crash left half-written before is cut off. */
  async append(notes: readonly string[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(this.path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const torn = tornBytes(await tailOf(file));
      if (torn > 0) await file.truncate(size - torn);
      await file.appendFile(notes.map((note) => `${note}\n`).join(''));
      await file.sync();
      if (size === 0) await syncFolder(dirname(this.path));
    } finally {
      await file.close();
    }
  }
}

async function tailOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const buffer = Buffer.alloc(size - start);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

/** How many bytes at the end belong to no whole note. */
function tornBytes(tail: Buffer): number {
  const last = [...tail.toString('latin1').matchAll(NOTE_IN_BYTES)].at(-1);
  return last === undefined ? tail.length : tail.length - last.index - last[0].length;
}

function nothingThere(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
