import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { AuditAction, AuditedFailure, AuditEvent } from '../../audit/index.js';
import type { RequestedVia } from '../../common/index.js';
import { type ShardCount, SHARDS, type ShardName } from '../../shards/index.js';
import { RESTORATION_REFUSALS } from '../../orchestrator/index.js';
import type { Phase } from '../../protocol/index.js';
import { AUDIT_EVENT, FAILURE, SHARDS as PURGED } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';
import { ShardCountDto } from '../deletions/shard-count.dto.js';

/** What an audit event may be about. */
export const AUDIT_ACTIONS = [
  'SYSTEM_DELETE_PATIENT',
  'SYSTEM_DELETE_PATIENT_FAILED',
  'SYSTEM_RESTORE_PATIENT',
  'SYSTEM_RESTORE_PATIENT_FAILED',
  'SYSTEM_PLACE_LEGAL_HOLD',
  'SYSTEM_RELEASE_LEGAL_HOLD',
  'SYSTEM_RECORD_ERASURE_REQUEST',
  'SYSTEM_EXTEND_ERASURE_REQUEST',
  'SYSTEM_REFUSE_ERASURE_REQUEST',
  'SYSTEM_WITHDRAW_ERASURE_REQUEST',
  'DELETED_PATIENT_READ',
] as const satisfies readonly AuditAction[];

/** The audit event that a path names. */
export class AuditEventPath {
  @ApiProperty({
    description: 'The audit event: its id stands in the answer to a deletion and in the list of events.',
    format: 'uuid',
  })
  @IsUuid()
  auditEventId: string;
}

/** Which audit events. */
export class AuditEventsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only events about this patient.', format: 'uuid' })
  @IsOptional()
  @IsUuid()
  patientId?: string;

  @ApiPropertyOptional({
    description: 'Only events of this kind.',
    enum: AUDIT_ACTIONS,
    enumName: 'AuditAction',
  })
  @IsOptional()
  @IsIn(AUDIT_ACTIONS, { message: `must be one of ${AUDIT_ACTIONS.join(', ')}` })
  action?: AuditAction;
}

/** How a failed attempt ended. */
@ApiSchema({
  name: 'AuditedFailure',
  description: 'How a failed attempt ended: its code and how far it came.',
})
export class AuditedFailureDto implements AuditedFailure {
  @ApiProperty({ description: 'The code of the problem.', example: FAILURE.code })
  code: string;

  @ApiPropertyOptional({
    description: 'Why a restoration was refused.',
    enum: RESTORATION_REFUSALS,
    enumName: 'RestorationRefusal',
    example: 'VETOED',
  })
  refusal?: string;

  @ApiPropertyOptional({
    description: 'The phase of the protocol.',
    enum: ['PREPARE', 'EXECUTE', 'COMMIT'],
    enumName: 'Phase',
    example: FAILURE.phase,
  })
  phase?: Phase;

  @ApiPropertyOptional({ description: 'The shard.', enum: SHARDS, enumName: 'Shard', example: FAILURE.shard })
  shard?: ShardName;

  @ApiPropertyOptional({ description: 'The step of the protocol.', example: FAILURE.step })
  step?: string;

  @ApiPropertyOptional({ description: 'The table, where it is known.', example: FAILURE.table })
  table?: string;
}

/** How an actor is known. */
@ApiSchema({
  name: 'ActorSource',
  description: 'How an actor is known: by a token, or by the login at a terminal.',
})
export class ActorSourceDto {
  @ApiProperty({ description: 'Which of the two.', enum: ['TOKEN', 'TERMINAL'], example: 'TOKEN' })
  kind: 'TOKEN' | 'TERMINAL';

  @ApiPropertyOptional({ description: 'Of a token: its issuer.', example: 'https://id.hospital.example' })
  issuer?: string;

  @ApiPropertyOptional({ description: 'Of a terminal: the login of the database.', example: 'silgi_admin' })
  databaseLogin?: string;

  @ApiPropertyOptional({
    description: 'Of a terminal: in whose name the user said to act. Nobody has checked it.',
    type: String,
    nullable: true,
    example: null,
  })
  claimedName?: string | null;
}

/** An event of the audit log. */
@ApiSchema({ name: 'AuditEvent', description: 'An event of the append-only log. It holds no health data.' })
export class AuditEventDto {
  @ApiProperty({ description: 'The event.', format: 'uuid', example: AUDIT_EVENT.auditEventId })
  auditEventId: string;

  @ApiProperty({ description: 'The patient.', format: 'uuid', example: AUDIT_EVENT.patientId })
  patientId: string;

  @ApiProperty({
    description:
      'What was done, or tried: a deletion or the restoration of one, such a thing that failed, a legal hold that was ' +
      'placed or released, a data subject’s request that was recorded, extended, refused or withdrawn, or that a deleted ' +
      'patient’s name was shown.',
    enum: AUDIT_ACTIONS,
    enumName: 'AuditAction',
    example: AUDIT_EVENT.action,
  })
  action: AuditAction;

  @ApiProperty({
    description: 'The subject of the requester’s token, or at a terminal the user of the operating system.',
    example: AUDIT_EVENT.actor,
  })
  actor: string;

  @ApiProperty({
    description: 'How the actor is known; null for events from before it was kept.',
    type: ActorSourceDto,
    nullable: true,
    example: AUDIT_EVENT.actorSource,
  })
  actorSource: RequestedVia | null;

  @ApiProperty({
    description: 'The role under which it was allowed; null at a terminal, and where it was not kept.',
    type: String,
    nullable: true,
    example: AUDIT_EVENT.actorRole,
  })
  actorRole: string | null;

  @ApiProperty({ description: 'Why; a code.', type: String, nullable: true, example: AUDIT_EVENT.reason })
  reason: string | null;

  @ApiProperty({
    description: 'The law it rests on; a code.',
    type: String,
    nullable: true,
    example: AUDIT_EVENT.legalBasis,
  })
  legalBasis: string | null;

  @ApiProperty({
    description:
      'The deletion; of a read, a legal hold or a request, the one that hid the patient, and the UUID of zeros where there ' +
      'was none.',
    format: 'uuid',
    example: AUDIT_EVENT.deletionId,
  })
  deletionId: string;

  @ApiProperty({
    description:
      'The rows that were deleted, or came back; null for a failed attempt, a legal hold, a request and a read.',
    type: [ShardCountDto],
    nullable: true,
    example: PURGED,
  })
  purged: readonly ShardCount[] | null;

  @ApiProperty({
    description: 'How a failed attempt ended; null otherwise.',
    type: AuditedFailureDto,
    nullable: true,
    example: null,
  })
  failure: AuditedFailure | null;

  @ApiProperty({ description: 'The request, as the log knows it.', example: AUDIT_EVENT.requestId })
  requestId: string;

  @ApiProperty({
    description: 'When it was asked for, in UTC; null for events from before it was kept.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: AUDIT_EVENT.requestedAt,
  })
  requestedAt: string | null;

  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: AUDIT_EVENT.occurredAt })
  occurredAt: string;
}

/** A page of audit events. */
@ApiSchema({ name: 'AuditEventPage', description: 'Audit events, newest first.' })
export class AuditEventPageDto {
  @ApiProperty({ description: 'The events of this page.', type: [AuditEventDto], example: [AUDIT_EVENT] })
  items: readonly Plain<AuditEventDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

export function toAuditEventDto(event: AuditEvent): Plain<AuditEventDto> {
  const { auditEventId, patientId, action, actor, reason, legalBasis, deletionId, purged, failure } = event;
  return {
    auditEventId,
    patientId,
    action,
    actor,
    reason,
    legalBasis,
    deletionId,
    purged,
    failure,
    actorRole: event.actorRole,
    actorSource: event.actorSource,
    requestedAt: event.requestedAt?.toISOString() ?? null,
    requestId: event.requestId,
    occurredAt: event.occurredAt.toISOString(),
  };
}
