import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openToAppend } from '../common/index.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { syncFolder } from './sync-folder.js';
import { linesOf } from './text.lines.js';

/** Far more than one checkpoint takes. */
const TAIL_BYTES = 65_536;
/** A note and the empty line behind it, each byte a character of its own: places in it are places in the file. */
const NOTE_IN_BYTES = /[^\n](?:[^\n]|\n(?!\n))*\n\n(?:\xe2\x80\x94 [^\n]*\n)+\n?/g;
const SIGNATURE = '\u2014 ';

/** Puts signed notes together, line by line; what is no note is passed over. */
class NoteLines {
  private text = '';
  private isTextOver = false;
  private signatures = '';

  /** @param line with the newline that ends it @returns the note that is whole with the line before, if one is */
  add(line: string): string | undefined {
    if (this.isTextOver && line.startsWith(SIGNATURE)) {
      this.signatures += line;
      return undefined;
    }
    const note = this.isTextOver ? this.end() : undefined;
    if (line !== '\n') this.text += line;
    else this.isTextOver = this.text !== '';
    // Nothing that was signed comes near it; what is longer is kept short, and signed by nobody.
    if (this.text.length > TAIL_BYTES) this.text = this.text.slice(0, TAIL_BYTES);
    return note;
  }

  /** @returns the last note, if one is whole */
  end(): string | undefined {
    const note = this.signatures === '' ? undefined : `${this.text}\n${this.signatures}`;
    this.text = this.signatures = '';
    this.isTextOver = false;
    return note;
  }
}

/** The signed notes of a text, one after the other; a half-written one at the end is none. */
export function notesIn(text: string): string[] {
  const notes = new NoteLines();
  const whole = text.split('\n').slice(0, -1);
  return [...whole.map((line) => notes.add(`${line}\n`)), notes.end()].filter((note) => note !== undefined);
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

  /** Every note in the file, oldest first, one after the other; none where there is no file. */
  async *notes(): AsyncGenerator<string> {
    const file = await open(this.path, 'r').catch(nothingThere);
    await file?.close();
    if (file === undefined) return;
    const notes = new NoteLines();
    for await (const line of linesOf(this.path)) {
      const note = line.endsWith('\n') ? notes.add(line) : undefined;
      if (note !== undefined) yield note;
    }
    const last = notes.end();
    if (last !== undefined) yield last;
  }

  /** Appends notes, on the disk when this returns. What a crash left half-written before is cut off. */
  async append(notes: readonly string[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await openToAppend(this.path);
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
