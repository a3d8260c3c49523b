import type { AuditEvent, AuditRepository } from '../audit/index.js';
import type { SilgiError } from '../common/index.js';
import { ActionFailed, type Action, declareSteps, OutcomePending, type RunIds } from '../protocol/index.js';
import { DeletionVetoed } from './delete-patient/deletion.errors.js';
import { RestorationRefused } from './restore-patient/restoration.errors.js';

/** The steps that record a failed attempt after its rollback, in a transaction of their own. */
const FAILURE_RECORD_STEPS = declareSteps({
  'audit failure': { phase: 'COMMIT', shard: 'audit' },
});

/** An attempt, and the event of its failure. */
export interface Attempt {
  readonly ids: RunIds;
  failureEvent(error: SilgiError): Readonly<AuditEvent>;
}

/** Whether an attempt ended so that it is recorded: it was vetoed, refused or rolled back, and that is known. */
export function isRecorded(error: unknown): error is SilgiError {
  if (error instanceof OutcomePending) return false;
  // Where there was no connection there is none to record it on.
  if (error instanceof ActionFailed) return error.point.step !== 'connect';
  return error instanceof DeletionVetoed || error instanceof RestorationRefused;
}

/** The audit event of an attempt that was rolled back (RELIABILITY rule 13). */
export function failureRecord(
  audit: AuditRepository,
  attempt: Attempt,
  error: SilgiError,
): Action<void, keyof typeof FAILURE_RECORD_STEPS> {
  return {
    name: 'failure record',
    ids: attempt.ids,
    home: 'patient',
    steps: FAILURE_RECORD_STEPS,
    isExempt: true,
    work: (tx) => tx.step('audit failure', (m) => audit.append(m, attempt.failureEvent(error))),
    hasCommitted: () => Promise.resolve(true),
  };
}
