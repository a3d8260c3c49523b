import {
  ConnectionIsNotSetError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { SessionRefused, TableFailure } from './silgi.errors.js';

/** What the protocol does about an error of the database; decided by SQLSTATE, never by message or name. */
export type DatabaseVerdict = 'RETRY' | 'UNAVAILABLE' | 'FAILED';

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** serialization_failure and deadlock_detected: the whole unit may run again (RELIABILITY rule 10). */
const RETRYABLE = new Set(['40001', '40P01']);
/**
 * Lock and statement timeouts, idle and transaction timeouts, shutdown, too many clients, read-only server; a login that
 * is refused, and a database that is not there or is being dropped.
 */
const UNAVAILABLE = new Set([
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '57P04',
  '57P05',
  '25P03',
  '25P04',
  '53300',
  '25006',
  '28000',
  '28P01',
  '3D000',
]);
/** What Node and the drivers say when no server answered: none of these carries a SQLSTATE. */
const CONNECTION_LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What TypeORM throws on a connection that it has given up, or has not opened yet. */
const RELEASED = [
  ConnectionIsNotSetError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
];
/** pg and pg-pool give these no code of their own. */
const SAID_BY_PG =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Driver not Connected)/;

/** The chain from an error down its `driverError` or `cause`. */
function* chain(error: unknown): Generator<Record<string, unknown>> {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 10; depth++) {
    const link = at as Record<string, unknown>;
    yield link;
    at = link['driverError'] ?? link['cause'];
  }
}

/** The SQLSTATE that the server sent, or undefined where no server answered. */
export function sqlstateOf(error: unknown): string | undefined {
  for (const { code } of chain(error)) {
    if (typeof code === 'string' && SQLSTATE.test(code) && !CONNECTION_LOST.has(code)) return code;
  }
  return undefined;
}

/** The table of a failed statement: the one being written, else the one that the server names, with its schema. */
export function tableOf(error: unknown): { readonly table: string; readonly schema?: string } | undefined {
  for (const link of chain(error)) {
    const { table, schema } = link;
    if (typeof table !== 'string') continue;
    if (link instanceof TableFailure) return { table };
    if ('severity' in link) return typeof schema === 'string' ? { table, schema } : { table };
  }
  return undefined;
}

/** Whether the connection is gone or was never had, so that the server itself ends the transaction. */
export function isConnectionLost(error: unknown): boolean {
  const sqlstate = sqlstateOf(error);
  if (sqlstate !== undefined) {
    return sqlstate.startsWith('08') || /^57P0[1-5]$/.test(sqlstate) || /^25P0[34]$/.test(sqlstate);
  }
  return [...chain(error)].some(
    (link) =>
      (typeof link['code'] === 'string' && CONNECTION_LOST.has(link['code'])) ||
      RELEASED.some((type) => link instanceof type) ||
      (typeof link['message'] === 'string' && SAID_BY_PG.test(link['message'])),
  );
}

/** Whether a session was to be had, but not one that may be used (RELIABILITY rule 29). */
export function isSessionRefused(error: unknown): boolean {
  return [...chain(error)].some((link) => link instanceof SessionRefused);
}

/** What to do about an error of the database (RELIABILITY rule 10). */
export function verdictOn(error: unknown): DatabaseVerdict {
  const sqlstate = sqlstateOf(error);
  if (sqlstate !== undefined && RETRYABLE.has(sqlstate)) return 'RETRY';
  if (sqlstate !== undefined && UNAVAILABLE.has(sqlstate)) return 'UNAVAILABLE';
  return isConnectionLost(error) || isSessionRefused(error) ? 'UNAVAILABLE' : 'FAILED';
}

/** Whether a text has a character that the encoding of the database does not have (22P05, untranslatable_character). */
export function isNotInEncoding(error: unknown): boolean {
  return sqlstateOf(error) === '22P05';
}
