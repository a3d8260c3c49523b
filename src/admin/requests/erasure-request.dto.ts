import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';
import {
  DAY,
  EXTENSION_REASONS,
  type ExtensionReason,
  NO_DAY,
  REFUSAL_GROUNDS,
  type RefusalGround,
  REQUEST_CHANNELS,
  type RequestChannel,
} from '../../common/index.js';
import { REQUEST_STATES, type RequestState, type StandingRequest } from '../../patient/index.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';
import { ERASURE_REQUEST, EXTENSION, RECORDING, REFUSAL } from './request.examples.js';

/** The request that a path names. */
export class ErasureRequestPath {
  @ApiProperty({
    description: 'The request: its id stands in the answer to its recording and in the list of requests.',
    format: 'uuid',
  })
  @IsUuid()
  requestId: string;
}

/** Which requests. */
export class ErasureRequestsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only requests in this state.',
    enum: REQUEST_STATES,
    enumName: 'ErasureRequestState',
  })
  @IsOptional()
  @IsIn(REQUEST_STATES, { message: `must be one of ${REQUEST_STATES.join(', ')}` })
  state?: RequestState;

  @ApiPropertyOptional({
    description: 'Only open ones whose day is over, or only the others.',
    type: Boolean,
  })
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  overdue?: boolean;

  @ApiPropertyOptional({ description: 'Only requests of this patient.', format: 'uuid' })
  @IsOptional()
  @IsUuid()
  patientId?: string;
}

/** A request, as it came. */
@ApiSchema({ name: 'ErasureRequestRecording', description: 'A data subject’s request, as it came.' })
export class RecordingDto {
  @ApiProperty({ description: 'The patient.', format: 'uuid', example: RECORDING.patientId })
  @IsUuid()
  patientId: string;

  @ApiProperty({
    description:
      'The day on which it came, in the time zone of the controller (`TIME_ZONE`): not later than today. The time to answer ' +
      'runs from it.',
    format: 'date',
    pattern: DAY.source,
    example: RECORDING.receivedOn,
  })
  @IsISO8601({ strict: true }, { message: NO_DAY })
  @Matches(DAY, { message: NO_DAY })
  receivedOn: string;

  @ApiProperty({
    description: 'How it came; a code. KEP is registered electronic mail.',
    enum: REQUEST_CHANNELS,
    enumName: 'ErasureRequestChannel',
    example: RECORDING.channel,
  })
  @IsIn(REQUEST_CHANNELS, { message: `must be one of ${REQUEST_CHANNELS.join(', ')}` })
  channel: RequestChannel;
}

/** Why a request takes longer. */
@ApiSchema({ name: 'ErasureRequestExtension', description: 'Why the request takes longer, as a code.' })
export class ExtensionDto {
  @ApiProperty({
    description: 'Why (GDPR 12(3)); a code, never free text.',
    enum: EXTENSION_REASONS,
    enumName: 'ErasureRequestExtensionReason',
    example: EXTENSION.reason,
  })
  @IsIn(EXTENSION_REASONS, { message: `must be one of ${EXTENSION_REASONS.join(', ')}` })
  reason: ExtensionReason;
}

/** Why a request is refused. */
@ApiSchema({ name: 'ErasureRequestRefusal', description: 'Why the request is refused, as a code.' })
export class RefusalDto {
  @ApiProperty({
    description:
      'The law it rests on: GDPR 17(3) by its letters, or 12(5)(b); KVKK 28 by its paragraphs and letters, CC for ç; or ' +
      'By-Law 12(1)(c): not all conditions for processing have ended.',
    enum: REFUSAL_GROUNDS,
    enumName: 'ErasureRequestRefusalGround',
    example: REFUSAL.ground,
  })
  @IsIn(REFUSAL_GROUNDS, { message: `must be one of ${REFUSAL_GROUNDS.join(', ')}` })
  ground: RefusalGround;
}

const uuid = (description: string, example: string | null) => ({
  description,
  ...({ type: String, format: 'uuid', nullable: true, example } as const),
});
const moment = (description: string, example: string | null) => ({
  description,
  ...({ type: String, format: 'date-time', nullable: true, example } as const),
});
const text = (description: string, example: string | null) => ({
  description,
  ...({ type: String, nullable: true, example } as const),
});

/** A data subject's request. */
@ApiSchema({
  name: 'ErasureRequest',
  description:
    'A data subject’s request that his data be erased (GDPR 17, KVKK 11 and 13), and what has become of it.',
})
export class ErasureRequestDto {
  @ApiProperty({ description: 'The request.', format: 'uuid', example: ERASURE_REQUEST.requestId })
  requestId: string;

  @ApiProperty({ description: 'The patient.', format: 'uuid', example: ERASURE_REQUEST.patientId })
  patientId: string;

  @ApiProperty({
    description:
      'What has become of it: `OPEN`; `DEFERRED` while a legal hold of the patient stands; `FULFILLED` while a deletion hides ' +
      'him, whether it names the request or not; `REFUSED`; or `WITHDRAWN`, by a restoration for that reason, too.',
    enum: REQUEST_STATES,
    enumName: 'ErasureRequestState',
    example: ERASURE_REQUEST.state,
  })
  state: RequestState;

  @ApiProperty({
    description: 'The day on which it came.',
    format: 'date',
    example: ERASURE_REQUEST.receivedOn,
  })
  receivedOn: string;

  @ApiProperty({
    description: 'How it came.',
    enum: REQUEST_CHANNELS,
    enumName: 'ErasureRequestChannel',
    example: ERASURE_REQUEST.channel,
  })
  channel: RequestChannel;

  @ApiProperty({
    description:
      'The day by which it has to be answered: the earlier of 30 days and one calendar month after it came, and two calendar ' +
      'months later where it was extended. A legal hold does not move it: where it is over at the release, the request is ' +
      'overdue then.',
    format: 'date',
    example: ERASURE_REQUEST.dueOn,
  })
  dueOn: string;

  @ApiProperty({
    description: 'Whether it is open and that day is over; of one that is deferred, false.',
    example: ERASURE_REQUEST.overdue,
  })
  overdue: boolean;

  @ApiProperty({ description: 'Who recorded it.', example: ERASURE_REQUEST.recordedBy })
  recordedBy: string;

  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: ERASURE_REQUEST.recordedAt })
  recordedAt: string;

  @ApiProperty({
    description: 'The audit event of its recording.',
    format: 'uuid',
    example: ERASURE_REQUEST.recordedEventId,
  })
  recordedEventId: string;

  @ApiProperty(text('Why it takes longer; null where it was not extended.', ERASURE_REQUEST.extensionReason))
  extensionReason: string | null;

  @ApiProperty(text('Who extended it.', ERASURE_REQUEST.extendedBy))
  extendedBy: string | null;

  @ApiProperty(moment('When, in UTC.', ERASURE_REQUEST.extendedAt))
  extendedAt: string | null;

  @ApiProperty(uuid('The audit event of its extension.', ERASURE_REQUEST.extendedEventId))
  extendedEventId: string | null;

  @ApiProperty(uuid('The deletion that hides the patient; null where none does.', ERASURE_REQUEST.deletionId))
  deletionId: string | null;

  @ApiProperty(moment('When he was deleted, in UTC.', ERASURE_REQUEST.deletedAt))
  deletedAt: string | null;

  @ApiProperty(
    text(
      'Why it was refused, or `REQUEST_WITHDRAWN`; null where it was not closed by a call of this API.',
      ERASURE_REQUEST.closingGround,
    ),
  )
  closingGround: string | null;

  @ApiProperty(text('Who refused it, or recorded that it was withdrawn.', ERASURE_REQUEST.closedBy))
  closedBy: string | null;

  @ApiProperty(moment('When, in UTC.', ERASURE_REQUEST.closedAt))
  closedAt: string | null;

  @ApiProperty(uuid('The audit event of that.', ERASURE_REQUEST.closedEventId))
  closedEventId: string | null;
}

/** What was asked for, whose outcome is not known yet. */
@ApiSchema({
  name: 'ErasureRequestPending',
  description:
    'The database was lost during the commit. Neither done nor failed: the request will tell. To ask again is safe.',
})
export class RequestPendingDto {
  @ApiProperty({ description: 'The request.', format: 'uuid', example: ERASURE_REQUEST.requestId })
  requestId: string;

  @ApiProperty({ description: 'Being committed.', enum: ['COMMITTING'], example: 'COMMITTING' })
  state: 'COMMITTING';
}

/** A page of requests. */
@ApiSchema({ name: 'ErasureRequestPage', description: 'Erasure requests, the last recorded first.' })
export class ErasureRequestPageDto {
  @ApiProperty({
    description: 'The requests of this page.',
    type: [ErasureRequestDto],
    example: [ERASURE_REQUEST],
  })
  items: readonly Plain<ErasureRequestDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

export function toErasureRequestDto(request: StandingRequest): Plain<ErasureRequestDto> {
  const { patientId, state, receivedOn, channel, dueOn, overdue, deletionId } = request;
  const { recordedBy, recordedEventId, extensionReason, extendedBy, extendedEventId } = request;
  const { closingGround, closedBy, closedEventId } = request;
  return {
    requestId: request.erasureRequestId,
    patientId,
    state,
    receivedOn,
    channel,
    dueOn,
    overdue,
    recordedBy,
    recordedAt: request.recordedAt.toISOString(),
    recordedEventId,
    extensionReason,
    extendedBy,
    extendedAt: request.extendedAt?.toISOString() ?? null,
    extendedEventId,
    deletionId,
    deletedAt: request.deletedAt?.toISOString() ?? null,
    closingGround,
    closedBy,
    closedAt: request.closedAt?.toISOString() ?? null,
    closedEventId,
  };
}
