import { CommanderError } from 'commander';
import { CommandFailed, sqlstateOf, verdictOn } from '../common/index.js';
import { ConfigurationError } from '../config/index.js';

const FAILED = 1;
const USAGE = 2;
/** Never that of a verdict: whoever reads it knows that nothing was found out. */
export const EXIT_CRASHED = 4;

/** Thrown by JavaScript itself where the program is wrong or its memory ends, not by us. */
const DEFECTS = [RangeError, ReferenceError, SyntaxError, TypeError];

/** With which code a command ends that has thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof CommandFailed) return error.exitCode;
  if (error instanceof ConfigurationError) return USAGE;
  return isCrash(error) ? EXIT_CRASHED : FAILED;
}

/** The database's own words may quote the values of a row. */
export function messageOf(error: unknown): string {
  const sqlstate = sqlstateOf(error);
  if (typeof error === 'object' && error !== null && 'driverError' in error && sqlstate !== undefined)
    return `The database refused a statement (SQLSTATE ${sqlstate}): it has changed nothing, and what was committed before it stays.`;
  if (isCrash(error))
    return `The command itself failed: a defect of Silgi, and no result. What was committed before it stays. ${String(error)}`;
  return (error as Error).message;
}

function isCrash(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return verdictOn(error) === 'FAILED' && DEFECTS.some((kind) => error instanceof kind);
}
