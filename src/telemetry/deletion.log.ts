import { Injectable, Logger } from '@nestjs/common';
import {
  type Answered,
  type Deleted,
  DELETION,
  DESTRUCTION,
  type DestructionAnswer,
  DeletionVetoed,
  type Held,
  HOLD_PLACEMENT,
  HOLD_RELEASE,
  REQUEST_CLOSING,
  REQUEST_EXTENSION,
  REQUEST_RECORDING,
  RESTORATION,
  DestructionRefused,
  RestorationRefused,
  type Restored,
} from '../orchestrator/index.js';
import { ActionFailed, type Run, type RunEnd, type RunObserver } from '../protocol/index.js';

/** Outcomes with which the service has failed, rather than refused or been kept waiting. */
const BROKEN = new Set(['SHARD_FAILED', 'DEMOGRAPHICS_NOT_DELETED', 'INTERNAL_ERROR']);

const HOLDS = [HOLD_PLACEMENT, HOLD_RELEASE];
const REQUESTS = [REQUEST_RECORDING, REQUEST_EXTENSION, REQUEST_CLOSING];
const NAMES = new Set([DELETION, RESTORATION, DESTRUCTION, ...HOLDS, ...REQUESTS]);

/**
 * One line at the end of each deletion, restoration and destruction, of each legal hold that is placed or released, and of each data
 * subject's request that is recorded or answered. It carries the request id, as the line of the HTTP request does, and the
 * id of the deletion, as the audit event does, of the hold, or of the data subject's request; it names nobody.
 */
@Injectable()
export class DeletionLog implements RunObserver {
  private readonly log = new Logger('Deletion');

  ended({ name, ids }: Run, { outcome, milliseconds, result, error }: RunEnd): void {
    if (!NAMES.has(name)) return;
    const line = { requestId: ids['requestId'], outcome, ms: Math.round(milliseconds * 10) / 10 };
    if (error === undefined) {
      this.log.log(name, { ...line, ...doneOf(name, result) });
      return;
    }
    const about = Object.fromEntries(Object.entries(ids).filter(([name]) => name !== 'patientId'));
    const whole = { ...about, ...line, ...detailsOf(error) };
    if (BROKEN.has(outcome)) this.log.error(name, whole);
    else this.log.warn(name, whole);
  }
}

/** What a repeat is answered with is the first one, whose id is the one that exists. */
function doneOf(name: string, result: unknown): object {
  if (HOLDS.includes(name)) return { holdId: (result as Held).hold.holdId };
  if (REQUESTS.includes(name)) return { erasureRequestId: (result as Answered).request.erasureRequestId };
  const { deletionId, totalRows } =
    name === DESTRUCTION ? (result as DestructionAnswer) : (result as Deleted | Restored).answer;
  return { deletionId, totalRows };
}

function detailsOf(error: unknown): object {
  if (error instanceof DeletionVetoed) return { code: error.code, vetoes: codesOf(error) };
  if (error instanceof DestructionRefused)
    return { code: error.code, refusal: error.refusal, vetoes: codesOf(error) };
  if (error instanceof RestorationRefused)
    return { code: error.code, refusal: error.refusal, vetoes: codesOf(error), ...error.point };
  if (error instanceof ActionFailed) return { code: error.code, ...error.point };
  return { code: (error as { code?: unknown }).code };
}

/** Without their details, which are for people. */
function codesOf({ blockers }: DeletionVetoed | RestorationRefused | DestructionRefused): object[] {
  return blockers.map(({ shard, code }) => ({ shard, code }));
}
