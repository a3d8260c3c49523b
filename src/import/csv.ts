import { createReadStream } from 'node:fs';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { linesOf } from '../common/index.js';

/** A record of a CSV file. */
export interface CsvRecord {
  /** Line of the file on which the record begins; the header's is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

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

/** Far above any row of Synthea's: an unclosed quote must not pull the rest of a file into memory. */
const LARGEST_RECORD_BYTES = 1_048_576;

/**
 * The records of a CSV file, header first, one at a time. UTF-8 with or without a byte order mark; lines end with
 * LF or CRLF; empty lines are passed over. A name that ends in `.gz` is decompressed.
 *
 * @param onBytes is told of every piece of the file that was read, in bytes as stored
 * @throws CsvUnreadable
 */
export async function* readCsv(
  path: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<CsvRecord> {
  let line = 1;
  // Ahead of `line` by what the parser has not handed over yet, which an error discards. The parser's own count is
  // no use: it takes a CRLF within quotes for two lines.
  let parsed = 1;
  const parser = parse({
    bom: true,
    // How many columns a record has is for the caller to judge, who knows what it means.
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: LARGEST_RECORD_BYTES,
    on_record: (cells) => {
      parsed += linesOf(cells);
      return cells;
    },
  });
  const source = createReadStream(path);
  source.on('data', (chunk) => {
    onBytes(chunk.length);
  });
  const stages = /\.gz$/i.test(path) ? [source, createGunzip(), assertUtf8()] : [source, assertUtf8()];
  // An error of any stage destroys the last with it, which throws it from the loop below.
  pipeline([...stages, parser], () => undefined);
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (cells.length > 1 || cells[0] !== '') yield { line, cells };
      line += linesOf(cells);
    }
  } catch (error) {
    throw unreadable(parsed, error);
  }
}

/** Lets bytes through as they are, as long as they are UTF-8: a wrong decoding would change names silently. */
function assertUtf8(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.decode(chunk, { stream: true });
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        decoder.decode();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
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
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return because(`is not UTF-8, somewhere after line ${line}`, undefined);
    default:
      if (code?.startsWith('Z_') === true) return because(`is not a whole gzip file (${code})`, undefined);
      return code === undefined ? error : because(`cannot be read (${code})`, undefined);
  }
}
