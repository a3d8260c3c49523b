import { types } from 'node:util';
import { TypeORMError } from 'typeorm';
import { isConnectionLost } from '../common/index.js';

/** An error as the log keeps it. */
export interface LoggedError {
  readonly name: string;
  /** Only where the text is of our own making or of the network: any other may quote the values of a row. */
  readonly message?: string;
  /** SQLSTATE, or the code of Node or of the contract. */
  readonly code?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly constraint?: string;
  /** The server's own function that raised it: tells apart what shares a SQLSTATE. */
  readonly routine?: string;
  readonly point?: unknown;
  /** Places in our own code, innermost first. */
  readonly at?: readonly string[];
  readonly cause?: LoggedError;
  readonly errors?: readonly LoggedError[];
  readonly suppressed?: readonly LoggedError[];
}

const BUILT_IN = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
]);
const MAX_DEPTH = 8;
const MAX_FRAMES = 8;

/**
 * Turns an error with everything behind it into what may be logged: never a query, its parameters, or a text
 * of the database, all of which may hold patient data (RELIABILITY rule 28, API.md).
 */
export function loggableError(error: unknown, depth = 0): LoggedError {
  if (!isError(error)) return { name: typeof error };
  const { name, message, code, schema, table, constraint, routine, point } = error;
  const { cause, driverError, errors, suppressed } = error;
  const deeper = (behind: unknown) => loggableError(behind, depth + 1);
  const behind = driverError ?? cause;
  const descend = depth < MAX_DEPTH;
  return {
    name,
    ...(isDiscreet(error) && { message }),
    ...texts({ code, schema, table, constraint, routine }),
    ...(point !== undefined && { point }),
    ...framesOf(error),
    ...(descend && behind !== undefined && { cause: deeper(behind) }),
    ...(descend && Array.isArray(errors) && { errors: errors.map(deeper) }),
    ...(descend &&
      Array.isArray(suppressed) &&
      suppressed.length > 0 && { suppressed: suppressed.map(deeper) }),
  };
}

/** What the language, Node, the database and its libraries say of a fault repeats what they were given. */
function isDiscreet(error: Error & Record<string, unknown>): boolean {
  if (error.driverError !== undefined || 'severity' in error) return false;
  if (isConnectionLost(error) || typeof error.syscall === 'string') return true;
  return !BUILT_IN.has(error.constructor.name) && !(error instanceof TypeORMError);
}

/** Also one of another realm, such as those of Node's own fetch under a test runner. */
function isError(value: unknown): value is Error & Record<string, unknown> {
  return value instanceof Error || types.isNativeError(value);
}

function texts(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}

/** Only the lines that name a place: the first lines of a stack repeat the message. */
function framesOf(error: Error): { at?: string[] } {
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node_modules|node:/.test(line))
    .map((line) => line.trim().slice('at '.length));
  return frames.length === 0 ? {} : { at: frames.slice(0, MAX_FRAMES) };
}
