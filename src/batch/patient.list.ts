import { LONGEST_KEY } from '../patient/index.js';
import { ListUnreadable } from './batch.errors.js';

/** Any UUID that PostgreSQL takes, of whatever version: hospitals bring ids of their own. */
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const BYTES = 16;
const BLOCK = 4_096;
/** A null, and what stands for a letter that was none. */
const UNREADABLE = /[\0\uFFFD\p{Surrogate}]/u;
/** Of all keys of a list together: 64 of each where there are a million. */
const MOST_CHARACTERS = 64_000_000;
/** More than any hospital has patients to delete at once. Blank lines are read as well, and count. */
export const MOST_LINES = 1_000_000;

/** What the lines of a list hold: patient ids, or keys of the hospital's. */
export type Held = 'ids' | 'keys';

/** Patients by their ids, or by the hospital's keys. */
export interface NamedPatients {
  readonly patientIds?: readonly string[] | undefined;
  readonly patientKeys?: readonly string[] | undefined;
}

/** A line of the list. */
export interface Entry {
  readonly line: number;
  /** Small letters; null where the line holds none. */
  readonly patientId: string | null;
  /** In a list of keys; null where the line holds none. */
  readonly key: string | null;
  /** Why the line holds neither; empty where it does. */
  readonly reason: string;
}

interface Block {
  readonly lines: Uint32Array;
  readonly ids: Buffer;
  /** One for each line of a list of keys; bytes, with nulls between them, once the block is full. */
  keys: string[] | Buffer;
  /** Index of the reason; 0 where the line holds something. */
  readonly reasons: Uint8Array;
  length: number;
}

/** Whether a text is a patient's id. */
export function isPatientId(text: string): boolean {
  return UUID.test(text);
}

/**
 * The lines of a list, 21 bytes each: a million of them are held in 21 MB, so that a list is read to its end, and
 * refused or not, before the database hears of it. A key takes its length and 6 bytes. Of a line that holds nothing of
 * use only its number and the reason are kept.
 */
export class PatientList {
  private readonly blocks: Block[] = [];
  private readonly reasons = [''];
  length = 0;
  private blank = 0;
  private keyLength = 0;

  constructor(readonly holds: Held = 'ids') {}

  /** The lines of a list that names its patients by one of both. @throws ListUnreadable where it names them by both */
  static of({ patientIds, patientKeys }: NamedPatients): PatientList {
    if (patientIds !== undefined && patientKeys !== undefined)
      throw new ListUnreadable('patientIds and patientKeys are both there; leave one');
    const list = new PatientList(patientKeys === undefined ? 'ids' : 'keys');
    for (const [index, text] of (patientKeys ?? patientIds ?? []).entries()) list.add(index + 1, text);
    return list;
  }

  /** @param text what stands on the line; @throws ListUnreadable where the list is too long */
  add(line: number, text: string): void {
    if (this.holds === 'keys') {
      this.addKey(line, text);
      return;
    }
    const trimmed = text.trim();
    if (trimmed === '') this.refuse(line, 'The line is without a patient id.');
    else if (isPatientId(trimmed)) this.put(line, 0, trimmed.replaceAll('-', ''));
    else this.refuse(line, 'What stands here is not a patient id, which is a UUID.');
  }

  /** A key is taken as it stands: a blank may be a part of it. */
  private addKey(line: number, text: string): void {
    if (text.trim() === '') this.refuse(line, 'The line is without a key.');
    else if (text.length > LONGEST_KEY)
      this.refuse(line, `The key is longer than ${LONGEST_KEY} characters, as none is.`);
    else if (UNREADABLE.test(text))
      this.refuse(line, 'The key has a character that cannot be read: save the list in UTF-8.');
    else {
      this.keyLength += text.length;
      if (this.keyLength > MOST_CHARACTERS)
        throw new ListUnreadable(
          `the keys are longer than ${MOST_CHARACTERS} characters together; send it in parts`,
          line,
        );
      this.put(line, 0, text);
    }
  }

  /** Passes a line over that holds nothing at all. @throws ListUnreadable where the list is too long */
  pass(line: number): void {
    this.assertRoom(line);
    this.blank++;
  }

  /** Notes a line that holds nothing of use. @param reason one of few sentences, with nothing of the line in it */
  refuse(line: number, reason: string): void {
    const known = this.reasons.indexOf(reason);
    this.put(line, known > 0 ? known : this.reasons.push(reason) - 1);
  }

  /** All lines in their order, so many at a time. */
  *pieces(size: number): Generator<readonly Entry[]> {
    let piece: Entry[] = [];
    for (const { lines, ids, keys, reasons, length } of this.blocks) {
      const texts = Buffer.isBuffer(keys) ? keys.toString().split('\0') : keys;
      for (let at = 0; at < length; at++) {
        const reason = reasons[at] ?? 0;
        const holds = reason === 0 ? this.holds : undefined;
        piece.push({
          line: lines[at] ?? 0,
          patientId: holds === 'ids' ? uuidOf(ids.subarray(at * BYTES, (at + 1) * BYTES)) : null,
          key: holds === 'keys' ? (texts[at] ?? '') : null,
          reason: this.reasons[reason] ?? '',
        });
        if (piece.length < size) continue;
        yield piece;
        piece = [];
      }
    }
    if (piece.length > 0) yield piece;
  }

  /** @param held the id in hexadecimal or the key; left out where there is a reason */
  private put(line: number, reason: number, held = ''): void {
    this.assertRoom(line);
    let block = this.blocks.at(-1);
    if (block === undefined || block.length === BLOCK) {
      if (Array.isArray(block?.keys)) block.keys = Buffer.from(block.keys.join('\0'));
      block = {
        lines: new Uint32Array(BLOCK),
        ids: Buffer.alloc(this.holds === 'ids' ? BLOCK * BYTES : 0),
        keys: [],
        reasons: new Uint8Array(BLOCK),
        length: 0,
      };
      this.blocks.push(block);
    }
    const at = block.length++;
    this.length++;
    block.lines[at] = line;
    block.reasons[at] = reason;
    if (this.holds === 'ids') block.ids.write(held, at * BYTES, 'hex');
    else (block.keys as string[]).push(held);
  }

  private assertRoom(line: number): void {
    if (this.length + this.blank === MOST_LINES)
      throw new ListUnreadable(
        `the list is longer than ${MOST_LINES} lines, blank ones included; send it in parts`,
        line,
      );
  }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
