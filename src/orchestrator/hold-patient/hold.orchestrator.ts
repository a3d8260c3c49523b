import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../../audit/index.js';
import { LegalHoldRepository } from '../../patient/index.js';
import { Transactions } from '../../protocol/index.js';
import { type Held, placeHold, releaseHold } from './hold-patient.action.js';
import { HoldPlacement, HoldRelease, type PlaceHoldCommand, type ReleaseHoldCommand } from './legal-hold.js';

/** Places and releases legal holds, under the lock of the patient. */
@Injectable()
export class HoldOrchestrator {
  constructor(
    private readonly legalHolds: LegalHoldRepository,
    private readonly audit: AuditRepository,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Holds a patient, live or deleted, with one audit event. Where a hold for the same case stands on the same ground, it is
   * answered with that one, and nothing is written.
   *
   * @throws SilgiError after which nothing has changed: PatientNotFound, PatientAlreadyDeleted where the hospital's own
   *   system hides him, ShardFailed, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  placeHold(command: PlaceHoldCommand): Promise<Held> {
    return this.transactions.commit(placeHold(this.shards(), new HoldPlacement(command)), command.place);
  }

  /**
   * Releases a hold, with one audit event. One that was released on the same ground before is answered as it is.
   *
   * @throws SilgiError after which nothing has changed: PatientNotFound, LegalHoldNotFound, LegalHoldReleased where it was
   *   on another ground, ShardFailed, ShardUnavailable
   * @throws OutcomePending as {@link placeHold}
   */
  releaseHold(command: ReleaseHoldCommand): Promise<Held> {
    return this.transactions.commit(releaseHold(this.shards(), new HoldRelease(command)), command.place);
  }

  private shards() {
    return { legalHolds: this.legalHolds, audit: this.audit };
  }
}
