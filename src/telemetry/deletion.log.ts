import { Injectable, Logger } from '@nestjs/common';
import { DeletionFailed } from '../protocol/index.js';
import { DeletionVetoed } from '../orchestrator/index.js';
import { type DeletionAnswer } from '../orchestrator/index.js';
import { outcomeOf, type Run, type RunEnd, StepObserver } from '../protocol/index.js';

/** Outcomes with which the service has failed, rather than refused or been kept waiting. */
const BROKEN = new Set(['SHARD_FAILED', 'DEMOGRAPHICS_NOT_DELETED', 'INTERNAL_ERROR']);

/**
 * One line at the end of each deletion. It carries the request id, as the line of the request does, and the deletion
 * id, as the audit event does; it names nobody.
 */
@Injectable()
export class DeletionLog extends StepObserver {
  private readonly log = new Logger('Deletion');

  override ended({ act, deletionId, requestId }: Run, end: RunEnd): void {
    if (act !== 'deletion') return;
    const outcome = outcomeOf(end);
    const line = { deletionId, requestId, outcome, ms: Math.round(end.milliseconds * 10) / 10 };
    if ('result' in end) {
      const { answer } = end.result as { answer: DeletionAnswer };
      // A repeat is answered with the first deletion, whose id is the one that exists.
      this.log.log('deletion', { ...line, deletionId: answer.deletionId, totalRows: answer.totalRows });
      return;
    }
    const whole = { ...line, ...detailsOf(end.error) };
    if (BROKEN.has(outcome)) this.log.error('deletion', whole);
    else this.log.warn('deletion', whole);
  }
}

function detailsOf(error: unknown): object {
  if (error instanceof DeletionVetoed)
    return { code: error.code, vetoes: error.blockers.map(({ shard, code }) => ({ shard, code })) };
  if (error instanceof DeletionFailed) return { code: error.code, ...error.point };
  return { code: (error as { code?: unknown }).code };
}
