import { Injectable, Optional } from '@nestjs/common';
import { ControllersCalendar, DestructionRepository } from '../../patient/index.js';
import { Transactions } from '../../protocol/index.js';
import { adoptedTables } from '../../shards/index.js';
import { FailedAttempts } from '../failure.record.js';
import { RestoreWindow } from '../restore-patient/restore.window.js';
import { Shards } from '../shards.js';
import { destroyPatient, previewDestruction, type PreviewedDestruction } from './destroy-patient.action.js';
import { DestructionRefused } from './destruction.errors.js';
import {
  type DestroyPatientCommand,
  Destruction,
  type DestructionAnswer,
  type Retention,
} from './destruction.js';

/** Days are compared as they are written. */
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Destroys what was deleted before, patient by patient, as far as it has to be kept no longer. */
@Injectable()
export class DestructionOrchestrator {
  /**
   * @param window in which a deletion may be undone, and nothing of it is destroyed; the usual one unless told
   * @param calendar in whose zone days begin; the usual one unless told
   */
  constructor(
    private readonly shards: Shards,
    private readonly destructions: DestructionRepository,
    private readonly transactions: Transactions,
    private readonly failed: FailedAttempts,
    @Optional() private readonly window: RestoreWindow = new RestoreWindow(),
    @Optional() private readonly calendar: ControllersCalendar = new ControllersCalendar(),
  ) {}

  /**
   * Removes the hidden rows of one deleted patient whose period of retention is over, in every shard, with one audit event,
   * or changes nothing. Where no row is left his own one is emptied. There is no way back.
   *
   * @param retention how long what is kept
   * @throws SilgiError after which nothing of this patient has changed: PatientNotFound, DeletionNotFound,
   *   DestructionRefused, ShardFailed, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async destroyPatient(command: DestroyPatientCommand, retention: Retention): Promise<DestructionAnswer> {
    if (retention.signedOff === null)
      throw new DestructionRefused(
        'POLICY_NOT_SIGNED_OFF',
        'Nobody has signed the retention policy off: its periods are the controller’s to decide.',
      );
    const destruction = this.runOf(command, retention);
    return this.failed.recording(destruction, () =>
      this.transactions.commit(destroyPatient(this.all(), destruction), command.place),
    );
  }

  /**
   * Says what {@link destroyPatient} would do now: the same Prepare, rolled back. A policy that nobody has signed off is
   * shown all the same.
   *
   * @throws SilgiError as it does, but no DestructionRefused for what the answer tells of
   */
  async previewDestruction(
    command: DestroyPatientCommand,
    retention: Retention,
  ): Promise<PreviewedDestruction> {
    const preview = previewDestruction(this.all(), this.runOf(command, retention));
    return this.transactions.rehearse(preview, command.place);
  }

  private runOf(command: DestroyPatientCommand, retention: Retention): Destruction {
    if (adoptedTables() !== undefined)
      throw new DestructionRefused(
        'NOT_OFFERED',
        'Patients stand in the hospital’s own tables; what has left them is not destroyed yet.',
      );
    if (!DAY.test(command.dueBefore)) throw new RangeError('A day is written as 2026-12-01.');
    if (command.dueBefore > this.calendar.today())
      throw new DestructionRefused(
        'DAY_TO_COME',
        `Today is ${this.calendar.today()}: what is due by ${command.dueBefore} is not due yet.`,
      );
    return new Destruction(command, { retention, zone: this.calendar.zone, windowDays: this.window.days });
  }

  private all() {
    return { shards: this.shards, destructions: this.destructions };
  }
}
