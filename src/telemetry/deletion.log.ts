import { Injectable, Logger } from '@nestjs/common';
import {
  type Deleted,
  DELETION,
  DeletionVetoed,
  type Held,
  HOLD_PLACEMENT,
  HOLD_RELEASE,
  RESTORATION,
  RestorationRefused,
  type Restored,
} from '../orchestrator/index.js';
import { ActionFailed, type Run, type RunEnd, type RunObserver } from '../protocol/index.js';

/** Outcomes with which the service has failed, rather than refused or been kept waiting. */
const BROKEN = new Set(['SHARD_FAILED', 'DEMOGRAPHICS_NOT_DELETED', 'INTERNAL_ERROR']);

const NAMES = new Set([DELETION, RESTORATION, HOLD_PLACEMENT, HOLD_RELEASE]);

/**
 * One line at the end of each deletion and restoration, and of each legal hold that is placed or released. It carries the
 * request id, as the line of the request does, and the id of the deletion, as the audit event does, or of the hold; it
 * names nobody.
 */
@Injectable()
export class DeletionLog implements RunObserver {
  private readonly log = new Logger('Deletion');

  ended({ name, ids }: Run, { outcome, milliseconds, result, error }: RunEnd): void {
    if (!NAMES.has(name)) return;
    const { deletionId, holdId, requestId } = ids;
    const about = holdId === undefined ? { deletionId } : { holdId };
    const line = { ...about, requestId, outcome, ms: Math.round(milliseconds * 10) / 10 };
    if (error === undefined && holdId !== undefined) {
      const { hold } = result as Held;
      this.log.log(name, { ...line, holdId: hold.holdId });
      return;
    }
    if (error === undefined) {
      const { answer } = result as Deleted | Restored;
      // A repeat is answered with the first deletion, whose id is the one that exists.
      this.log.log(name, { ...line, deletionId: answer.deletionId, totalRows: answer.totalRows });
      return;
    }
    const whole = { ...line, ...detailsOf(error) };
    if (BROKEN.has(outcome)) this.log.error(name, whole);
    else this.log.warn(name, whole);
  }
}

function detailsOf(error: unknown): object {
  if (error instanceof DeletionVetoed) return { code: error.code, vetoes: codesOf(error) };
  if (error instanceof RestorationRefused)
    return { code: error.code, refusal: error.refusal, vetoes: codesOf(error), ...error.point };
  if (error instanceof ActionFailed) return { code: error.code, ...error.point };
  return { code: (error as { code?: unknown }).code };
}

/** Without their details, which are for people. */
function codesOf({ blockers }: DeletionVetoed | RestorationRefused): object[] {
  return blockers.map(({ shard, code }) => ({ shard, code }));
}
