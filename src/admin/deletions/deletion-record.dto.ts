import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import {
  DELETION_REASONS,
  type DeletionReason,
  LEGAL_BASES,
  type LegalBasis,
  RESTORATION_REASONS,
  type RestorationReason,
} from '../../common/index.js';
import { type ShardCount } from '../../shards/index.js';
import type { DeletionState, PatientDeletion } from '../../patient/index.js';
import { RECORD, SHARDS } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import { PatientPath } from '../patients/patient.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';
import { ShardCountDto } from './shard-count.dto.js';

/** CLAIMED is seen by nobody outside the deletion’s own transaction. */
const STATES = ['DELETED', 'RESTORED'] as const satisfies readonly DeletionState[];

/** The deletion that a path names. */
export class DeletionPath extends PatientPath {
  @ApiProperty({
    description: 'The deletion: its id stands in the answer to it and in the list of deletions.',
    format: 'uuid',
  })
  @IsUuid()
  deletionId: string;
}

/** Which deletions. */
export class DeletionsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only deletions in this state.',
    enum: STATES,
    enumName: 'DeletionState',
  })
  @IsOptional()
  @IsIn(STATES, { message: `must be one of ${STATES.join(', ')}` })
  state?: (typeof STATES)[number];
}

/** The record of a deletion. */
@ApiSchema({ name: 'DeletionRecord', description: 'Who asked for a deletion, why, and what it took.' })
export class DeletionRecordDto {
  @ApiProperty({ description: 'The deletion.', format: 'uuid', example: RECORD.deletionId })
  deletionId: string;

  @ApiProperty({ description: 'The patient.', format: 'uuid', example: RECORD.patientId })
  patientId: string;

  @ApiProperty({
    description: 'What became of it.',
    enum: STATES,
    enumName: 'DeletionState',
    example: RECORD.state,
  })
  state: DeletionState;

  @ApiProperty({
    description: 'Why.',
    enum: DELETION_REASONS,
    enumName: 'DeletionReason',
    example: RECORD.reason,
  })
  reason: DeletionReason;

  @ApiProperty({
    description: 'The law it rests on.',
    enum: LEGAL_BASES,
    enumName: 'LegalBasis',
    example: RECORD.legalBasis,
  })
  legalBasis: LegalBasis;

  @ApiProperty({ description: 'The subject of the requester’s token.', example: RECORD.requestedBy })
  requestedBy: string;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: RECORD.requestedAt })
  requestedAt: string;

  @ApiProperty({ description: 'The request, as the log knows it.', example: RECORD.requestId })
  requestId: string;

  @ApiPropertyOptional({
    description:
      'The data subject’s request that it names; null where it names none, and missing in the answer to a restoration that ' +
      'an earlier release kept.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: RECORD.erasureRequestId,
  })
  erasureRequestId?: string | null;

  @ApiProperty({
    description: 'When it was done.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: RECORD.deletedAt,
  })
  deletedAt: string | null;

  @ApiProperty({ description: 'The rows that were deleted.', type: [ShardCountDto], example: SHARDS })
  shards: readonly ShardCount[];

  @ApiProperty({ description: 'Rows of all shards.', type: 'integer', minimum: 0, example: RECORD.totalRows })
  totalRows: number;

  @ApiProperty({
    description: 'Its audit event.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: RECORD.auditEventId,
  })
  auditEventId: string | null;

  @ApiProperty({
    description: 'When it was undone; null where it stands.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: RECORD.restoredAt,
  })
  restoredAt: string | null;

  @ApiProperty({
    description: 'The subject of the token of whoever undid it.',
    type: String,
    nullable: true,
    example: RECORD.restoredBy,
  })
  restoredBy: string | null;

  @ApiProperty({
    description: 'Why it was undone; a code.',
    type: String,
    enum: [...RESTORATION_REASONS, null],
    nullable: true,
    example: RECORD.restorationReason,
  })
  restorationReason: RestorationReason | null;

  @ApiProperty({
    description: 'The audit event of its restoration.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: RECORD.restorationEventId,
  })
  restorationEventId: string | null;
}

/** A page of deletions. */
@ApiSchema({ name: 'DeletionRecordPage', description: 'Records of deletions, newest first.' })
export class DeletionRecordPageDto {
  @ApiProperty({ description: 'The records of this page.', type: [DeletionRecordDto], example: [RECORD] })
  items: readonly Plain<DeletionRecordDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

/** Leaves out the idempotency key and the stored answer: they are the requester’s own. */
export function toDeletionRecordDto(record: PatientDeletion): Plain<DeletionRecordDto> {
  const { deletionId, patientId, state, reason, legalBasis, requestedBy, requestId, auditEventId } = record;
  return {
    deletionId,
    patientId,
    state,
    reason,
    legalBasis,
    requestedBy,
    requestedAt: record.requestedAt.toISOString(),
    requestId,
    erasureRequestId: record.erasureRequestId,
    deletedAt: record.deletedAt?.toISOString() ?? null,
    shards: record.shards ?? [],
    totalRows: Number(record.totalRows ?? 0),
    auditEventId,
    restoredAt: record.restoredAt?.toISOString() ?? null,
    restoredBy: record.restoredBy,
    restorationReason: record.restorationReason,
    restorationEventId: record.restorationEventId,
  };
}
