import type { ErrorCode } from './problem.catalogue.js';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { AuditEventNotSealed, AuditLogDamaged, AuditLogRefused } from '../../transparency-log/index.js';
import { Forbidden, IssuerUnavailable, Unauthenticated } from '../../auth/index.js';
import { BatchNotFound, BatchStateConflict, ListUnreadable } from '../../batch/index.js';
import { CertificateRefused, LiveRowsFound } from '../../certificate/index.js';
import { NothingToTell } from '../../letter/index.js';
import { AuditEventNotFound } from '../../audit/index.js';
import {
  DeletionNotFound,
  ErasureRequestNotFound,
  LegalHoldNotFound,
  PatientAlreadyDeleted,
  PatientDeleted,
  PatientNotFound,
  RequestInProgress,
} from '../../patient/index.js';
import {
  DeletionVetoed,
  DemographicsNotDeleted,
  ErasureRequestClosed,
  ExtensionRefused,
  IdempotencyKeyReused,
  LegalHoldReleased,
  PreviewOutdated,
  DestructionRefused,
  RestorationRefused,
} from '../../orchestrator/index.js';
import { ShardFailed, ShardUnavailable } from '../../protocol/index.js';
import { BLOCKER, DELETION_ID, PATIENT_ID, REQUEST_ID } from '../http/examples.js';
import { type Problem, type ProblemAnswer, problemOf } from './problem.js';
import { ProblemDto } from './problem.dto.js';
import {
  MethodNotAllowed,
  NotAcceptable,
  RateLimited,
  RouteNotFound,
  ScanInProgress,
  ValidationFailed,
} from '../http/request.errors.js';
import { ROOT_TABLE } from '../../shards/index.js';

/** An error of every code, so that the examples are made by the code that makes the answers. */
const ERRORS: Readonly<Record<ErrorCode, Error>> = {
  VALIDATION_FAILED: new ValidationFailed([{ path: 'patientId', message: 'must be a UUID' }]),
  UNAUTHENTICATED: new Unauthenticated('The token has expired.'),
  FORBIDDEN: new Forbidden(['system-admin']),
  ROUTE_NOT_FOUND: new RouteNotFound(),
  METHOD_NOT_ALLOWED: new MethodNotAllowed(['GET', 'HEAD']),
  PATIENT_NOT_FOUND: new PatientNotFound(PATIENT_ID),
  DELETION_NOT_FOUND: new DeletionNotFound(),
  LEGAL_HOLD_NOT_FOUND: new LegalHoldNotFound(),
  LEGAL_HOLD_RELEASED: new LegalHoldReleased('CASE_CLOSED', new Date('2026-11-25T08:02:17.550Z')),
  ERASURE_REQUEST_NOT_FOUND: new ErasureRequestNotFound(),
  ERASURE_REQUEST_CLOSED: new ErasureRequestClosed('FULFILLED'),
  EXTENSION_REFUSED: new ExtensionRefused('EXTENDED_BEFORE', '2027-02-20'),
  NOTHING_TO_TELL: new NothingToTell('OPEN'),
  AUDIT_EVENT_NOT_FOUND: new AuditEventNotFound(),
  AUDIT_EVENT_NOT_SEALED: new AuditEventNotSealed(),
  AUDIT_LOG_REFUSED: new AuditLogRefused(),
  AUDIT_LOG_DAMAGED: new AuditLogDamaged(),
  BATCH_NOT_FOUND: new BatchNotFound(),
  BATCH_STATE_CONFLICT: new BatchStateConflict(
    'The batch is COMPLETED; only one that is RUNNING can be made PAUSED.',
  ),
  BATCH_LIST_UNREADABLE: new ListUnreadable('a quote is opened and never closed', 17),
  NOT_ACCEPTABLE: new NotAcceptable(['application/json', 'application/pdf']),
  PATIENT_ALREADY_DELETED: new PatientAlreadyDeleted(PATIENT_ID, DELETION_ID),
  DELETION_VETOED: new DeletionVetoed([{ ...BLOCKER, shard: 'patient' }]),
  RESTORATION_REFUSED: new RestorationRefused(
    'VALUE_TAKEN',
    `A value of patient.${ROOT_TABLE} that has to be unique belongs to another row by now: change that row first.`,
    { point: { phase: 'EXECUTE', shard: 'patient', step: 'restore patient', table: ROOT_TABLE } },
  ),
  DESTRUCTION_REFUSED: new DestructionRefused(
    'NOTHING_DUE',
    'Every row of the patient has to be kept longer.',
  ),
  REQUEST_IN_PROGRESS: new RequestInProgress(),
  LIVE_ROWS_FOUND: new LiveRowsFound([{ shard: 'clinical', table: 'sharded_tani', liveRows: 2 }]),
  CERTIFICATE_REFUSED: new CertificateRefused('this deletion was claimed and never completed.'),
  PATIENT_DELETED: new PatientDeleted(PATIENT_ID, DELETION_ID),
  PREVIEW_OUTDATED: new PreviewOutdated(),
  IDEMPOTENCY_KEY_REUSED: new IdempotencyKeyReused(),
  RATE_LIMITED: new RateLimited(1),
  SCAN_IN_PROGRESS: new ScanInProgress('An integrity scan'),
  SHARD_FAILED: new ShardFailed('The finance shard failed (23514).', {
    phase: 'EXECUTE',
    shard: 'finance',
    step: 'mark finance',
    table: 'sharded_fatura',
  }),
  DEMOGRAPHICS_NOT_DELETED: new DemographicsNotDeleted(0, {
    phase: 'EXECUTE',
    shard: 'patient',
    step: 'guard demographics',
    table: ROOT_TABLE,
  }),
  INTERNAL_ERROR: new Error(),
  SHARD_UNAVAILABLE: new ShardUnavailable('The patient shard did not answer in time.', {
    phase: 'PREPARE',
    shard: 'patient',
    step: 'lock',
  }),
  SIGN_IN_UNAVAILABLE: new IssuerUnavailable(),
};

const HEADERS: Readonly<Record<string, { description: string; schema: { type: 'string' | 'integer' } }>> = {
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'What is wrong with the token (RFC 6750).', schema: { type: 'string' } },
};

/** A body beyond the limit is malformed too, but HTTP has a status of its own for it. */
const TOO_LARGE = new ValidationFailed([{ path: '', message: 'The body is larger than 64 kB' }], 413);

/** Documents the problems of a call: a response per status, with an example of every code under it. */
export function problemResponses(codes: readonly ErrorCode[]): MethodDecorator[] {
  // Whatever the method, a body that comes is read.
  const errors = [...codes.map((code) => ERRORS[code]), TOO_LARGE];
  const answers = errors.map((error) => problemOf(error, REQUEST_ID));
  const statuses = [...new Set(answers.map(({ problem }) => problem.status))];
  return statuses.map((status) =>
    responseOf(
      status,
      answers.filter(({ problem }) => problem.status === status),
    ),
  );
}

function responseOf(status: number, answers: readonly ProblemAnswer[]): MethodDecorator {
  const names = new Set(answers.flatMap((answer) => Object.keys(answer.headers)));
  const headers = [...names].map((name) => {
    const required = answers.every((answer) => name in answer.headers);
    return [name, { ...HEADERS[name], ...(required && { required }) }];
  });
  const examples = answers.map(({ problem }) => [problem.code, { summary: problem.title, value: problem }]);
  return ApiResponse({
    status,
    description: answers.map(({ problem }) => `\`${problem.code}\`: ${problem.title}.`).join('\n\n'),
    headers: Object.fromEntries(headers) as typeof HEADERS,
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemDto) },
        examples: Object.fromEntries(examples) as Record<string, { summary: string; value: Problem }>,
      },
    },
  });
}
