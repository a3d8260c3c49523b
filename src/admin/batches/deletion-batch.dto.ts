import { legalBasisProperty, reasonProperty } from './batch-request.dto.js';
import { DeletionBatchItemDto, number } from './batch-item.dto.js';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import {
  BATCH_STATES,
  type BatchState,
  type BatchView,
  ITEM_STATES,
  type ItemState,
} from '../../batch/index.js';
import { type DeletionReason, type LegalBasis } from '../../common/index.js';
import { BATCH, BATCH_ITEM } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';

/** The batch that a path names. */
export class BatchPath {
  @ApiProperty({
    description: 'The batch: its id stands in the answer that made it and in the list of batches.',
    format: 'uuid',
  })
  @IsUuid()
  batchId: string;
}

/** Which batches. */
export class DeletionBatchesQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only batches in this state.',
    enum: BATCH_STATES,
    enumName: 'DeletionBatchState',
  })
  @IsOptional()
  @IsIn(BATCH_STATES, { message: `must be one of ${BATCH_STATES.join(', ')}` })
  state?: BatchState;
}

/** How many lines are in each state. */
@ApiSchema({ name: 'DeletionBatchCounts', description: 'How many lines are in each state.' })
export class DeletionBatchCountsDto implements Record<ItemState, number> {
  @ApiProperty(number('Not begun.', BATCH.counts.PENDING))
  PENDING: number;

  @ApiProperty(number('At work.', BATCH.counts.RUNNING))
  RUNNING: number;

  @ApiProperty(number('Deleted.', BATCH.counts.DELETED))
  DELETED: number;

  @ApiProperty(number('Dry run: would be deleted.', BATCH.counts.WOULD_DELETE))
  WOULD_DELETE: number;

  @ApiProperty(number('Had been deleted before.', BATCH.counts.ALREADY_DELETED))
  ALREADY_DELETED: number;

  @ApiProperty(number('No patient has this id.', BATCH.counts.NOT_FOUND))
  NOT_FOUND: number;

  @ApiProperty(number('A shard refused.', BATCH.counts.VETOED))
  VETOED: number;

  @ApiProperty(number('Failed and rolled back; can be tried again.', BATCH.counts.FAILED))
  FAILED: number;

  @ApiProperty(number('Not begun when the batch was cancelled.', BATCH.counts.CANCELLED))
  CANCELLED: number;

  @ApiProperty(number('Names no patient.', BATCH.counts.INVALID))
  INVALID: number;

  @ApiProperty(number('Stands on an earlier line already.', BATCH.counts.DUPLICATE))
  DUPLICATE: number;
}

/** A batch of deletions. */
@ApiSchema({ name: 'DeletionBatch', description: 'A batch of deletions, and how it goes.' })
export class DeletionBatchDto {
  @ApiProperty({ description: 'The batch.', format: 'uuid', example: BATCH.batchId })
  batchId: string;

  @ApiProperty({
    description: 'How it stands; CANCELLED and COMPLETED are ends.',
    enum: BATCH_STATES,
    enumName: 'DeletionBatchState',
    example: BATCH.state,
  })
  state: BatchState;

  @ApiProperty({ description: 'Whether every patient is only previewed.', example: BATCH.dryRun })
  dryRun: boolean;

  @ApiProperty({
    description: 'The dry run that this batch carries out; null where it was made of a list.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: BATCH.dryRunId,
  })
  dryRunId: string | null;

  @ApiProperty({
    description: 'The batch that carries out this dry run; null where there is none.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: BATCH.executionId,
  })
  executionId: string | null;

  @ApiProperty({ ...reasonProperty, example: BATCH.reason })
  reason: DeletionReason;

  @ApiProperty({ ...legalBasisProperty, example: BATCH.legalBasis })
  legalBasis: LegalBasis;

  @ApiProperty({ description: 'The subject of the requester’s token.', example: BATCH.requestedBy })
  requestedBy: string;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: BATCH.requestedAt })
  requestedAt: string;

  @ApiProperty({
    description: 'The request, as the log and the audit events of its deletions know it.',
    example: BATCH.requestId,
  })
  requestId: string;

  @ApiProperty({
    description: 'When its first line was taken.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: BATCH.startedAt,
  })
  startedAt: string | null;

  @ApiProperty({
    description: 'When its last line ended.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: BATCH.endedAt,
  })
  endedAt: string | null;

  @ApiProperty(number('Lines of the list; blank ones and the header are none.', BATCH.lines))
  lines: number;

  @ApiProperty(number('Lines that have ended.', BATCH.finished))
  finished: number;

  @ApiProperty({
    description: 'The part that has ended, from 0 to 1.',
    minimum: 0,
    maximum: 1,
    example: BATCH.progress,
  })
  progress: number;

  @ApiProperty({ description: 'Lines by state.', type: DeletionBatchCountsDto, example: BATCH.counts })
  counts: Plain<DeletionBatchCountsDto>;

  @ApiProperty(number('Rows of all shards: deleted, or in a dry run to be deleted.', BATCH.totalRows))
  totalRows: number;

  @ApiProperty({
    ...number('Patients a minute over the last minute at most; null where nothing moves.', 1),
    nullable: true,
    example: BATCH.ratePerMinute,
  })
  ratePerMinute: number | null;

  @ApiProperty({
    ...number('Seconds left at this rate; null where it is not known.', 1),
    nullable: true,
    example: BATCH.secondsLeft,
  })
  secondsLeft: number | null;
}

/** A page of batches. */
@ApiSchema({ name: 'DeletionBatchPage', description: 'Batches of deletions, newest first.' })
export class DeletionBatchPageDto {
  @ApiProperty({ description: 'The batches of this page.', type: [DeletionBatchDto], example: [BATCH] })
  items: readonly Plain<DeletionBatchDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

/** What has happened since an event. */
@ApiSchema({ name: 'DeletionBatchEvents', description: 'What has happened in a batch since an event.' })
export class DeletionBatchEventsDto {
  @ApiProperty(number('Send it as `Last-Event-ID` to learn what comes next.', 2_510))
  lastEventId: number;

  @ApiProperty({
    description: 'Lines that have ended since, in the order in which they did; at most 500.',
    type: [DeletionBatchItemDto],
    example: [BATCH_ITEM],
  })
  outcomes: readonly Plain<DeletionBatchItemDto>[];

  @ApiProperty({ description: 'How the batch goes.', type: DeletionBatchDto, example: BATCH })
  progress: Plain<DeletionBatchDto>;
}

export function toBatchDto(batch: BatchView): Plain<DeletionBatchDto> {
  const { batchId, state, dryRun, dryRunId, executionId, lines, finished, running } = batch;
  const none = Object.fromEntries(ITEM_STATES.map((name) => [name, 0])) as Record<ItemState, number>;
  return {
    batchId,
    state,
    dryRun,
    dryRunId,
    executionId,
    reason: batch.reason,
    legalBasis: batch.legalBasis,
    requestedBy: batch.requestedBy,
    requestedAt: batch.requestedAt.toISOString(),
    requestId: batch.requestId,
    startedAt: batch.startedAt?.toISOString() ?? null,
    endedAt: batch.endedAt?.toISOString() ?? null,
    lines,
    finished,
    progress: lines === 0 ? 1 : Math.floor((finished / lines) * 10_000) / 10_000,
    counts: {
      ...none,
      ...batch.counts,
      PENDING: Math.max(0, lines - finished - running),
      RUNNING: running,
    },
    totalRows: Number(batch.totalRows),
    ratePerMinute: batch.ratePerMinute,
    secondsLeft: batch.secondsLeft,
  };
}
