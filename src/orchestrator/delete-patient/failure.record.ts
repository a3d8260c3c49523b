import type { AuditRepository } from '../../audit/index.js';
import type { SilgiError } from '../../common/index.js';
import { ActionFailed, type Action, OutcomePending } from '../../protocol/index.js';
import { DeletionVetoed } from './deletion.errors.js';
import type { Deletion } from './deletion.js';
import { FAILURE_RECORD_STEPS } from './deletion.steps.js';

/** Whether an attempt ended so that it is recorded: it was vetoed or rolled back, and that is known. */
export function isRecorded(error: unknown): error is SilgiError {
  if (error instanceof OutcomePending) return false;
  // Where there was no connection there is none to record it on.
  if (error instanceof ActionFailed) return error.point.step !== 'connect';
  return error instanceof DeletionVetoed;
}

/** The audit event of an attempt that was rolled back (RELIABILITY rule 13). */
export function failureRecord(
  audit: AuditRepository,
  deletion: Deletion,
  error: SilgiError,
): Action<void, keyof typeof FAILURE_RECORD_STEPS> {
  return {
    name: 'failure record',
    ids: deletion.ids,
    home: 'patient',
    steps: FAILURE_RECORD_STEPS,
    isExempt: true,
    work: (tx) => tx.step('audit failure', (m) => audit.append(m, deletion.failureEvent(error))),
    hasCommitted: () => Promise.resolve(true),
  };
}
