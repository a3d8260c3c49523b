/** What the text of a cell becomes; null where the cell is empty. */
export type CellValue = string | number | null;

/** A cell does not hold what its column is for. The message is a reason without the cell's content. */
export class CellProblem extends Error {
  override readonly name = 'CellProblem';
}

/** A column of a Synthea file, known by its header. */
export interface Cell {
  /** In capitals; headers are compared without regard to case. */
  readonly header: string;
  /** @throws CellProblem */
  readonly parse: (text: string) => CellValue;
  /** Whether an empty cell is a problem. */
  readonly required: boolean;
  /** Not written by the oldest versions of Synthea that are read: the header may be missing, the cell is empty then. */
  readonly absentInOld: boolean;
  /** Written by newer versions of Synthea only: the header may be missing, and it has no part in a row's id. */
  readonly newer: boolean;
  /** What older versions of Synthea wrote in its place, under a name or in a form of its own. */
  readonly former?: Cell;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const YEAR = /^\d{4}$/;
/** Java's largest time, which Synthea writes for what has no end: as a date, as a timestamp, in any time zone. */
const NO_END = /^\+?292278994-08-1[678](?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)?$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
/** Of a timestamp that exists in every month and year. */
const ON_EVERY_CALENDAR =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d/;
const INTEGER = /^[+-]?\d{1,10}$/;
const DECIMAL = /^[+-]?(?:\d{1,100}(?:\.\d{0,100})?|\.\d{1,100})(?:[eE][+-]?\d{1,3})?$/;
const LARGEST_INTEGER = 2_147_483_647;

/** Whether a text is a UUID in its usual form. Synthea's are random bits without a version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export const text = (header: string): Cell => cell(header, parseText);
export const uuid = (header: string): Cell => cell(header, parseUuid);
/** `YYYY-MM-DD`. */
export const date = (header: string): Cell => cell(header, parseDate);
/** `YYYY-MM-DDThh:mm:ssZ`, with or without fractions of a second; a day alone, as Synthea 1 writes, is its beginning. */
export const timestamp = (header: string): Cell => cell(header, parseTimestamp);
/** A year, as the first second of it. */
export const yearBegin = (header: string): Cell =>
  cell(header, (given) => `${parseYear(given)}-01-01T00:00:00Z`);
/** A year, as the last second of it. */
export const yearEnd = (header: string): Cell =>
  cell(header, (given) => `${parseYear(given)}-12-31T23:59:59Z`);
/** A whole number of 32 bits. */
export const integer = (header: string): Cell => cell(header, parseInteger);
/** A number of any precision; stays text, so that no digit is lost. */
export const decimal = (header: string): Cell => cell(header, parseDecimal);
/** A number of double precision. */
export const double = (header: string): Cell => cell(header, (given) => Number(parseDecimal(given)));

/** The same column, in which an empty cell is a problem. */
export const required = (column: Cell): Cell => ({ ...column, required: true });
/** The same time, which may be open: what Synthea writes for "no end" is null. */
export const open = (column: Cell): Cell => ({
  ...column,
  parse: (given) => (NO_END.test(given) ? null : column.parse(given)),
});
/** The same column, which the oldest versions of Synthea do not write. */
export const absentInOld = (column: Cell): Cell => ({ ...column, absentInOld: true });
/** The same column, in whose place older versions of Synthea wrote another one. */
export const formerly = (column: Cell, former: Cell): Cell => ({ ...column, former });
/** The same column, known to be written by newer versions of Synthea only. */
export const newer = (column: Cell): Cell => ({ ...column, newer: true });

function cell(header: string, parse: Cell['parse']): Cell {
  return { header, parse, required: false, absentInOld: false, newer: false };
}

function parseText(given: string): string {
  if (given.includes('\0')) throw new CellProblem('holds a NUL character, which cannot be stored');
  return given;
}

function parseUuid(given: string): string {
  if (!UUID.test(given)) throw new CellProblem('is not a UUID');
  return given.toLowerCase();
}

function parseDate(given: string): string {
  if (!DATE.test(given)) throw new CellProblem('is not a date such as 2024-05-31');
  assertOnCalendar(`${given}T00:00:00Z`);
  return given;
}

function parseYear(given: string): string {
  if (!YEAR.test(given) || given === '0000') throw new CellProblem('is not a year such as 2024');
  return given;
}

function parseTimestamp(given: string): string {
  if (DATE.test(given)) return `${parseDate(given)}T00:00:00Z`;
  if (!TIMESTAMP.test(given)) throw new CellProblem('is not a UTC timestamp such as 2024-05-31T08:30:00Z');
  assertOnCalendar(given);
  return given;
}

/** JavaScript takes 30 February for 1 March, and knows a year 0 that PostgreSQL does not. */
function assertOnCalendar(timestamp: string): void {
  if (ON_EVERY_CALENDAR.test(timestamp)) return;
  const time = Date.parse(timestamp);
  const exists = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === timestamp.slice(0, 19);
  if (!exists || timestamp.startsWith('0000')) throw new CellProblem('is a time that does not exist');
}

function parseInteger(given: string): number {
  const value = Number(given);
  if (!INTEGER.test(given) || Math.abs(value) > LARGEST_INTEGER)
    throw new CellProblem('is not a whole number of 32 bits');
  return value;
}

function parseDecimal(given: string): string {
  if (!DECIMAL.test(given) || !Number.isFinite(Number(given)))
    throw new CellProblem('is not a number such as 1234.56');
  return given;
}
