import { isUtf8 } from 'node:buffer';
import type { Encoding } from '../common/index.js';

/** A file cannot be read on from some line. */
export class CsvUnreadable extends Error {
  override readonly name = 'CsvUnreadable';

  /** @param line where the record begins that cannot be read, or undefined where no line is to blame */
  constructor(
    readonly line: number | undefined,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** What else gets called .csv, by how it begins. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:\xff\xfe|\xfe\xff|\0|[^\0]\0)/,
    'is in UTF-16 (what Excel calls Unicode text); save it as CSV in UTF-8',
  ],
  [/^PK\x03\x04/, 'is a workbook or an archive; save its sheet as CSV in UTF-8'],
  [/^\x1f\x8b/, 'is compressed; give it a name that ends in .csv.gz'],
];
/** Letters of Turkish and of its loan words (ç ğ ı ö ş ü â î û, large and small) in Windows-1254 and ISO-8859-9. */
const TURKISH = new Set(
  [0xc7, 0xd0, 0xdd, 0xd6, 0xde, 0xdc, 0xc2, 0xce, 0xdb].flatMap((capital) => [capital, capital + 0x20]),
);
const LINE_FEED = 0x0a;

/**
 * The text of a file as UTF-8.
 *
 * @param source the bytes of the file in pieces
 * @param encoding what they are said to be
 * @throws CsvUnreadable at the line of the first byte that is wrong, or where the file is something else: a wrong
 *   decoding would change names silently
 */
export async function* textOf(
  source: AsyncIterable<Buffer>,
  encoding: Encoding = 'utf-8',
): AsyncGenerator<Buffer> {
  const read = encoding === 'utf-8' ? assertUtf8 : (bytes: AsyncIterable<Buffer>) => decode(bytes, encoding);
  yield* read(assertText(source));
}

/** Lets bytes through that begin like a text. */
async function* assertText(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isBegun = false;
  for await (const chunk of source) {
    const other = isBegun
      ? undefined
      : OTHERS.find(([begins]) => begins.test(chunk.toString('latin1', 0, 8)));
    if (other !== undefined) throw new CsvUnreadable(undefined, other[1]);
    isBegun = true;
    yield chunk;
  }
}

/** Lets bytes through as they are, as long as they are UTF-8. */
async function* assertUtf8(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let line = 1;
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = Buffer.concat([begun, chunk]);
    const whole = bytes.subarray(0, bytes.length - begunCharacter(bytes));
    if (!isUtf8(whole)) throw notUtf8(whole, line);
    for (let at = whole.indexOf(LINE_FEED); at >= 0; at = whole.indexOf(LINE_FEED, at + 1)) line++;
    begun = bytes.subarray(whole.length);
    yield whole;
  }
  if (begun.length > 0) throw notUtf8(begun, line);
}

/** How many bytes at the end begin a character of which more bytes may follow. */
function begunCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}

/** @param line of the first of these bytes, some of which are wrong */
function notUtf8(bytes: Buffer, line: number): CsvUnreadable {
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, from);
    const text = bytes.subarray(from, end < 0 ? bytes.length : end);
    if (end < 0 || !isUtf8(text)) return new CsvUnreadable(line, `is not UTF-8; ${adviceOn(text)}`);
    from = end + 1;
  }
}

function adviceOn(text: Buffer): string {
  return text.every((byte) => byte < 0x80 || TURKISH.has(byte))
    ? 'it looks like Windows-1254 (ISO-8859-9), as Turkish spreadsheets write it: import with --encoding windows-1254'
    : 'save the file as UTF-8';
}

/** Every byte means some letter here, so what is UTF-8 from end to end is refused: its names would be changed. */
async function* decode(source: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const continuesAsUtf8 = (chunk?: Buffer): boolean => {
    try {
      utf8.decode(chunk, { stream: chunk !== undefined });
      return true;
    } catch {
      return false;
    }
  };
  let isAscii = true;
  let mayBeUtf8 = true;
  for await (const chunk of source) {
    isAscii &&= chunk.every((byte) => byte < 0x80);
    mayBeUtf8 &&= continuesAsUtf8(chunk);
    yield Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  if (!isAscii && mayBeUtf8 && continuesAsUtf8())
    throw new CsvUnreadable(undefined, `is UTF-8, not ${encoding}; import it without --encoding`);
}
