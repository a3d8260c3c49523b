import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import {
  BATCH_STATES,
  type BatchState,
  type BatchView,
  ITEM_STATES,
  type ItemState,
  type ItemView,
} from '../../batch/index.js';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../../common/index.js';
import { BATCH, BATCH_ITEM, BATCH_REQUEST } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';

/** Longer lists come as CSV. */
const MOST_IDS = 10_000;
const MOST_ITEMS = 1_000;
const DEFAULT_ITEMS = 100;
const LAST_LINE = 2_147_483_647;

const reason = {
  description: 'Why; a code, never free text.',
  ...{ enum: DELETION_REASONS, enumName: 'DeletionReason' },
};
const legalBasis = {
  description: 'The law it rests on: KVKK Art. 7, a ground of GDPR Art. 17(1), or another law.',
  ...{ enum: LEGAL_BASES, enumName: 'LegalBasis' },
};
const DRY_RUN = 'Every patient is only previewed, and nobody deleted, unless this is `false`.';
const ONE_OF_REASONS = { message: `must be one of ${DELETION_REASONS.join(', ')}` };
const ONE_OF_BASES = { message: `must be one of ${LEGAL_BASES.join(', ')}` };

/** A number in a query. */
const ToNumber = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value,
  );

/** The batch that a path names. */
export class BatchPath {
  @ApiProperty({ description: 'The batch.', format: 'uuid' })
  @IsUuid()
  batchId: string;
}

/** Which patients are to be deleted, and why. */
@ApiSchema({ name: 'DeletionBatchRequest', description: 'Which patients are to be deleted, and why.' })
export class DeletionBatchRequestDto {
  @ApiProperty({
    description:
      'The patients. The place of an id in this list, from 1, is its line; one that is no UUID, or comes twice, is ' +
      'reported with its line, and the others are done.',
    ...{ type: 'array', items: { type: 'string', maxLength: 100 }, minItems: 1, maxItems: MOST_IDS },
    example: BATCH_REQUEST.patientIds,
  })
  @MaxLength(100, { each: true, message: 'must each be at most 100 characters' })
  @IsString({ each: true, message: 'must each be a text' })
  @ArrayMaxSize(MOST_IDS, { message: `must be at most ${MOST_IDS}; send a longer list as text/csv` })
  @ArrayMinSize(1, { message: 'must be at least one' })
  @IsArray({ message: 'must be a list of patient ids' })
  patientIds: string[];

  @ApiProperty({ ...reason, example: BATCH_REQUEST.reason })
  @IsIn(DELETION_REASONS, ONE_OF_REASONS)
  reason: DeletionReason;

  @ApiProperty({ ...legalBasis, example: BATCH_REQUEST.legalBasis })
  @IsIn(LEGAL_BASES, ONE_OF_BASES)
  legalBasis: LegalBasis;

  @ApiPropertyOptional({ description: DRY_RUN, type: 'boolean', default: true })
  @IsBoolean({ message: 'must be true or false' })
  dryRun: boolean = true;
}

/** What a list in JSON says in its body, and one in CSV cannot. */
export class DeletionBatchQuery {
  @ApiPropertyOptional({ ...reason, description: 'Of a list in CSV, which needs it: why.' })
  @IsOptional()
  @IsIn(DELETION_REASONS, ONE_OF_REASONS)
  reason?: DeletionReason;

  @ApiPropertyOptional({
    ...legalBasis,
    description: 'Of a list in CSV, which needs it: the law it rests on.',
  })
  @IsOptional()
  @IsIn(LEGAL_BASES, ONE_OF_BASES)
  legalBasis?: LegalBasis;

  @ApiPropertyOptional({
    description: `Of a list in CSV. ${DRY_RUN}`,
    ...{ type: 'boolean', default: true },
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  dryRun?: boolean;
}

/** Which batches. */
export class DeletionBatchesQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only batches in this state.',
    ...{ enum: BATCH_STATES, enumName: 'DeletionBatchState' },
  })
  @IsOptional()
  @IsIn(BATCH_STATES, { message: `must be one of ${BATCH_STATES.join(', ')}` })
  state?: BatchState;
}

/** Which lines of a batch. */
export class DeletionBatchItemsQuery {
  @ApiPropertyOptional({
    description: 'Only lines in this state.',
    ...{ enum: ITEM_STATES, enumName: 'DeletionBatchItemState' },
  })
  @IsOptional()
  @IsIn(ITEM_STATES, { message: `must be one of ${ITEM_STATES.join(', ')}` })
  state?: ItemState;

  @ApiPropertyOptional({
    description: '`nextCursor` of the page before: only lines behind this one.',
    ...{ type: 'integer', minimum: 0, maximum: LAST_LINE },
  })
  @IsOptional()
  @ToNumber()
  @Max(LAST_LINE, { message: 'must be the nextCursor of a page' })
  @Min(0, { message: 'must be the nextCursor of a page' })
  @IsInt({ message: 'must be the nextCursor of a page' })
  cursor?: number;

  @ApiPropertyOptional({
    description: 'At most so many lines.',
    ...{ type: 'integer', minimum: 1, maximum: MOST_ITEMS, default: DEFAULT_ITEMS },
  })
  @ToNumber()
  @Max(MOST_ITEMS, { message: `must be at most ${MOST_ITEMS}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_ITEMS;
}

const number = (description: string, example: number) => ({
  ...{ description, example, minimum: 0 },
  type: 'integer' as const,
});

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

  @ApiProperty(number('No patient id.', BATCH.counts.INVALID))
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
    ...{ enum: BATCH_STATES, enumName: 'DeletionBatchState', example: BATCH.state },
  })
  state: BatchState;

  @ApiProperty({ description: 'Whether every patient is only previewed.', example: BATCH.dryRun })
  dryRun: boolean;

  @ApiProperty({
    description: 'The dry run that this batch carries out; null where it was made of a list.',
    ...{ type: String, format: 'uuid', nullable: true, example: BATCH.dryRunId },
  })
  dryRunId: string | null;

  @ApiProperty({
    description: 'The batch that carries out this dry run; null where there is none.',
    ...{ type: String, format: 'uuid', nullable: true, example: BATCH.executionId },
  })
  executionId: string | null;

  @ApiProperty({ ...reason, example: BATCH.reason })
  reason: DeletionReason;

  @ApiProperty({ ...legalBasis, example: BATCH.legalBasis })
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
    ...{ type: String, format: 'date-time', nullable: true, example: BATCH.startedAt },
  })
  startedAt: string | null;

  @ApiProperty({
    description: 'When its last line ended.',
    ...{ type: String, format: 'date-time', nullable: true, example: BATCH.endedAt },
  })
  endedAt: string | null;

  @ApiProperty(number('Lines of the list; blank ones and the header are none.', BATCH.lines))
  lines: number;

  @ApiProperty(number('Lines that have ended.', BATCH.finished))
  finished: number;

  @ApiProperty({
    description: 'The part that has ended, from 0 to 1.',
    ...{ minimum: 0, maximum: 1, example: BATCH.progress },
  })
  progress: number;

  @ApiProperty({ description: 'Lines by state.', type: DeletionBatchCountsDto, example: BATCH.counts })
  counts: Plain<DeletionBatchCountsDto>;

  @ApiProperty(number('Rows of all shards: deleted, or in a dry run to be deleted.', BATCH.totalRows))
  totalRows: number;

  @ApiProperty({
    ...number('Patients a minute over the last minute at most; null where nothing moves.', 1),
    ...{ nullable: true, example: BATCH.ratePerMinute },
  })
  ratePerMinute: number | null;

  @ApiProperty({
    ...number('Seconds left at this rate; null where it is not known.', 1),
    ...{ nullable: true, example: BATCH.secondsLeft },
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

/** One line of a batch. */
@ApiSchema({ name: 'DeletionBatchItem', description: 'One line of a batch and what became of it.' })
export class DeletionBatchItemDto {
  @ApiProperty({
    ...number('Line of the list, from 1; in a CSV the header is one.', BATCH_ITEM.line),
    minimum: 1,
  })
  line: number;

  @ApiProperty({
    description: 'The patient; null where the line holds no patient id.',
    ...{ type: String, format: 'uuid', nullable: true, example: BATCH_ITEM.patientId },
  })
  patientId: string | null;

  @ApiProperty({
    ...number('Of a duplicate: the line on which the patient stands first.', 1),
    ...{ nullable: true, example: BATCH_ITEM.firstLine },
  })
  firstLine: number | null;

  @ApiProperty({
    description: 'How it stands, or how it ended.',
    ...{ enum: ITEM_STATES, enumName: 'DeletionBatchItemState', example: BATCH_ITEM.state },
  })
  state: ItemState;

  @ApiProperty({
    description:
      'Code of the problem, as a single deletion would have been answered; null where there was none.',
    ...{ type: String, nullable: true, example: BATCH_ITEM.code },
  })
  code: string | null;

  @ApiProperty({ description: 'The same in a sentence.', example: BATCH_ITEM.detail })
  detail: string;

  @ApiProperty({
    description: 'The deletion, where the patient is deleted; null where Silgi has none on record.',
    ...{ type: String, format: 'uuid', nullable: true, example: BATCH_ITEM.deletionId },
  })
  deletionId: string | null;

  @ApiProperty({
    ...number('Rows of all shards: deleted, or in a dry run to be deleted.', 1),
    ...{ nullable: true, example: BATCH_ITEM.totalRows },
  })
  totalRows: number | null;

  @ApiProperty(number('How often it was tried.', BATCH_ITEM.attempts))
  attempts: number;

  @ApiProperty({
    description: 'When it ended.',
    ...{ type: String, format: 'date-time', nullable: true, example: BATCH_ITEM.finishedAt },
  })
  finishedAt: string | null;
}

/** A page of lines. */
@ApiSchema({ name: 'DeletionBatchItemPage', description: 'Lines of a batch in their order.' })
export class DeletionBatchItemPageDto {
  @ApiProperty({
    description: 'The lines of this page.',
    type: [DeletionBatchItemDto],
    example: [BATCH_ITEM],
  })
  items: readonly Plain<DeletionBatchItemDto>[];

  @ApiProperty({
    ...number('Ask for the next page with it; null where there is none.', 1),
    ...{ nullable: true, example: null },
  })
  nextCursor: number | null;
}

/** What has happened since an event. */
@ApiSchema({ name: 'DeletionBatchEvents', description: 'What has happened in a batch since an event.' })
export class DeletionBatchEventsDto {
  @ApiProperty(number('Send it as `Last-Event-ID` to learn what comes next.', 2_510))
  lastEventId: number;

  @ApiProperty({
    description: 'Lines that have ended since, in the order in which they did; at most 500.',
    ...{ type: [DeletionBatchItemDto], example: [BATCH_ITEM] },
  })
  outcomes: readonly Plain<DeletionBatchItemDto>[];

  @ApiProperty({ description: 'How the batch goes.', type: DeletionBatchDto, example: BATCH })
  progress: Plain<DeletionBatchDto>;
}

export function toBatchDto(batch: BatchView): Plain<DeletionBatchDto> {
  const { batchId, state, dryRun, dryRunId, executionId, lines, finished, running } = batch;
  const none = Object.fromEntries(ITEM_STATES.map((name) => [name, 0])) as Record<ItemState, number>;
  return {
    ...{ batchId, state, dryRun, dryRunId, executionId },
    ...{ reason: batch.reason, legalBasis: batch.legalBasis },
    ...{ requestedBy: batch.requestedBy, requestedAt: batch.requestedAt.toISOString() },
    requestId: batch.requestId,
    startedAt: batch.startedAt?.toISOString() ?? null,
    endedAt: batch.endedAt?.toISOString() ?? null,
    ...{ lines, finished },
    progress: lines === 0 ? 1 : Math.floor((finished / lines) * 10_000) / 10_000,
    counts: {
      ...none,
      ...batch.counts,
      ...{ PENDING: Math.max(0, lines - finished - running), RUNNING: running },
    },
    totalRows: Number(batch.totalRows),
    ...{ ratePerMinute: batch.ratePerMinute, secondsLeft: batch.secondsLeft },
  };
}

export function toItemDto(item: ItemView): Plain<DeletionBatchItemDto> {
  const { line, patientId, firstLine, state, code, detail, deletionId, totalRows, attempts } = item;
  return {
    ...{ line, patientId, firstLine, state, code, detail, deletionId, totalRows, attempts },
    finishedAt: item.finishedAt?.toISOString() ?? null,
  };
}
