import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ITEM_STATES, type ItemState, type ItemView } from '../../batch/index.js';
import { BATCH_ITEM } from '../http/examples.js';
import type { Plain } from '../http/plain.js';

const MOST_ITEMS = 1_000;
const DEFAULT_ITEMS = 100;
const LAST_LINE = 2_147_483_647;

/** A number in a query. */
const ToNumber = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value,
  );

/** Which lines of a batch. */
export class DeletionBatchItemsQuery {
  @ApiPropertyOptional({
    description: 'Only lines in this state.',
    enum: ITEM_STATES,
    enumName: 'DeletionBatchItemState',
  })
  @IsOptional()
  @IsIn(ITEM_STATES, { message: `must be one of ${ITEM_STATES.join(', ')}` })
  state?: ItemState;

  @ApiPropertyOptional({
    description: '`nextCursor` of the page before: only lines behind this one.',
    type: 'integer',
    minimum: 0,
    maximum: LAST_LINE,
  })
  @IsOptional()
  @ToNumber()
  @Max(LAST_LINE, { message: 'must be the nextCursor of a page' })
  @Min(0, { message: 'must be the nextCursor of a page' })
  @IsInt({ message: 'must be the nextCursor of a page' })
  cursor?: number;

  @ApiPropertyOptional({
    description: 'At most so many lines.',
    type: 'integer',
    minimum: 1,
    maximum: MOST_ITEMS,
    default: DEFAULT_ITEMS,
  })
  @ToNumber()
  @Max(MOST_ITEMS, { message: `must be at most ${MOST_ITEMS}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_ITEMS;
}

/** A count or a place, never negative. */
export const number = (description: string, example: number) => ({
  description,
  example,
  minimum: 0,
  type: 'integer' as const,
});

/** One line of a batch. */
@ApiSchema({ name: 'DeletionBatchItem', description: 'One line of a batch and what became of it.' })
export class DeletionBatchItemDto {
  @ApiProperty({
    ...number('Line of the list, from 1; in a CSV the header is one.', BATCH_ITEM.line),
    minimum: 1,
  })
  line: number;

  @ApiProperty({
    description: 'The patient; null where the line names none.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: BATCH_ITEM.patientId,
  })
  patientId: string | null;

  @ApiProperty({
    ...number('Of a duplicate: the line on which the patient stands first.', 1),
    nullable: true,
    example: BATCH_ITEM.firstLine,
  })
  firstLine: number | null;

  @ApiProperty({
    description: 'How it stands, or how it ended.',
    enum: ITEM_STATES,
    enumName: 'DeletionBatchItemState',
    example: BATCH_ITEM.state,
  })
  state: ItemState;

  @ApiProperty({
    description:
      'Code of the problem, as a single deletion would have been answered; null where there was none.',
    type: String,
    nullable: true,
    example: BATCH_ITEM.code,
  })
  code: string | null;

  @ApiProperty({ description: 'The same in a sentence.', example: BATCH_ITEM.detail })
  detail: string;

  @ApiProperty({
    description: 'The deletion, where the patient is deleted; null where Silgi has none on record.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: BATCH_ITEM.deletionId,
  })
  deletionId: string | null;

  @ApiProperty({
    ...number('Rows of all shards: deleted, or in a dry run to be deleted.', 1),
    nullable: true,
    example: BATCH_ITEM.totalRows,
  })
  totalRows: number | null;

  @ApiProperty(number('How often it was tried.', BATCH_ITEM.attempts))
  attempts: number;

  @ApiProperty({
    description: 'When it ended.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: BATCH_ITEM.finishedAt,
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
    nullable: true,
    example: null,
  })
  nextCursor: number | null;
}

export function toItemDto(item: ItemView): Plain<DeletionBatchItemDto> {
  const { line, patientId, firstLine, state, code, detail, deletionId, totalRows, attempts } = item;
  return {
    line,
    patientId,
    firstLine,
    state,
    code,
    detail,
    deletionId,
    totalRows,
    attempts,
    finishedAt: item.finishedAt?.toISOString() ?? null,
  };
}
