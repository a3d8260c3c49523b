import type { ErrorCode } from './problem.catalogue.js';
import { HttpException } from '@nestjs/common';
import { Unauthenticated } from '../../auth/index.js';
import { ListUnreadable } from '../../batch/index.js';
import { type Blocker, type ShardName } from '../../shards/index.js';
import type { FailurePoint, Phase } from '../../protocol/index.js';
import { ActionFailed } from '../../protocol/index.js';
import {
  DeletionVetoed,
  type DestructionRefusal,
  DestructionRefused,
  type ExtensionRefusal,
  ExtensionRefused,
  type RestorationRefusal,
  RestorationRefused,
} from '../../orchestrator/index.js';
import { PatientAlreadyDeleted, PatientDeleted } from '../../patient/index.js';
import { isNotInEncoding, SilgiError, TextNotInEncoding, verdictOn } from '../../common/index.js';
import { deletionPath } from '../http/api.path.js';
import { PROBLEMS, problemType } from './problem.catalogue.js';
import {
  DatabaseUnavailable,
  type FieldError,
  MethodNotAllowed,
  RateLimited,
  RouteNotFound,
  ValidationFailed,
} from '../http/request.errors.js';

/** Problem details (RFC 9457) with the members that the contract adds. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request id. */
  readonly instance: string;
  readonly code: ErrorCode;
  readonly phase?: Phase;
  readonly shard?: ShardName;
  readonly table?: string;
  readonly blockers?: readonly Blocker[];
  /** Why a restoration, or an extension, is refused. */
  readonly refusal?: RestorationRefusal | DestructionRefusal | ExtensionRefusal;
  readonly errors?: readonly FieldError[];
  /** Of the list that cannot be read. */
  readonly line?: number;
  /** Path of the deletion's record; null where the hospital's own system had hidden the patient. */
  readonly deletion?: string | null;
}

/** The answer to a request that failed. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an error says of the data that did not come from where the change is made (RELIABILITY rule 30). */
const STATES = {
  read: 'A call that reads changes no patient: it can be repeated.',
  write:
    'Whether a change that was asked for was made is not known: look before it is repeated, or repeat it with the same ' +
    'Idempotency-Key.',
} as const;

/**
 * Says an error in the words of the contract; one that is not known by it is blank but for the request id.
 *
 * @param call whether what failed was to change something
 */
export function problemOf(
  error: unknown,
  requestId: string,
  call: keyof typeof STATES = 'write',
): ProblemAnswer {
  const known = recognise(error);
  const code = codeOf(known);
  const { status, title, retryAfter } = PROBLEMS[code];
  const problem = {
    type: problemType(code),
    title,
    status: known instanceof ValidationFailed ? (known.status ?? status) : status,
    detail: detailOf(known, call),
    instance: requestId,
    code,
    ...(known !== undefined && membersOf(known)),
  };
  const headers = {
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...(known instanceof RateLimited && { 'Retry-After': String(known.retryAfter) }),
    ...(known instanceof MethodNotAllowed && { Allow: known.methods.join(', ') }),
    ...(known instanceof Unauthenticated && { 'WWW-Authenticate': known.challenge }),
  };
  return { problem, headers };
}

function detailOf(known: SilgiError | undefined, call: keyof typeof STATES): string {
  if (known === undefined)
    return `An unexpected error, which the log has under this request id. ${STATES[call]}`;
  return known instanceof DatabaseUnavailable ? `${known.message} ${STATES[call]}` : known.message;
}

/** A code that is not in the catalogue would be one that nobody has described: a test holds the two to each other. */
function codeOf(error: SilgiError | undefined): ErrorCode {
  return error !== undefined && error.code in PROBLEMS ? (error.code as ErrorCode) : 'INTERNAL_ERROR';
}

function membersOf(error: SilgiError): Partial<Problem> {
  if (error instanceof ActionFailed) return placeOf(error.point);
  if (error instanceof ExtensionRefused) return { refusal: error.refusal };
  if (error instanceof DestructionRefused) {
    const { refusal, blockers } = error;
    return { refusal, ...(blockers.length > 0 && { blockers }) };
  }
  if (error instanceof RestorationRefused) {
    const { refusal, blockers, point } = error;
    return {
      refusal,
      ...(blockers.length > 0 && { blockers }),
      ...(point !== undefined && placeOf(point)),
    };
  }
  if (error instanceof DeletionVetoed) return { blockers: error.blockers };
  if (error instanceof ValidationFailed) return { errors: error.errors };
  if (error instanceof ListUnreadable) return error.line === undefined ? {} : { line: error.line };
  if (error instanceof PatientAlreadyDeleted || error instanceof PatientDeleted) {
    const { patientId, deletionId } = error;
    return { deletion: deletionId === null ? null : deletionPath(patientId, deletionId) };
  }
  return {};
}

function placeOf({ phase, shard, table }: FailurePoint): Partial<Problem> {
  return { phase, shard, ...(table !== undefined && { table }) };
}

function recognise(error: unknown): SilgiError | undefined {
  if (error instanceof SilgiError) return error;
  if (error instanceof HttpException) return ofFramework(error);
  if (isNotInEncoding(error)) return new TextNotInEncoding(error);
  return verdictOn(error) === 'FAILED' ? undefined : new DatabaseUnavailable(error);
}

/** What Nest, Express and the body parser refuse before a handler is reached; their texts quote the input. */
function ofFramework(error: HttpException): SilgiError | undefined {
  const status = error.getStatus();
  if (status === 404) return new RouteNotFound();
  if (status === 413)
    return new ValidationFailed([{ path: '', message: `The body is larger than ${limitOf(error)} kB` }], 413);
  if (status >= 500) return undefined;
  const { cause } = error;
  if (cause instanceof URIError)
    return new ValidationFailed([{ path: '', message: 'The path is not properly encoded' }]);
  const isSyntax = (cause as { type?: unknown } | undefined)?.type === 'entity.parse.failed';
  const message = isSyntax ? 'The body is not valid JSON' : 'The request cannot be read; send JSON in UTF-8';
  return new ValidationFailed([{ path: '', message }]);
}

/** The body parser says which of its limits it was. */
function limitOf({ cause }: HttpException): number {
  const { limit } = (cause ?? {}) as { limit?: unknown };
  return typeof limit === 'number' ? Math.round(limit / 1_024) : 64;
}
