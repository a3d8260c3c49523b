import { isConnectionLost, isSessionRefused, sqlstateOf } from './sqlstate.js';

/**
 * What keeps the database from doing its work: a code for programs, and what it is for people, said behind a subject.
 * Neither quotes the database, so that both may be shown to anybody (RELIABILITY rule 31).
 */
export const OBSTACLES = {
  DATABASE_NOT_OPENED: 'has not been opened yet; /health/ready says why',
  DATABASE_UNREACHABLE: 'cannot be reached',
  CONNECTION_REFUSED: 'refuses the login of the service, or its right to connect',
  DATABASE_MISSING: 'is not there: the server has no database of this name',
  TOO_MANY_CONNECTIONS:
    'has no connection left for the service: the limit of the server or of the pool is reached',
  TIMED_OUT: 'did not answer in time',
  LOCKED: 'is locked: another session held a row or a table that is needed, longer than a lock is waited for',
  CONFLICT: 'met a conflict with another transaction',
  READ_ONLY: 'is read-only: it is a standby, or was told so',
  PRIVILEGE_MISSING: 'does not let the role of the service do what a deletion needs',
  DISK_FULL: 'has no space left on its disk',
  SESSION_REFUSED: 'has settings under which nothing is deleted; the log names them',
  STATEMENT_FAILED: 'failed at a statement that a deletion needs',
} as const;

export type Obstacle = keyof typeof OBSTACLES;

/** What pg-pool says where all connections were at work for too long. */
const POOL_IS_BUSY = 'timeout exceeded when trying to connect';

const BY_SQLSTATE: readonly (readonly [RegExp, Obstacle])[] = [
  [/^(28...|08004)$/, 'CONNECTION_REFUSED'],
  [/^(3D000|57P04)$/, 'DATABASE_MISSING'],
  [/^53300$/, 'TOO_MANY_CONNECTIONS'],
  [/^(40001|40P01)$/, 'CONFLICT'],
  [/^(08...|57P0[1235]|25P0[34])$/, 'DATABASE_UNREACHABLE'],
  [/^57014$/, 'TIMED_OUT'],
  [/^55P03$/, 'LOCKED'],
  [/^25006$/, 'READ_ONLY'],
  [/^42501$/, 'PRIVILEGE_MISSING'],
  [/^53100$/, 'DISK_FULL'],
];

/** What an error of the database comes down to: by SQLSTATE, never by its message (RELIABILITY rule 15). */
export function obstacleOf(error: unknown): Obstacle {
  if (isSessionRefused(error)) return 'SESSION_REFUSED';
  const sqlstate = sqlstateOf(error);
  if (sqlstate !== undefined)
    return BY_SQLSTATE.find(([pattern]) => pattern.test(sqlstate))?.[1] ?? 'STATEMENT_FAILED';
  if (error instanceof Error && error.message === POOL_IS_BUSY) return 'TOO_MANY_CONNECTIONS';
  return isConnectionLost(error) ? 'DATABASE_UNREACHABLE' : 'STATEMENT_FAILED';
}
