import { Injectable, Logger } from '@nestjs/common';
import {
  type Deleted,
  DELETION,
  DeletionVetoed,
  RESTORATION,
  RestorationRefused,
  type Restored,
} from '../orchestrator/index.js';
import { ActionFailed, type Run, type RunEnd, type RunObserver } from '../protocol/index.js';

/** Outcomes with which the service has failed, rather than refused or been kept waiting. */
const BROKEN = new Set(['SHARD_FAILED', 'DEMOGRAPHICS_NOT_DELETED', 'INTERNAL_ERROR']);

/**
 * One line at the end of each deletion, and of each restoration. It carries the request id, as the line of the request does, and the deletion
 * id, as the audit event does; it names nobody.
 */
@Injectable()
export class DeletionLog implements RunObserver {
  private readonly log = new Logger('Deletion');

  ended({ name, ids }: Run, { outcome, milliseconds, result, error }: RunEnd): void {
    if (name !== DELETION && name !== RESTORATION) return;
    const { deletionId, requestId } = ids;
    const line = { deletionId, requestId, outcome, ms: Math.round(milliseconds * 10) / 10 };
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
