import { Injectable, Logger } from '@nestjs/common';
import { AuditRepository } from '../audit/index.js';
import { CatalogueGuard } from '../catalogue/index.js';
import { ClinicalRepository } from '../clinical/index.js';
import { FinanceRepository } from '../finance/index.js';
import { PatientRepository } from '../patient/index.js';
import { Transactions } from '../protocol/index.js';
import {
  type Deleted,
  deletePatient,
  previewDeletion,
  type Shards,
} from './delete-patient/delete-patient.action.js';
import { totalRows } from './delete-patient/deletion.counts.js';
import {
  type DeletePatientCommand,
  Deletion,
  type DeletionPreview,
  type PreviewDeletionCommand,
} from './delete-patient/deletion.js';
import { failureRecord, isRecorded } from './delete-patient/failure.record.js';

/** Runs the actions on a patient over all shards. What each of them does stands in its own folder. */
@Injectable()
export class PatientOrchestrator {
  private readonly log = new Logger(PatientOrchestrator.name);
  private readonly shards: Shards;

  constructor(
    patient: PatientRepository,
    clinical: ClinicalRepository,
    finance: FinanceRepository,
    audit: AuditRepository,
    catalogue: CatalogueGuard,
    private readonly transactions: Transactions,
  ) {
    this.shards = { patient, clinical, finance, audit, catalogue };
  }

  /**
   * Marks every row of the patient in every shard as deleted, with one audit event, or changes nothing.
   *
   * @throws SilgiError after which nothing of this patient has changed: PatientNotFound, PatientAlreadyDeleted,
   *   DeletionVetoed, PreviewOutdated, IdempotencyKeyReused, RequestInProgress, ShardFailed,
   *   DemographicsNotDeleted, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async deletePatient(command: DeletePatientCommand): Promise<Deleted> {
    const deletion = new Deletion(command);
    try {
      return await this.transactions.commit(deletePatient(this.shards, deletion), command.place);
    } catch (error) {
      await this.recordFailure(deletion, error);
      throw error;
    }
  }

  /** Says what {@link deletePatient} would do now: the same Prepare, rolled back. @throws SilgiError as it does */
  async previewDeletion({ patientId, requestId, place }: PreviewDeletionCommand): Promise<DeletionPreview> {
    const preview = previewDeletion(this.shards, { patientId, requestId });
    const { shards, blockers, digest } = await this.transactions.rehearse(preview, place);
    const ready = blockers.length === 0;
    return { patientId, ready, shards, blockers, totalRows: totalRows(shards), digest };
  }

  /** A failure of this is logged and hides nothing (RELIABILITY rule 13). */
  private async recordFailure(deletion: Deletion, error: unknown): Promise<void> {
    if (!isRecorded(error)) return;
    try {
      await this.transactions.commit(failureRecord(this.shards.audit, deletion, error));
    } catch (second) {
      this.log.error('The failed attempt could not be recorded', {
        deletionId: deletion.mark.deletionId,
        err: second,
      });
    }
  }
}
