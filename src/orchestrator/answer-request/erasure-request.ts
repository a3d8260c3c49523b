import { v7 as uuidv7 } from 'uuid';
import type { AuditAction } from '../../audit/index.js';
import type { ExtensionReason, RefusalGround, RequestChannel } from '../../common/index.js';
import type { ErasureRequest, StandingRequest } from '../../patient/index.js';
import type { RunIds } from '../../protocol/index.js';
import { type RecordCommand, RecordedRun } from '../recorded.run.js';

/** A data subject's request, as it came. */
export interface RecordRequestCommand extends RecordCommand {
  /** The day on which it came, as 2026-11-30: in the zone of the controller. */
  readonly receivedOn: string;
  readonly channel: RequestChannel;
}

/** Which request is answered. */
interface AnswerCommand extends RecordCommand {
  readonly erasureRequestId: string;
}

/** That it takes longer. */
export interface ExtendRequestCommand extends AnswerCommand {
  readonly reason: ExtensionReason;
}

/** That the data stay. */
export interface RefuseRequestCommand extends AnswerCommand {
  readonly ground: RefusalGround;
}

/** That the data subject wants it no more. */
export type WithdrawRequestCommand = AnswerCommand;

/** One run. */
abstract class RequestRun extends RecordedRun {
  constructor(
    asked: RecordCommand,
    action: AuditAction,
    reason: string,
    readonly erasureRequestId: string,
  ) {
    super(asked, action, reason);
  }

  /** What its lines in the log are known by. */
  get ids(): RunIds {
    const { patientId, erasureRequestId } = this;
    return { patientId, erasureRequestId, requestId: this.asked.requestId };
  }
}

/** A request that is recorded. */
export class RequestRecording extends RequestRun {
  constructor(readonly command: RecordRequestCommand) {
    super(command, 'SYSTEM_RECORD_ERASURE_REQUEST', command.channel, uuidv7());
  }

  /** The request that this one would be a second of: it came on the same day in the same way, and was not closed. */
  standingAmong(requests: readonly StandingRequest[]): StandingRequest | undefined {
    const { receivedOn, channel } = this.command;
    return requests.find(
      (one) =>
        one.state !== 'REFUSED' &&
        one.state !== 'WITHDRAWN' &&
        one.receivedOn === receivedOn &&
        one.channel === channel,
    );
  }

  request(): Readonly<ErasureRequest> {
    const { patientId, receivedOn, channel, requestedBy } = this.command;
    return {
      patientId,
      erasureRequestId: this.erasureRequestId,
      receivedOn,
      channel,
      recordedBy: requestedBy,
      recordedAt: this.at,
      recordedEventId: this.eventId,
      extensionReason: null,
      extendedBy: null,
      extendedAt: null,
      extendedEventId: null,
      closedAs: null,
      closingGround: null,
      closedBy: null,
      closedAt: null,
      closedEventId: null,
    };
  }
}

/** A request that takes longer. */
export class RequestExtension extends RequestRun {
  constructor(readonly command: ExtendRequestCommand) {
    super(command, 'SYSTEM_EXTEND_ERASURE_REQUEST', command.reason, command.erasureRequestId);
  }

  extended(request: Readonly<StandingRequest>): Readonly<ErasureRequest> {
    return {
      ...request,
      extensionReason: this.command.reason,
      extendedBy: this.command.requestedBy,
      extendedAt: this.at,
      extendedEventId: this.eventId,
    };
  }
}

/** A request that is refused, or withdrawn. */
export class RequestClosing extends RequestRun {
  private constructor(
    private readonly command: AnswerCommand,
    readonly closedAs: 'REFUSED' | 'WITHDRAWN',
    readonly ground: RefusalGround | 'REQUEST_WITHDRAWN',
  ) {
    const action =
      closedAs === 'REFUSED' ? 'SYSTEM_REFUSE_ERASURE_REQUEST' : 'SYSTEM_WITHDRAW_ERASURE_REQUEST';
    super(command, action, ground, command.erasureRequestId);
  }

  static refusal(command: RefuseRequestCommand): RequestClosing {
    return new RequestClosing(command, 'REFUSED', command.ground);
  }

  static withdrawal(command: WithdrawRequestCommand): RequestClosing {
    return new RequestClosing(command, 'WITHDRAWN', 'REQUEST_WITHDRAWN');
  }

  /** Whether it is so already. A restoration because the request was withdrawn has withdrawn it as well. */
  isDone({ state, closingGround }: Readonly<StandingRequest>): boolean {
    return state === this.closedAs && (state === 'WITHDRAWN' || closingGround === this.ground);
  }

  closed(request: Readonly<StandingRequest>): Readonly<ErasureRequest> {
    return {
      ...request,
      closedAs: this.closedAs,
      closingGround: this.ground,
      closedBy: this.command.requestedBy,
      closedAt: this.at,
      closedEventId: this.eventId,
    };
  }
}
