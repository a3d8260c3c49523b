import { setTimeout as pause } from 'node:timers/promises';
import { sqlstateOf } from '../common/index.js';
import type { AlteringSession } from '../postgres/index.js';
import type { PlanLine } from './plan.line.js';

/** Not had in time, or two who waited for each other: asked for again. */
const LOCK_NOT_HAD = new Set(['55P03', '40P01']);
/**
 * The server's function that fails where two change the same object at once, such as a service that brings its roles in
 * line as it starts: it has no SQLSTATE of its own.
 */
const UPDATED_AT_ONCE = 'simple_heap_update';
const LOCK_LIMIT_MS = 600_000;
const LOCK_INTERVAL_MS = 500;
/** What a key that is validated meets: a row that leads nowhere. */
const FOREIGN_KEY_VIOLATION = '23503';

/** What became of a line. */
export type LineState = 'there' | 'made' | 'taken away' | 'not there' | 'left';

/** A line that could not be made or taken away; those before it are, and the next run goes on from here. */
export class LineFailed extends Error {
  override readonly name = 'LineFailed';

  constructor(
    readonly what: string,
    why: string,
    options: ErrorOptions,
  ) {
    super(`${what}: ${why}`, options);
  }
}

/** Told of each line, as it begins and as it ends. */
export interface LineWatcher {
  begins(line: PlanLine, index: number, of: number): void;
  ends(line: PlanLine, state: LineState, why?: string): void;
}

/** Whether what a line makes is there. */
export async function isThere(session: AlteringSession, line: PlanLine): Promise<boolean> {
  const [found] = await session.query<{ there: boolean | null }>(`SELECT ${line.isThere} AS there`);
  return found?.there === true;
}

/**
 * Makes what is not there, line by line, each in a transaction of its own unless it cannot run in one: a run that is
 * interrupted at any place is brought to its end by the next.
 *
 * @throws LineFailed
 */
export async function makeLines(
  session: AlteringSession,
  lines: readonly PlanLine[],
  watcher: LineWatcher,
  signal?: AbortSignal,
): Promise<void> {
  for (const [index, line] of lines.entries()) {
    signal?.throwIfAborted();
    watcher.begins(line, index, lines.length);
    if (await isThere(session, line)) {
      watcher.ends(line, 'there');
      continue;
    }
    try {
      await underShortLocks(session, line, line.make, signal);
      watcher.ends(line, 'made');
    } catch (error) {
      if (line.mayFail === undefined || sqlstateOf(error) !== FOREIGN_KEY_VIOLATION)
        throw failed(line, error);
      watcher.ends(line, 'left', line.mayFail);
    }
  }
}

/** Takes away what is there, the last line first. @throws LineFailed */
export async function takeLinesAway(
  session: AlteringSession,
  lines: readonly PlanLine[],
  watcher: LineWatcher,
  signal?: AbortSignal,
): Promise<void> {
  const backwards = [...lines].reverse().filter(({ undo }) => undo.length > 0);
  for (const [index, line] of backwards.entries()) {
    signal?.throwIfAborted();
    watcher.begins(line, index, backwards.length);
    if (!(await isThere(session, line))) {
      watcher.ends(line, 'not there');
      continue;
    }
    try {
      await underShortLocks(session, line, line.undo, signal);
    } catch (error) {
      throw failed(line, error);
    }
    watcher.ends(line, 'taken away');
  }
}

/** A lock that is not had within 300 ms is let go and asked for again, so that nobody waits behind a wait. */
async function underShortLocks(
  session: AlteringSession,
  line: PlanLine,
  statements: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      await run(session, line, statements);
      return;
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
    }
    await pause(LOCK_INTERVAL_MS, undefined, { ...(signal && { signal }) });
  }
}

function isPassing(error: unknown): boolean {
  const { routine } = error as { routine?: unknown };
  return LOCK_NOT_HAD.has(sqlstateOf(error) ?? '') || routine === UPDATED_AT_ONCE;
}

async function run(session: AlteringSession, line: PlanLine, statements: readonly string[]): Promise<void> {
  if (line.concurrently === true) {
    // It waits for others, and nobody waits for it.
    await session.query("SET lock_timeout = '0'");
    try {
      for (const statement of statements) await session.query(statement);
    } finally {
      await session.query("SET lock_timeout = '300ms'").catch(() => undefined);
    }
    return;
  }
  await session.query('START TRANSACTION');
  try {
    for (const statement of statements) await session.query(statement);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function failed(line: PlanLine, cause: unknown): LineFailed {
  const sqlstate = sqlstateOf(cause);
  const said = cause instanceof Error ? cause.message.split('\n', 1)[0] : '';
  const why = sqlstate === '55P03' ? 'the lock was not to be had; who holds it is in pg_locks' : said;
  return new LineFailed(line.what, `${why ?? ''}${sqlstate === undefined ? '' : ` (SQLSTATE ${sqlstate})`}`, {
    cause,
  });
}
