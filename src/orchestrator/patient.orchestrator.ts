import { Injectable, Optional } from '@nestjs/common';
import { Transactions } from '../protocol/index.js';
import { unfencedTables } from '../shards/index.js';
import { type Deleted, deletePatient, previewDeletion } from './delete-patient/delete-patient.action.js';
import { totalRows } from './delete-patient/deletion.counts.js';
import {
  type DeletePatientCommand,
  Deletion,
  type DeletionPreview,
  type PreviewDeletionCommand,
} from './delete-patient/deletion.js';
import { FailedAttempts } from './failure.record.js';
import { type Rehearsal, rehearseDeletion, timeDeletion } from './rehearse-deletion/rehearsal.action.js';
import { type Restored, restorePatient } from './restore-patient/restore-patient.action.js';
import { Restoration, type RestorePatientCommand } from './restore-patient/restoration.js';
import { RestoreWindow } from './restore-patient/restore.window.js';
import { Shards } from './shards.js';

/** Runs the actions on a patient over all shards. What each of them does stands in its own folder. */
@Injectable()
export class PatientOrchestrator {
  /** @param window in which a deletion may be undone; the usual one unless told */
  constructor(
    private readonly shards: Shards,
    private readonly transactions: Transactions,
    private readonly failed: FailedAttempts,
    // Its type is said, as it is what the window is looked for by.
    @Optional() private readonly window: RestoreWindow = new RestoreWindow(),
  ) {}

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
    return this.failed.recording(deletion, () =>
      this.transactions.commit(deletePatient(this.shards, deletion), command.place),
    );
  }

  /** Says what {@link deletePatient} would do now: the same Prepare, rolled back. @throws SilgiError as it does */
  async previewDeletion({ patientId, requestId, place }: PreviewDeletionCommand): Promise<DeletionPreview> {
    const preview = previewDeletion(this.shards, { patientId, requestId });
    const { shards, blockers, digest } = await this.transactions.rehearse(preview, place);
    const ready = blockers.length === 0;
    const answer = { patientId, ready, shards, blockers, totalRows: totalRows(shards), digest };
    const unfenced = unfencedTables();
    return unfenced === undefined ? answer : { ...answer, unfencedTables: unfenced };
  }

  /**
   * Tries a deletion out in a hospital's own tables, to its end, and rolls it back; then once more with its parts timed.
   *
   * @throws SilgiError as {@link deletePatient}; no failed attempt is recorded
   */
  async rehearseDeletion(command: DeletePatientCommand): Promise<Rehearsal> {
    const deletion = new Deletion(command);
    const started = performance.now();
    const answer = await this.transactions.rehearse(rehearseDeletion(this.shards, deletion));
    const milliseconds = performance.now() - started;
    const times = await this.transactions.rehearse(timeDeletion(this.shards, deletion));
    return { answer, milliseconds, times };
  }

  /**
   * Takes back exactly the marks of one deletion in every shard, with one audit event, or changes nothing.
   *
   * @throws SilgiError after which nothing of this patient has changed: PatientNotFound, DeletionNotFound,
   *   RestorationRefused, IdempotencyKeyReused, ShardFailed, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async restorePatient(command: RestorePatientCommand): Promise<Restored> {
    const restoration = new Restoration(command, this.window.days);
    return this.failed.recording(restoration, () =>
      this.transactions.commit(restorePatient(this.shards, restoration), command.place),
    );
  }
}
