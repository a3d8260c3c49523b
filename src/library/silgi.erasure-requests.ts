import { z } from 'zod';
import { type Language, LANGUAGES } from '../certificate/index.js';
import {
  DAY,
  EXTENSION_REASONS,
  type ExtensionReason,
  NO_DAY,
  REFUSAL_GROUNDS,
  type RefusalGround,
  REQUEST_CHANNELS,
  type RequestChannel,
} from '../common/index.js';
import type { Letters } from '../letter/index.js';
import type { Answered, RequestOrchestrator } from '../orchestrator/index.js';
import {
  type ErasureRequests,
  REQUEST_STATES,
  type RequestState,
  type StandingRequest,
} from '../patient/index.js';
import {
  type Asked,
  ASKED,
  askedBy,
  checked,
  checkedId,
  oneOf,
  PAGE,
  type SilgiPage,
  uuid,
} from './asked.js';

/** A data subject's request, as it came. */
export interface SilgiRequestRecording extends Asked {
  /** UUID. */
  readonly patientId: string;
  /** The day on which it came, as 2026-11-30, in the zone of the controller (`timeZone`): not later than today. */
  readonly receivedOn: string;
  readonly channel: RequestChannel;
}

/** A request that its data subject wants no more. */
export interface SilgiRequestWithdrawal extends Asked {
  /** UUID. */
  readonly patientId: string;
  /** UUID; `erasureRequestId` of the request. */
  readonly erasureRequestId: string;
}

/** A request that takes longer. */
export interface SilgiRequestExtension extends SilgiRequestWithdrawal {
  readonly reason: ExtensionReason;
}

/** A request that is refused. */
export interface SilgiRequestRefusal extends SilgiRequestWithdrawal {
  readonly ground: RefusalGround;
}

/** Which requests. */
export interface SilgiRequestPage extends SilgiPage {
  readonly state?: RequestState | undefined;
  /** Only open ones whose day is over, or only the others. */
  readonly overdue?: boolean | undefined;
  /** UUID. */
  readonly patientId?: string | undefined;
}

/**
 * Requests of data subjects that their data be erased (docs/operations.md, "A patient asks to be deleted"). What has become
 * of one is read from the records each time. A deletion fulfils it: {@link SilgiDeletion.erasureRequestId}. Reading throws
 * the database's own error, where it cannot be read.
 */
export interface SilgiErasureRequests {
  /**
   * Records a request, with one audit event. Where one that came on the same day in the same way waits for an answer, it
   * is answered with that one, `replayed`, and nothing is written.
   *
   * @throws SilgiError after which nothing has changed: ValidationFailed, PatientNotFound, NotReceivedYet, ShardFailed,
   *   ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back: {@link page} will tell
   */
  record(recording: SilgiRequestRecording): Promise<Answered>;
  /**
   * Extends the time of a request by two months (GDPR 12(3)), once, with one audit event. One that was extended for the
   * same reason before is answered as it is, `replayed`.
   *
   * @throws SilgiError after which nothing has changed: ValidationFailed, ErasureRequestNotFound where this patient has no
   *   such request, ErasureRequestClosed, ExtensionRefused, ShardFailed, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending as {@link record}
   */
  extend(extension: SilgiRequestExtension): Promise<Answered>;
  /**
   * Refuses a request, with one audit event. One that was refused on the same ground before is answered as it is, `replayed`.
   *
   * @throws SilgiError after which nothing has changed: ValidationFailed, ErasureRequestNotFound where this patient has no
   *   such request, ErasureRequestClosed, ShardFailed, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending as {@link record}
   */
  refuse(refusal: SilgiRequestRefusal): Promise<Answered>;
  /** Closes a request that its data subject has withdrawn, with one audit event. @throws as {@link refuse} */
  withdraw(withdrawal: SilgiRequestWithdrawal): Promise<Answered>;
  /** A request, and what has become of it. @throws ValidationFailed, ErasureRequestNotFound */
  get(erasureRequestId: string): Promise<StandingRequest>;
  /** Requests across patients, newest first. @param signal ends the reading @throws ValidationFailed */
  page(page: SilgiRequestPage, signal?: AbortSignal): Promise<StandingRequest[]>;
  /**
   * The letter to the data subject, which says that the request is fulfilled, refused, extended or deferred. It is made of
   * the record alone, in the name of the `controller`, and has nobody's name or address.
   *
   * @returns a PDF
   * @throws ValidationFailed, ErasureRequestNotFound, NothingToTell where nothing has been decided yet, or it was withdrawn
   */
  letter(erasureRequestId: string, language: Language): Promise<Buffer>;
}

const RECORDING = z.strictObject({
  ...ASKED,
  patientId: uuid,
  receivedOn: z.iso.date({ error: NO_DAY, abort: true }).regex(DAY, { error: NO_DAY }),
  channel: oneOf(REQUEST_CHANNELS),
});
const WITHDRAWAL = z.strictObject({ ...ASKED, patientId: uuid, erasureRequestId: uuid });
const EXTENSION = WITHDRAWAL.extend({ reason: oneOf(EXTENSION_REASONS) });
const REFUSAL = WITHDRAWAL.extend({ ground: oneOf(REFUSAL_GROUNDS) });
const REQUEST_PAGE = z.strictObject({
  ...PAGE,
  state: oneOf(REQUEST_STATES).optional(),
  overdue: z.boolean({ error: 'must be true or false' }).optional(),
  patientId: uuid.optional(),
});
const LETTER = z.object({ erasureRequestId: uuid, language: oneOf(LANGUAGES) });

/** Requests as the application works with them. */
export function erasureRequestsBy(
  orchestrator: RequestOrchestrator,
  requests: ErasureRequests,
  letters: Letters,
): SilgiErasureRequests {
  return {
    record: async (asked) => orchestrator.recordRequest({ ...checked(RECORDING, asked), ...askedBy(asked) }),
    extend: async (asked) => orchestrator.extendRequest({ ...checked(EXTENSION, asked), ...askedBy(asked) }),
    refuse: async (asked) => orchestrator.refuseRequest({ ...checked(REFUSAL, asked), ...askedBy(asked) }),
    withdraw: async (asked) =>
      orchestrator.withdrawRequest({ ...checked(WITHDRAWAL, asked), ...askedBy(asked) }),
    get: async (erasureRequestId) => requests.get(checkedId('erasureRequestId', erasureRequestId)),
    page: async (asked, signal) => requests.page(checked(REQUEST_PAGE, asked), signal),
    letter: async (erasureRequestId, language) => {
      const asked = checked(LETTER, { erasureRequestId, language });
      return letters.answerTo(asked.erasureRequestId, asked.language);
    },
  };
}
