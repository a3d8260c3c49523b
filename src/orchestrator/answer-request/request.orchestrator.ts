import { Injectable, Optional } from '@nestjs/common';
import { AuditRepository } from '../../audit/index.js';
import { ControllersCalendar, ErasureRequestRepository } from '../../patient/index.js';
import { Transactions } from '../../protocol/index.js';
import { type Answered, closeRequest, extendRequest, recordRequest } from './answer-request.action.js';
import {
  type ExtendRequestCommand,
  type RecordRequestCommand,
  type RefuseRequestCommand,
  RequestClosing,
  RequestExtension,
  RequestRecording,
  type WithdrawRequestCommand,
} from './erasure-request.js';

/** Records the requests of data subjects and what is answered to them, under the lock of the patient. */
@Injectable()
export class RequestOrchestrator {
  /** @param calendar the usual one unless told */
  constructor(
    private readonly requests: ErasureRequestRepository,
    private readonly audit: AuditRepository,
    private readonly transactions: Transactions,
    @Optional() private readonly calendar: ControllersCalendar = new ControllersCalendar(),
  ) {}

  /**
   * Records a request, with one audit event. Where one that came on the same day in the same way waits for an answer, it
   * is that one, and nothing is written.
   *
   * @throws SilgiError after which nothing has changed: PatientNotFound, NotReceivedYet, ShardFailed, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  recordRequest(command: RecordRequestCommand): Promise<Answered> {
    return this.transactions.commit(
      recordRequest(this.shards(), new RequestRecording(command)),
      command.place,
    );
  }

  /**
   * Extends the time of a request by two months (GDPR 12(3)), with one audit event. One that was extended for the same
   * reason before is answered as it is.
   *
   * @throws SilgiError after which nothing has changed: ErasureRequestNotFound, ErasureRequestClosed, ExtensionRefused,
   *   ShardFailed, ShardUnavailable
   * @throws OutcomePending as {@link recordRequest}
   */
  extendRequest(command: ExtendRequestCommand): Promise<Answered> {
    return this.transactions.commit(
      extendRequest(this.shards(), new RequestExtension(command)),
      command.place,
    );
  }

  /**
   * Refuses a request, with one audit event. One that was refused on the same ground before is answered as it is.
   *
   * @throws SilgiError after which nothing has changed: ErasureRequestNotFound, ErasureRequestClosed, ShardFailed,
   *   ShardUnavailable
   * @throws OutcomePending as {@link recordRequest}
   */
  refuseRequest(command: RefuseRequestCommand): Promise<Answered> {
    return this.transactions.commit(
      closeRequest(this.shards(), RequestClosing.refusal(command)),
      command.place,
    );
  }

  /** Closes a request that the data subject has withdrawn, with one audit event. @throws as {@link refuseRequest} */
  withdrawRequest(command: WithdrawRequestCommand): Promise<Answered> {
    return this.transactions.commit(
      closeRequest(this.shards(), RequestClosing.withdrawal(command)),
      command.place,
    );
  }

  private shards() {
    return { requests: this.requests, audit: this.audit, calendar: this.calendar };
  }
}
