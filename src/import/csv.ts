import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { delimiterOf, type Encoding, linesOf } from '../common/index.js';
import { CsvUnreadable, textOf } from './csv.text.js';

/** A record of a CSV file. */
export interface CsvRecord {
  /** Line of the file on which the record begins; the header's is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** How a CSV file is read. */
export interface CsvOptions {
  /** Of what is not UTF-8. */
  readonly encoding?: Encoding;
  /** Is told of every piece of the file that was read, in bytes as stored. */
  readonly onBytes?: (bytes: number) => void;
}

/** Far above any row of Synthea's: an unclosed quote must not pull the rest of a file into memory. */
const LARGEST_RECORD_BYTES = 1_048_576;

/**
 * The records of a CSV file, header first, as many at a time as a piece of the file holds. With or without a byte order
 * mark; commas, semicolons or tabs, whichever its header has most of; lines end with LF or CRLF; empty lines are passed
 * over. A name that ends in `.gz` is decompressed.
 *
 * @throws CsvUnreadable
 */
export async function* readCsv(
  path: string,
  { encoding, onBytes }: CsvOptions = {},
): AsyncGenerator<readonly CsvRecord[]> {
  const text = textOf(bytesOf(path, onBytes), encoding);
  // The parser's own count is no use: it takes a CRLF within quotes for two lines.
  let line = 1;
  try {
    const head = await beginningOf(text);
    const records: CsvRecord[] = [];
    const parser = parse({
      bom: true,
      // How many columns a record has is for the caller to judge, who knows what it means.
      relax_column_count: true,
      delimiter: delimiterOf(head),
      record_delimiter: ['\r\n', '\n'],
      max_record_size: LARGEST_RECORD_BYTES,
      // Nothing comes out at the other end, which would hand over each record by itself, at some promises each.
      on_record: (cells) => {
        if (cells.length > 1 || cells[0] !== '') records.push({ line, cells });
        line += linesOf(cells);
        return null;
      },
    });
    const ended = finished(parser.resume());
    ended.catch(() => undefined);
    const take = promisify((piece: Buffer, done: (error?: Error | null) => void) =>
      parser.write(piece, done),
    );
    await take(head);
    yield records.splice(0);
    for await (const piece of text) {
      await take(piece);
      yield records.splice(0);
    }
    parser.end();
    await ended;
    yield records.splice(0);
  } catch (error) {
    throw unreadable(line, error);
  } finally {
    // Whoever has seen enough leaves no file open.
    await text.return(undefined);
  }
}

/** The bytes of a file, decompressed where its name says so. */
function bytesOf(path: string, onBytes: (bytes: number) => void = () => undefined): AsyncIterable<Buffer> {
  const source = createReadStream(path);
  source.on('data', (chunk) => {
    onBytes(chunk.length);
  });
  return /\.gz$/i.test(path) ? pipeline(source, createGunzip(), () => undefined) : source;
}

/** As much of a text as holds its first line that is not empty. */
async function beginningOf(text: AsyncGenerator<Buffer>): Promise<Buffer> {
  const begun: Buffer[] = [];
  for (let length = 0; length < LARGEST_RECORD_BYTES;) {
    const next = await text.next();
    if (next.done === true) break;
    begun.push(next.value);
    length += next.value.length;
    if (/[^\r\n][\r\n]/.test(next.value.toString('latin1'))) break;
  }
  return Buffer.concat(begun);
}

/** The parser's own messages quote what they met. */
function unreadable(line: number, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const because = (reason: string, at: number | undefined = line) =>
    new CsvUnreadable(at, reason, { cause: error });
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return because('a quote is opened and never closed');
    case 'CSV_INVALID_CLOSING_QUOTE':
      return because('a quote is closed in the middle of a cell, or one before it never was');
    case 'INVALID_OPENING_QUOTE':
      return because('a quote stands in the middle of a cell that is not quoted');
    case 'CSV_MAX_RECORD_SIZE':
      return because('a record is longer than a megabyte: probably a quote that is never closed');
    default:
      // Of these a line says nothing.
      if (code?.startsWith('Z_') === true)
        return new CsvUnreadable(undefined, `is not a whole gzip file (${code})`, { cause: error });
      return code === undefined
        ? error
        : new CsvUnreadable(undefined, `cannot be read (${code})`, { cause: error });
  }
}
