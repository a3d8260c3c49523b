import type { AuditRepository } from '../../audit/index.js';
import {
  type AskedPatient,
  type ControllersCalendar,
  type ErasureRequest,
  ErasureRequestNotFound,
  type ErasureRequestRepository,
  PatientCameBack,
  PatientNotFound,
  type StandingRequest,
} from '../../patient/index.js';
import type { Action, Transaction } from '../../protocol/index.js';
import type { RequestClosing, RequestExtension, RequestRecording } from './erasure-request.js';
import { ErasureRequestClosed, ExtensionRefused, NotReceivedYet } from './request.errors.js';
import {
  REQUEST_CLOSING,
  REQUEST_EXTENSION,
  REQUEST_RECORDING,
  REQUEST_STEPS,
  type RequestStep,
} from './request.steps.js';

/** What a request is written through. */
export interface RequestShards {
  readonly requests: ErasureRequestRepository;
  readonly audit: AuditRepository;
  readonly calendar: ControllersCalendar;
}

/** The request as it is now; `replayed` where it was so before, and nothing was written. */
export interface Answered {
  readonly request: StandingRequest;
  readonly replayed: boolean;
}

/** The request that is so already, or as it is to be, and how it is written. */
type Decision =
  | { readonly standing: StandingRequest }
  | { readonly request: Readonly<ErasureRequest>; readonly write: 'record' | 'extend' | 'close' };

/**
 * Records a data subject's request, of a live patient or a deleted one, with one audit event.
 *
 * @throws PatientNotFound, NotReceivedYet within the run
 */
export function recordRequest(
  shards: RequestShards,
  recording: RequestRecording,
): Action<Answered, RequestStep> {
  const { patientId, receivedOn } = recording.command;
  return run(shards, recording, REQUEST_RECORDING, ({ requests, isThere, today }) => {
    if (!isThere) throw new PatientNotFound(patientId);
    if (receivedOn > today) throw new NotReceivedYet(today);
    const standing = recording.standingAmong(requests);
    return standing === undefined ? { request: recording.request(), write: 'record' } : { standing };
  });
}

/**
 * Extends the time of a request, with one audit event.
 *
 * @throws ErasureRequestNotFound, ErasureRequestClosed, ExtensionRefused within the run
 */
export function extendRequest(
  shards: RequestShards,
  extension: RequestExtension,
): Action<Answered, RequestStep> {
  return run(shards, extension, REQUEST_EXTENSION, ({ requests, today }) => {
    const request = requestOf(requests, extension);
    if (request.extensionReason === extension.command.reason) return { standing: request };
    assertUnanswered(request);
    if (request.extensionReason !== null) throw new ExtensionRefused('EXTENDED_BEFORE', request.dueOn);
    if (today > request.dueOn) throw new ExtensionRefused('PERIOD_OVER', request.dueOn);
    return { request: extension.extended(request), write: 'extend' };
  });
}

/**
 * Closes a request that is refused or withdrawn, with one audit event.
 *
 * @throws ErasureRequestNotFound, ErasureRequestClosed within the run
 */
export function closeRequest(shards: RequestShards, closing: RequestClosing): Action<Answered, RequestStep> {
  return run(shards, closing, REQUEST_CLOSING, ({ requests }) => {
    const request = requestOf(requests, closing);
    if (closing.isDone(request)) return { standing: request };
    assertUnanswered(request);
    return { request: closing.closed(request), write: 'close' };
  });
}

/** @param decide what becomes of the request, by what is known under the lock */
function run(
  { requests, audit, calendar }: RequestShards,
  asked: RequestRecording | RequestExtension | RequestClosing,
  name: string,
  decide: (known: {
    readonly requests: readonly StandingRequest[];
    readonly isThere: boolean;
    readonly today: string;
  }) => Decision,
): Action<Answered, RequestStep> {
  const { patientId, ids } = asked;
  let wrote = true;
  return {
    name,
    ids,
    home: 'patient',
    steps: REQUEST_STEPS,
    work: async (tx: Transaction<RequestStep>) => {
      const patient = await tx.step('lock', (m) => requests.lock(m, patientId));
      asked.begins();
      const today = calendar.dayOf(asked.at);
      const all = await tx.step('read requests', async (m) => {
        const found = await requests.ofPatient(m, patientId, today);
        assertHiddenStill(patient, found);
        return found;
      });
      const decision = decide({ requests: all, isThere: patient.isThere, today });
      wrote = 'write' in decision;
      if (!('write' in decision)) return { request: decision.standing, replayed: true };
      const { request, write } = decision;
      await tx.together(
        ['audit', (m) => audit.append(m, asked.auditEvent(patient.deletionId))],
        ['request', (m) => requests[write](m, request)],
      );
      const written = await tx.step('read back', (m) => requests.ofPatient(m, patientId, today));
      return { request: requestOf(written, request), replayed: false };
    },
    hasCommitted: async (manager) =>
      !wrote || (await requests.hasCommitted(manager, patientId, asked.eventId)),
    outcomeOf: ({ replayed }) => (replayed ? 'REPLAYED' : 'DONE'),
  };
}

/**
 * The row of a hidden patient is not locked: whoever was restored since it was looked at may meet a deletion that names
 * the request. @throws PatientCameBack, after which the whole of it is run again
 */
function assertHiddenStill(
  { isHidden, deletionId }: AskedPatient,
  requests: readonly StandingRequest[],
): void {
  if (isHidden && requests.some((request) => request.deletionId !== deletionId)) throw new PatientCameBack();
}

/** @throws ErasureRequestNotFound */
function requestOf(
  requests: readonly StandingRequest[],
  { erasureRequestId }: { readonly erasureRequestId: string },
): StandingRequest {
  const request = requests.find((one) => one.erasureRequestId === erasureRequestId);
  if (request === undefined) throw new ErasureRequestNotFound();
  return request;
}

/** @throws ErasureRequestClosed */
function assertUnanswered({ state }: StandingRequest): void {
  if (state !== 'OPEN' && state !== 'DEFERRED') throw new ErasureRequestClosed(state);
}
