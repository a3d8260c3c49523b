import { DeletionVetoed } from '../orchestrator/index.js';
import { OutcomePending, ShardUnavailable } from '../protocol/index.js';
import { PatientAlreadyDeleted, PatientNotFound, RequestInProgress } from '../patient/index.js';
import { SilgiError, verdictOn } from '../common/index.js';
import type { DeletionAnswer, DeletionPreview } from '../orchestrator/index.js';
import type { Outcome } from './batch.states.js';

/** Tries of one line that a database which does not answer may cost. */
const MOST_ATTEMPTS = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** A line has come to its end, or is put back into the queue. */
export type ItemEnd =
  | {
      readonly kind: 'over';
      readonly state: Outcome;
      readonly code?: string;
      readonly detail?: string;
      readonly deletionId?: string | null;
      readonly totalRows?: number;
    }
  | {
      readonly kind: 'later';
      readonly waitMs: number;
      /** Whether it counts as a try. */
      readonly isAttempt: boolean;
      readonly code?: string;
    };

export function ofDeletion({ deletionId, totalRows }: DeletionAnswer): ItemEnd {
  return { kind: 'over', state: 'DELETED', deletionId, totalRows };
}

export function ofPreview(preview: DeletionPreview): ItemEnd {
  if (!preview.ready) return ofError(new DeletionVetoed(preview.blockers), MOST_ATTEMPTS);
  return { kind: 'over', state: 'WOULD_DELETE', totalRows: preview.totalRows };
}

/** For a line that was taken and not begun. */
export const NOT_BEGUN: ItemEnd = { kind: 'later', waitMs: 0, isAttempt: false };

/**
 * What an error means for a line. After all of them nothing of the patient has changed, but where the outcome of the
 * commit is not known; and that the next try tells, by the same key.
 *
 * @param attempts tries so far, this one included
 */
export function ofError(error: unknown, attempts: number): ItemEnd {
  if (error instanceof PatientNotFound) return { kind: 'over', state: 'NOT_FOUND', code: error.code };
  if (error instanceof PatientAlreadyDeleted)
    return { kind: 'over', state: 'ALREADY_DELETED', code: error.code, deletionId: error.deletionId };
  if (error instanceof DeletionVetoed) {
    const { code, blockers } = error;
    const why = blockers.map((blocker) => `${blocker.code} (${blocker.shard}): ${blocker.detail}`).join(' ');
    return { kind: 'over', state: 'VETOED', code, detail: `${why} Nothing was changed.` };
  }
  const code = error instanceof SilgiError ? error.code : 'INTERNAL_ERROR';
  if (isPassing(error) && attempts < MOST_ATTEMPTS)
    return { kind: 'later', waitMs: waitAfter(attempts), isAttempt: true, code };
  const detail =
    error instanceof SilgiError
      ? error.message
      : 'An unexpected error, which the log has. Whether the patient is deleted is not known: a retry of the line tells.';
  return { kind: 'over', state: 'FAILED', code, detail };
}

/** Whether the next try may end otherwise. */
function isPassing(error: unknown): boolean {
  if (error instanceof SilgiError)
    return (
      error instanceof ShardUnavailable ||
      error instanceof OutcomePending ||
      error instanceof RequestInProgress
    );
  return verdictOn(error) !== 'FAILED';
}

/** Twice as long each time, and never in step with others. */
function waitAfter(attempts: number): number {
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  return Math.round(longest * (0.5 + Math.random() / 2));
}
