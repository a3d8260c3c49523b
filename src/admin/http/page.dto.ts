import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsUuid } from './request.validation.js';

const DEFAULT_LIMIT = 50;
/** So many items a page has at most. */
export const LONGEST_PAGE = 200;
const WHOLE_NUMBER = /^\d{1,4}$/;

/** Which page of a list. */
export class PageQuery {
  @ApiPropertyOptional({
    description: '`nextCursor` of the page before; without it, the first page.',
    format: 'uuid',
  })
  @IsOptional()
  @IsUuid()
  cursor?: string;

  @ApiPropertyOptional({
    description: 'At most so many items.',
    type: 'integer',
    minimum: 1,
    maximum: LONGEST_PAGE,
    default: DEFAULT_LIMIT,
  })
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value,
  )
  @Max(LONGEST_PAGE, { message: `must be at most ${LONGEST_PAGE}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_LIMIT;
}

/** A page of a list: `nextCursor` is null on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** How every page describes its cursor. */
export const NEXT_CURSOR = {
  description: 'Ask for the next page with it; null where there is none.',
  type: String,
  format: 'uuid',
  nullable: true,
  example: null,
};

/**
 * Makes a page of items that were asked for with one more than fit, which tells whether another page follows.
 *
 * @param idOf the UUID by which a list goes on after an item; never a name, since URLs get logged
 */
export function pageOf<T>(items: readonly T[], limit: number, idOf: (item: T) => string): Page<T> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, nextCursor: items.length > limit && last !== undefined ? idOf(last) : null };
}
