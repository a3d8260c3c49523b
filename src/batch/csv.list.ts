import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { parse } from 'csv-parse';
import { delimiterOf, linesOf } from '../common/index.js';
import { ListUnreadable } from './batch.errors.js';
import { type Held, isPatientId, PatientList } from './patient.list.js';

/**
 * Names of the column with the patient's id, and of the one with the hospital's key, spelt in small letters without
 * spaces, `_` and `-`; the first counts.
 */
const NAMES: Readonly<Record<Held, readonly string[]>> = {
  ids: ['patientid', 'patient', 'id'],
  keys: ['patientkey', 'key'],
};
const CALLED: Readonly<Record<Held, string>> = { ids: 'patient id', keys: 'key' };
const LARGEST_RECORD = 65_536;
/** As much as is looked at to tell what the file is. */
const HEAD = 16_384;
/** Bytes handed to the parser at a time: of the shortest lines a few milliseconds of work. */
const SLICE = 4_096;
/** Milliseconds after which others have their turn. */
const TURN_MS = 10;
/** What else gets sent as a list, by how it begins. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^%PDF/, 'the file is a PDF'],
  [/^PK\x03\x04/, 'the file is a workbook or an archive; save its sheet as CSV'],
  [/^\xd0\xcf\x11\xe0/, 'the file is an old Excel workbook; save its sheet as CSV'],
  [/^\x1f\x8b/, 'the file is compressed; send it as plain text'],
  [/^(?:\xff\xfe|\xfe\xff)/, 'the file is in UTF-16; save it as CSV in UTF-8'],
  [/^(?:\xef\xbb\xbf)?\s*[{[]/, 'the file is JSON; send it as application/json'],
  [/^(?:\xef\xbb\xbf)?\s*</, 'the file is HTML or XML'],
];

/** Which cell of a line holds the id or the key, and whether the first line was a header. */
interface Layout {
  readonly holds: Held;
  readonly column: number;
  readonly hasHeader: boolean;
}

/**
 * Reads a list of patients from a CSV: with or without a byte order mark; commas, semicolons or tabs; any line ends;
 * cells quoted or not. The id stands in a column whose header is `patientId`, `patient_id`, `patient` or `id`, in any
 * case; or it is the only column, with or without that header; or there is a column `patientKey`, `patient_key` or `key`
 * in its place. Blank lines are passed over; a line without an id is noted with its number. Needs memory for the list alone, whatever stands in the other columns.
 *
 * @param source the bytes of the file, as a stream or in pieces
 * @param onBytes is told of every piece of the file that was read
 * @throws ListUnreadable where this is no such list, with the line
 */
export async function readCsvList(
  source: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<PatientList> {
  let list = new PatientList();
  const bytes = textOf(source, onBytes);
  const head = await beginningOf(bytes);
  // Ahead of `line` by what the parser has not handed over yet, which an error discards.
  let parsed = 1;
  let line = 1;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    delimiter: delimiterOf(head),
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LARGEST_RECORD,
    on_record: (cells: string[]) => {
      parsed += linesOf(cells);
      // Each line is the first one: for one of another length than that the parser makes an error, though it is relaxed.
      Object.assign(parser.info, { records: 0 });
      return cells;
    },
  });
  // An error of either stage destroys the last with it, which throws it from the loop below.
  pipeline(inTurns(head, bytes), parser, () => undefined);
  let layout: Layout | undefined;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (cells.every((cell) => cell.trim() === '')) list.pass(line);
      else {
        const isFirst = layout === undefined;
        if (layout === undefined) {
          layout = layoutOf(cells, line);
          list = new PatientList(layout.holds);
        }
        if (!isFirst || !layout.hasHeader) take(list, line, cells, layout);
      }
      line += linesOf(cells);
    }
  } catch (error) {
    throw unreadable(error, parsed);
  }
  if (layout === undefined) throw new ListUnreadable('it is empty');
  if (list.length === 0) throw new ListUnreadable('it has a header and no line below it');
  return list;
}

function take(list: PatientList, line: number, cells: readonly string[], { column }: Layout): void {
  const cell = cells[column];
  if (cell === undefined)
    list.refuse(line, `The line is shorter than the header: it has no ${CALLED[list.holds]}.`);
  else list.add(line, cell);
}

/** @param cells of the first line that is not blank */
function layoutOf(cells: readonly string[], line: number): Layout {
  const names = cells.map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ''));
  const [ids, keys] = [columnOf('ids', names, line), columnOf('keys', names, line)];
  if (ids !== undefined && keys !== undefined)
    throw new ListUnreadable('one column of the header is of patient ids and one of keys; leave one', line);
  if (ids !== undefined) return { holds: 'ids', column: ids, hasHeader: true };
  if (keys !== undefined) return { holds: 'keys', column: keys, hasHeader: true };
  const [only = ''] = cells;
  if (cells.length === 1 && isPatientId(only.trim())) return { holds: 'ids', column: 0, hasHeader: false };
  throw new ListUnreadable(
    'there is no column named patientId, patient_id or id, none named patientKey, patient_key or key, and the line is ' +
      'not a single patient id (a UUID)',
    line,
  );
}

/** The column with the id or the key; undefined where the header has none. */
function columnOf(holds: Held, names: readonly string[], line: number): number | undefined {
  const name = NAMES[holds].find((one) => names.includes(one));
  if (name === undefined) return undefined;
  const column = names.indexOf(name);
  if (names.includes(name, column + 1))
    throw new ListUnreadable(`two columns of the header could be the ${CALLED[holds]}; leave one`, line);
  return column;
}

/** Hands a file on in small pieces, and lets others have their turn in between, however fast it comes. */
async function* inTurns(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let since = performance.now();
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield head;
    yield* rest;
  };
  for await (const chunk of whole())
    for (let at = 0; at < chunk.length; at += SLICE) {
      if (performance.now() - since > TURN_MS) {
        await setImmediate();
        since = performance.now();
      }
      yield chunk.subarray(at, at + SLICE);
    }
}

/** Lets the bytes of a text pass. @throws ListUnreadable at a null byte, which no text has */
async function* textOf(
  source: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let line = 1;
  for await (const chunk of source) {
    onBytes(chunk.length);
    const nul = chunk.indexOf(0);
    if (nul >= 0) yield chunk.subarray(0, nul);
    for (let at = chunk.indexOf(10); at >= 0 && (nul < 0 || at < nul); at = chunk.indexOf(10, at + 1)) line++;
    if (nul >= 0) throw new ListUnreadable('the file is not text: it holds a null byte', line);
    yield chunk;
  }
}

/** As much of the file as tells what it is. @throws ListUnreadable where it is something else */
async function beginningOf(bytes: AsyncGenerator<Buffer>): Promise<Buffer> {
  const begun: Buffer[] = [];
  let failure: unknown;
  for (let length = 0; length < HEAD;) {
    // What it is says more than that it holds a null byte.
    const next = await bytes.next().catch((error: unknown) => void (failure = error));
    if (next === undefined || next.done === true) break;
    begun.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(begun);
  const text = head.toString('latin1', 0, 64);
  const other = OTHERS.find(([beginning]) => beginning.test(text));
  if (other !== undefined) throw new ListUnreadable(other[1], 1);
  if (failure !== undefined) throw unreadable(failure, 1);
  return head;
}

/** The parser's own messages quote what they met. */
function unreadable(error: unknown, line: number): unknown {
  if (error instanceof ListUnreadable) return error;
  const because = (reason: string) => new ListUnreadable(reason, line, { cause: error });
  switch ((error as { code?: unknown }).code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return because('a quote is opened and never closed');
    case 'CSV_INVALID_CLOSING_QUOTE':
      return because('a quote is closed in the middle of a cell, or one before it never was');
    case 'CSV_MAX_RECORD_SIZE':
      return because('a line is longer than 64 kB: probably a quote that is never closed');
    case 'ERR_STREAM_PREMATURE_CLOSE':
    case 'ECONNRESET':
      return because('the list ended before it was whole');
    default:
      return error;
  }
}
