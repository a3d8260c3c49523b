import { ListUnreadable } from './batch.errors.js';

/** Any UUID that PostgreSQL takes, of whatever version: hospitals bring ids of their own. */
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const BYTES = 16;
const BLOCK = 4_096;
/** More than any hospital has patients to delete at once. */
export const MOST_LINES = 1_000_000;

/** A line of the list. */
export interface Entry {
  readonly line: number;
  /** Small letters; null where the line holds none. */
  readonly patientId: string | null;
  /** Why the line holds no patient id; empty where it does. */
  readonly reason: string;
}

interface Block {
  readonly lines: Uint32Array;
  readonly ids: Buffer;
  /** Index of the reason; 0 where the line holds an id. */
  readonly reasons: Uint8Array;
  length: number;
}

/** Whether a text is a patient's id. */
export function isPatientId(text: string): boolean {
  return UUID.test(text);
}

/**
 * The lines of a list, 21 bytes each: a million of them are held in 21 MB, so that a list is read to its end, and
 * refused or not, before the database hears of it. Of a line without an id only its number and the reason are kept.
 */
export class PatientList {
  private readonly blocks: Block[] = [];
  private readonly reasons = [''];
  length = 0;

  /** @param text what stands on the line; @throws ListUnreadable where the list is too long */
  add(line: number, text: string): void {
    const trimmed = text.trim();
    if (trimmed === '') this.refuse(line, 'The line is without a patient id.');
    else if (isPatientId(trimmed)) this.put(line, 0).write(trimmed.replaceAll('-', ''), 'hex');
    else this.refuse(line, 'What stands here is not a patient id, which is a UUID.');
  }

  /** Notes a line that holds no id. @param reason one of few sentences, with nothing of the line in it */
  refuse(line: number, reason: string): void {
    const known = this.reasons.indexOf(reason);
    this.put(line, known > 0 ? known : this.reasons.push(reason) - 1);
  }

  /** All lines in their order, so many at a time. */
  *pieces(size: number): Generator<readonly Entry[]> {
    let piece: Entry[] = [];
    for (const { lines, ids, reasons, length } of this.blocks)
      for (let at = 0; at < length; at++) {
        const reason = reasons[at] ?? 0;
        piece.push({
          line: lines[at] ?? 0,
          patientId: reason === 0 ? uuidOf(ids.subarray(at * BYTES, (at + 1) * BYTES)) : null,
          reason: this.reasons[reason] ?? '',
        });
        if (piece.length < size) continue;
        yield piece;
        piece = [];
      }
    if (piece.length > 0) yield piece;
  }

  /** @returns where the bytes of the id go */
  private put(line: number, reason: number): Buffer {
    if (this.length === MOST_LINES)
      throw new ListUnreadable(`the list is longer than ${MOST_LINES} patients; send it in parts`, line);
    let block = this.blocks.at(-1);
    if (block === undefined || block.length === BLOCK) {
      block = {
        lines: new Uint32Array(BLOCK),
        ids: Buffer.alloc(BLOCK * BYTES),
        reasons: new Uint8Array(BLOCK),
        length: 0,
      };
      this.blocks.push(block);
    }
    const at = block.length++;
    this.length++;
    block.lines[at] = line;
    block.reasons[at] = reason;
    return block.ids.subarray(at * BYTES, (at + 1) * BYTES);
  }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
