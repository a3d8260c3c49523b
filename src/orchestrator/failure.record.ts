import { Injectable, Logger } from '@nestjs/common';
import { type AuditEvent, AuditRepository } from '../audit/index.js';
import type { SilgiError } from '../common/index.js';
import {
  ActionFailed,
  type Action,
  declareSteps,
  OutcomePending,
  type RunIds,
  Transactions,
} from '../protocol/index.js';
import { DeletionVetoed } from './delete-patient/deletion.errors.js';
import { DestructionRefused } from './destroy-patient/destruction.errors.js';
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
function isRecorded(error: unknown): error is SilgiError {
  if (error instanceof OutcomePending) return false;
  // Where there was no connection there is none to record it on.
  if (error instanceof ActionFailed) return error.point.step !== 'connect';
  // What is not due yet is asked for again and again.
  if (error instanceof DestructionRefused) return error.refusal === 'VETOED';
  return error instanceof DeletionVetoed || error instanceof RestorationRefused;
}

/** The audit event of an attempt that was rolled back (RELIABILITY rule 13). */
function failureRecord(
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

/** Records attempts that failed. */
@Injectable()
export class FailedAttempts {
  private readonly log = new Logger(FailedAttempts.name);

  constructor(
    private readonly audit: AuditRepository,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Runs an attempt; where it fails so that this is recorded, it is, and the error is thrown on. A failure of the record
   * itself is logged and hides nothing (RELIABILITY rule 13).
   */
  async recording<Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isRecorded(error)) await this.record(attempt, error);
      throw error;
    }
  }

  private async record(attempt: Attempt, error: SilgiError): Promise<void> {
    try {
      await this.transactions.commit(failureRecord(this.audit, attempt, error));
    } catch (second) {
      this.log.error('The failed attempt could not be recorded', {
        deletionId: attempt.ids['deletionId'],
        err: second,
      });
    }
  }
}
